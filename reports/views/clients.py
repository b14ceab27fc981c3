from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from reports import roster
from reports.forms import ClientFilters
from reports.listing.heads import heads
from reports.queries import overview
from reports.saved_views import with_saved_views
from reports.scope import Filters


@gzip_page
@require_safe
@member_view()
@with_saved_views("clients")
def clients(request: AgencyRequest) -> HttpResponse:
    filters = Filters.read(request.GET)
    scope = roster.scope_of(request.member, filters)
    lines = overview.clients(scope)
    shown = heads(roster.COLUMNS, roster.way_of(filters), request.GET.dict())
    context = {
        "filters": ClientFilters(filters, lines),
        "filtered": bool(filters.any),
        "has_clients": bool(lines) or bool(filters.status),
        "roster": roster.roster(scope, roster.listed(scope, lines), request.GET.get("page", "1")),
        "heads": {column.sort: head for column, head in zip(roster.COLUMNS, shown, strict=True)},
        "may_open": request.member.may(Role.ANALYST),
        "may_manage": request.member.may(Role.MANAGER),
        "export_query": scope.querystring(),
    }
    return page(request, "reports/clients.html", context, part="list")
