from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.pages import page
from reports.frame import client_page, find_client
from reports.listing import offers, sender_lines
from reports.listing import senders as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.scope import Scope


@gzip_page
@require_safe
@member_view()
def senders(request: AgencyRequest) -> HttpResponse:
    """The senders of every client the member may see; nobody's too, for those who see every client."""
    scope = Scope.of_member(request.member, request.GET)
    return page(request, "reports/senders.html", _context(request, scope, clients=True), part="list")


@gzip_page
@require_safe
@member_view()
def of_client(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET).narrowed(client="")
    context = _context(request, scope, clients=False)
    return client_page(request, client, "reports/client_senders.html", context, tab="client-senders")


def _context(request: AgencyRequest, scope: Scope, *, clients: bool) -> dict[str, Any]:
    sort = Sort.read(scope.filters.sort, listing.sorts(), listing.DEFAULT_SORT)
    rows = listing.senders(scope).select_related("client", "connection").prefetch_related("tags")
    found = page_of(rows, sort, request.GET)
    return {
        "filters": ListFilters(scope, offers.of_senders(scope, clients=clients), search="Address or name"),
        "filtered": scope.filters.any,
        "found": found,
        "lines": sender_lines.lines(found.rows, timezone.now()),
        "heads": heads(sender_lines.columns(clients=clients), sort, request.GET.dict()),
        "with_clients": clients,
        "export_query": scope.querystring(),
    }
