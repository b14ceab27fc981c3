from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import lacking, sender_health
from clients.changes.selecting import FILTERS, LOST, changeable
from clients.models import Connection, Sender
from reports import absences, connected, sender, sender_facts
from reports.charts.outreach import outreach as chart
from reports.charts.quiet import script
from reports.frame import client_page, find_client, has_no_account
from reports.listing import offers, sender_lines
from reports.listing import senders as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.saved_views import with_saved_views
from reports.scope import Scope
from reports.sender_placement import placed


@gzip_page
@require_safe
@member_view()
@with_saved_views("senders")
def senders(request: AgencyRequest) -> HttpResponse:
    """The senders of every client the member may see; nobody's too, for those who see every client."""
    scope = Scope.of_member(request.member, request.GET)
    context = _context(request, scope, clients=True)
    accounts = Connection.objects.of(request.agency).present()
    context["may_connect"] = context["may_change"] and not context["lines"] and not accounts.exists()
    return page(request, "reports/senders.html", context, part="list")


@gzip_page
@require_safe
@member_view()
def of_client(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET).narrowed(client="")
    context = _context(request, scope, clients=False) | {"change_query": _change_query(scope, client.slug)}
    context["may_change"] = context["may_change"] and not client.is_archived
    context["unreadable"] = "" if context["lines"] else absences.cannot_be_read(client, "senders")
    context["no_account"] = not context["lines"] and has_no_account(client)
    return client_page(request, client, "reports/client_senders.html", context, tab="client-senders")


@gzip_page
@require_safe
@member_view()
def show(request: AgencyRequest, slug: str, uuid: UUID) -> HttpResponse:
    client = find_client(request, slug)
    rows = sender_health.annotated(Sender.objects.filter(client=client, connection__agency=client.agency_id))
    rows = rows.select_related("connection")
    found = get_object_or_404(rows.prefetch_related("tags"), uuid=uuid)
    scope = Scope.of_client(client, request.GET, days=30)
    shown, word = sender.shown(found, client, scope.window), sender_facts.status(found)
    context = {
        "sender": found,
        "status": word,
        "tone": sender_facts.tone(word),
        "health_tone": sender_lines.HEALTH_TONES.get(found.health, ""),
        "health_why": sender_facts.seen(found),
        "filters": ListFilters(scope, {}, window=True),
        "shown": shown,
        "turns": connected.turns(found, scope.window),
        "placed": placed(found, client, scope.window),
        "may_change": request.member.may(Role.MANAGER)
        and not client.is_archived
        and bool(found.connection.vendor_class.sender_acts)
        and found.gone_at is None,
        "refused": lacking.refused(found.connection, lacking.SENDERS),
        "outreaching": found.connection.vendor_class.tells_days(),
        "may_reconnect": request.member.may(Role.MANAGER)
        and "reconnect" in found.connection.vendor_class.can
        and found.gone_at is None
        and found.status in LOST,
        "charts": script({"outreach": chart(shown.course)}),
        "export_query": f"window={scope.window.days}",
    }
    return client_page(request, client, "reports/sender.html", context, tab="client-senders")


def _change_query(scope: Scope, client: str = "") -> str:
    """'All that match', for the page that changes them: the very filters of this one."""
    asked = {name: value for name in FILTERS if (value := getattr(scope.filters, name))}
    return urlencode(asked | ({"client": client} if client else {}) or {"all": "1"})


def _context(request: AgencyRequest, scope: Scope, *, clients: bool) -> dict[str, Any]:
    sort = Sort.read(scope.filters.sort, listing.sorts(), listing.DEFAULT_SORT)
    mine = listing.unfiltered(scope)
    rows = listing.senders(scope, mine).select_related("client", "connection").prefetch_related("tags")
    found = page_of(rows, sort, request.GET)
    may_change = request.member.may(Role.MANAGER)
    rules = not found.rows or any(map(sender_lines.has_rules, found.rows))
    outreach = not rules and any(map(sender_lines.reaches, found.rows))
    columns = sender_lines.columns(clients=clients, rules=rules, outreach=outreach)
    return {
        "scope": scope,
        "may_change": may_change,
        "changeable": changeable(rows).count() if may_change and found.rows else 0,
        "change_query": _change_query(scope) if may_change else "",
        "filters": ListFilters(
            scope,
            offers.of_senders(scope, mine, clients=clients),
            search="Address or name",
            sorts=(columns, listing.DEFAULT_SORT),
        ),
        "filtered": scope.filters.any,
        "found": found,
        "lines": sender_lines.lines(found.rows, timezone.now()),
        "heads": heads(columns, sort, request.GET.dict()),
        "with_clients": clients,
        "with_rules": rules,
        "with_outreach": outreach,
        "export_query": scope.querystring(),
        "read_only": lacking.known((row.connection for row in found.rows), lacking.SENDERS) if may_change else [],
        "healths": sender_health.MEANINGS,
    }
