from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import AuditEntry, Role
from agency.pages import page
from clients.models import Client
from reports.listing import audit as listing
from reports.listing import wording
from reports.listing.forms import ListFilters
from reports.scope import Scope


@require_safe
@member_view(Role.MANAGER)
def audit(request: AgencyRequest) -> HttpResponse:
    """Who did what, when, on what, from what to what, why and from where."""
    scope = Scope.of_member(request.member, request.GET, days=30)
    rows = Paginator(listing.entries(scope).order_by("-at", "-pk"), 50).get_page(request.GET.get("page"))
    clients = {one.uuid: one for one in Client.objects.of(request.agency).filter(uuid__in=[row.subject for row in rows])}
    context = {
        "filters": ListFilters(scope, listing.offers(scope), search="What, who, why", window=True),
        "filtered": scope.filters.any,
        "page": rows,
        "lines": [_line(row, clients) for row in rows],
        "export_query": scope.querystring(),
    }
    return page(request, "reports/audit.html", context, part="list")


def _line(row: AuditEntry, clients: dict[Any, Client]) -> dict[str, Any]:
    return {
        "row": row,
        "title": wording.title(row.action),
        "who": wording.who(row.actor),
        "changed": wording.difference(row),
        "client": clients.get(row.subject),
    }
