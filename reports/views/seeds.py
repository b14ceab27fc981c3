from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.models import Client, Connection
from clients.shuffles.rotating import rotations
from reports import absences
from reports.frame import client_page, find_client, may_probe
from reports.listing import accounts, offers, seed_lines
from reports.listing import seeds as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import SIZE, page_of
from reports.listing.sorting import Sort
from reports.scope import Scope


@gzip_page
@require_safe
@member_view()
def seeds(request: AgencyRequest) -> HttpResponse:
    """The vendor accounts by their seeds."""
    scope = Scope.of_member(request.member, request.GET)
    # All of them: the rotations are of every page.
    connections = list(listing.connections(scope).order_by("label", "pk"))
    found = Paginator(connections, SIZE).get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "may_connect": request.member.may(Role.MANAGER),
        "filters": ListFilters(scope, offers.of_accounts(scope)),
        "filtered": bool(scope.filters.client or scope.filters.vendor),
        "page": found,
        "accounts": accounts.accounts(scope, list(found.object_list), timezone.now()),
        "unfinished": [one for one in rotations(connections, scope.clients) if one.done is None],
        "may_see_accounts": request.member.may(Role.ANALYST),
        "export_query": scope.querystring(),
    }
    return page(request, "reports/seeds.html", context, part="list")


@gzip_page
@require_safe
@member_view()
def of_client(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET).narrowed(client="")
    sort = Sort.read(scope.filters.sort, listing.sorts(), listing.DEFAULT_SORT)
    found = page_of(listing.seeds(scope).select_related("connection"), sort, request.GET)
    connections = list(listing.connections(scope))
    serving = accounts.served(Client.objects.visible_to(request.member), connections)
    context = {
        "filters": ListFilters(scope, offers.of_seeds(), search="Address", sorts=(seed_lines.COLUMNS, listing.DEFAULT_SORT)),
        "filtered": scope.filters.any,
        "found": found,
        "lines": seed_lines.lines(found.rows),
        "heads": heads(seed_lines.COLUMNS, sort, request.GET.dict()),
        "connections": connections,
        "unreadable": "" if found.rows else absences.cannot_be_read(client, "seeds"),
        "removed": not connections and Connection.objects.serving(client).removed().exists(),
        "shared": seed_lines.shared(client, connections, serving, names=request.member.role != Role.VIEWER),
        "export_query": scope.querystring(),
        "may_probe": may_probe(request.member, client),
    }
    return client_page(request, client, "reports/client_seeds.html", context, tab="client-seeds")
