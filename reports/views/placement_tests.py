from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients import lacking
from clients.models import ON_ITS_WAY, Client, Connection, PlacementTest, TestKind, TestOrder, TestSender
from clients.ordering import automating, choosing, steering, wording
from clients.sending import seeding
from reports import absences, headlines, left_out, placement_test
from reports.frame import client_page, find_client, may_probe, vendors_with
from reports.listing import offers, placement_test_lines, test_states
from reports.listing import placement_tests as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.queries import freshness
from reports.queries.placement_test import naming_foreign
from reports.saved_views import with_saved_views
from reports.scope import Scope

SHOWN = ("tests", "workspaces")  # the feeds that the list is of
SENDERS = 100  # on a page of a test's matrix


@gzip_page
@require_safe
@member_view()
@with_saved_views("client-tests")
def tests(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET, days=30).narrowed(client="", test="", day="")
    accounts = [
        account for account in freshness.accounts(scope, parted=True, feeds=SHOWN) if account.vendor in vendors_with("tests")
    ]
    sort = Sort.read(scope.filters.sort, listing.sorts(scope), listing.DEFAULT_SORT)
    may_manage = request.member.may(Role.MANAGER)
    found = page_of(test_states.with_asked(listing.tests(scope).select_related("connection")), sort, request.GET)
    left = {(one.connection_id, one.external_id) for one in choosing.who_left(account.pk for account in accounts)}
    parts = listing.figures(scope, found.rows), listing.in_tests(scope, found.rows)
    lines = placement_test_lines.lines(client, found.rows, *parts, may_steer=may_manage, left=left)
    steers = any(line.acts for line in lines)
    columns = placement_test_lines.columns(steers=steers)
    orders = _on_their_way(client) if may_manage else []
    context: dict[str, Any] = {
        "filters": ListFilters(
            scope, offers.of_tests(scope), search="Name, subject, sender", window=True, sorts=(columns, listing.DEFAULT_SORT)
        ),
        "filtered": scope.filters.any,
        "scope": scope,
        "banners": [*headlines.client_banners(accounts, timezone.now()), *left_out.banners(client, accounts, SHOWN)],
        "updated": headlines.updated(accounts, timezone.now()),
        "found": found,
        "lines": lines,
        "steers": steers,
        # The page looks again by itself while something is on its way.
        "moving": bool(orders) or any(line.moves for line in lines) or _is_first_sync(accounts),
        "heads": heads(columns, sort, request.GET.dict()),
        "export_query": scope.querystring(),
        "may_make": may_manage and not client.is_archived,
        "accounts_make": may_manage and _can_be_made(client, accounts, left),
        "orders": orders,
        "read_only": lacking.known((row.connection for row in found.rows), lacking.TESTS) if may_manage else [],
    }
    if not found.rows:
        context |= _absence(request, scope, accounts)
    return client_page(request, client, "reports/tests.html", context, tab="client-tests")


def _can_be_made(client: Client, accounts: list[freshness.Account], left: set[tuple[int, str]]) -> bool:
    """`left`: workspaces that are no longer in the group of their key."""
    able = {one.pk for one in accounts if one.vendor in choosing.MAKERS and not (one.refused or one.lacking)}
    if not left:
        return bool(able)
    places = choosing.places(client) if able else []
    return any(place.connection.pk in able and (place.connection.pk, place.workspace) not in left for place in places)


def _is_first_sync(accounts: list[freshness.Account]) -> bool:
    return any(account.last_ok is None and not (account.refused or account.lacking) for account in accounts)


def _on_their_way(client: Client) -> list[TestOrder]:
    return list(TestOrder.objects.filter(client=client, state__in=ON_ITS_WAY).order_by("pk"))


def _absence(request: AgencyRequest, scope: Scope, accounts: list[freshness.Account]) -> dict[str, Any]:
    """Why there is nothing to list."""
    first = absences.first(accounts, request.member, "tests", "tests")
    return {
        "accounts": accounts,
        "removed": not accounts and Connection.objects.removed().filter(scopes__client__in=scope.clients).exists(),
        "unread": first.unread,
        "reading": first.reading,
        "has_tests": TestSender.objects.filter(client__in=scope.clients).exists(),
    }


@gzip_page
@require_safe
@member_view()
def test(request: AgencyRequest, slug: str, uuid: UUID) -> HttpResponse:
    client = find_client(request, slug)
    found = _test(client, uuid)
    # A viewer may know nothing of the agency's other clients, whose mailboxes may be among the foreign ones.
    foreign = [] if request.member.role == Role.VIEWER else [*filter(None, (found.foreign_names or "").split("|"))]
    shown = placement_test.page(found, client, listing.day_of(request.GET.get("day", "")), foreign)
    probes = seeding.probes_of(found, client) if found.is_outside else None
    context = {
        "test": found,
        "kind": placement_test_lines.kind(found),
        "status": placement_test_lines.status(found.status),
        "tone": placement_test_lines.TONES.get(found.status, ""),
        "held": test_states.held(found),
        "shown": shown,
        "may_probe": not found.gone_at and bool(seeding.of_test(found)) and may_probe(request.member, client),
        "page": Paginator(shown.matrix.rows, SENDERS).get_page(request.GET.get("page")),
        "export_query": f"?day={shown.day.isoformat()}" if shown.days and shown.day else "",
        **_steering(found),
        "probes": probes,
        "all_written": probes is not None and sum(probes.values()) >= len(seeding.of_test(found)),
    }
    return client_page(request, client, "reports/test.html", context, tab="client-tests", part="results")


@require_safe
@member_view()
def progress(request: AgencyRequest, slug: str, uuid: UUID) -> HttpResponse:
    """The bar alone, asked for while results come in; tells the page when there are new ones to show."""
    client = find_client(request, slug)
    found = _test(client, uuid)
    if not request.htmx:
        return redirect("test", client.slug, found.uuid)
    now_at, mark = placement_test.so_far(found, client)
    context = {"client": client, "test": found, "progress": now_at, "moves": placement_test.moves(found, now_at), "mark": mark}
    response = render(request, "reports/test.html#progress", context)
    if request.GET.get("seen") != mark:
        trigger_client_event(response, "rows:new", after="settle")
    return response


def _steering(test: PlacementTest) -> dict[str, Any]:
    """What may be done to it, when it runs, what its vendor does then, and how mail gets into one that it does not send."""
    if not choosing.can_make(test.connection):
        return {}
    made = test.connection.vendor_class.recipe_of(test.raw)
    barred = choosing.barred(test.connection, test.workspace)
    return {
        "barred": barred,
        "sent": wording.sent(made, test.connection.vendor_class.label),
        "refused": lacking.refused(test.connection, lacking.TESTS),
        "steerable": not barred,
        "schedule": steering.told(made.schedule) if made.schedule and test.kind == TestKind.AUTOMATED else "",
        "automations": automating.sentences(made, automating.names(test, made)) if test.kind == TestKind.AUTOMATED else None,
        "outside": made if made.outside else None,
        "seeds": "\n".join(made.recipients),
    }


def _test(client: Client, uuid: UUID) -> Any:
    """With `foreign_names` and `asked_at`."""
    tests = test_states.with_asked(PlacementTest.objects.of_client(client).select_related("connection"))
    return get_object_or_404(naming_foreign(tests), uuid=uuid, connection__agency=client.agency_id)
