from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from clients.models import Broadcast, MailboxProvider
from reports import absences
from reports.charts.domains import domains
from reports.frame import client_page, find_client, has_no_account
from reports.listing import broadcast_lines, offers
from reports.listing import broadcasts as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.saved_views import with_saved_views
from reports.scope import Scope


@gzip_page
@require_safe
@member_view()
@with_saved_views("client-broadcasts")
def broadcasts(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET, days=30)
    sort = Sort.read(scope.filters.sort, listing.sorts(), listing.DEFAULT_SORT)
    origins = listing.origins(scope)
    accounts = broadcast_lines.several(origins.accounts)
    columns = broadcast_lines.columns(accounts)
    found = page_of(listing.broadcasts(scope).annotate(test_uuid=F("test__uuid")), sort, request.GET)
    context = {
        "filters": ListFilters(
            scope,
            offers.of_broadcasts(scope, origins.domains),
            search="Subject, sender",
            window=True,
            sorts=(columns, listing.DEFAULT_SORT),
        ),
        "filtered": scope.filters.any,
        "scope": scope,
        "at": dict(MailboxProvider.choices).get(scope.filters.mailbox_provider, ""),
        "found": found,
        "no_account": not found.rows and has_no_account(client),
        "unreadable": "" if found.rows else absences.cannot_be_read(client, "broadcasts"),
        "by_account": bool(accounts),
        "lines": broadcast_lines.lines(client, found.rows, accounts),
        "heads": heads(columns, sort, request.GET.dict()),
        "export_query": scope.querystring(),
    }
    return client_page(request, client, "reports/broadcasts.html", context, tab="client-broadcasts")


@require_safe
@member_view()
def broadcast(request: AgencyRequest, slug: str, uuid: UUID) -> HttpResponse:
    client = find_client(request, slug)
    found = get_object_or_404(Broadcast.objects.select_related("connection", "test"), uuid=uuid, client=client)
    placements = broadcast_lines.in_order(found.placements.all())
    total = broadcast_lines.counts_of(found)
    bars = [(row.get_mailbox_provider_display(), broadcast_lines.counts_of(row)) for row in placements]
    context = {
        "broadcast": found,
        "facts": broadcast_lines.facts(total),
        "doubt": broadcast_lines.doubt(found, placements),
        "lines": broadcast_lines.split_lines(placements),
        "total": broadcast_lines.split_line("All, by the totals", total),
        "charts": {"split": domains(bars)} if bars else {},
    }
    return client_page(request, client, "reports/broadcast.html", context, tab="client-broadcasts", part="")
