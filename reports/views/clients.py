from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from reports import roster
from reports.forms import ClientFilters
from reports.queries import overview
from reports.saved_views import with_saved_views
from reports.scope import Filters


class Head(NamedTuple):
    label: str
    query: str  # sorts by this column; the other way when it does so already
    sorted: str  # for aria-sort, or empty


@gzip_page
@require_safe
@member_view()
@with_saved_views("clients")
def clients(request: AgencyRequest) -> HttpResponse:
    filters = Filters.read(request.GET)
    scope = roster.scope_of(request.member, filters)
    lines = overview.clients(scope)
    context = {
        "filters": ClientFilters(filters, lines),
        "filtered": bool(filters.any),
        "has_clients": bool(lines) or bool(filters.status),
        "roster": roster.roster(scope, roster.listed(scope, lines), request.GET.get("page", "1")),
        "heads": _heads(request.GET.dict(), filters.sort),
        "may_open": request.member.may(Role.ANALYST),
        "may_manage": request.member.may(Role.MANAGER),
        "export_query": scope.querystring(),
    }
    return page(request, "reports/clients.html", context, part="list")


def _heads(query: dict[str, str], asked: str) -> dict[str, Head]:
    kept = {name: value for name, value in query.items() if name not in ("sort", "page") and value}
    asked = asked if asked.lstrip("-") in roster.SORTS else "name"
    heads = {}
    for column in roster.COLUMNS:
        name = column.sort
        turned = f"-{name}" if asked == name else name
        direction = {name: "ascending", f"-{name}": "descending"}.get(asked, "")
        heads[name] = Head(column.label, "?" + urlencode({**kept, "sort": turned}), direction)
    return heads
