from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import AuditEntry, Role
from agency.pages import page
from clients.models import Client
from clients.models import Scope as ClientScope
from reports.listing import audit as listing
from reports.listing import places, wording
from reports.listing.forms import ListFilters
from reports.scope import Scope


@require_safe
@member_view(Role.MANAGER)
def audit(request: AgencyRequest) -> HttpResponse:
    """Who did what, when, on what, from what to what, why and from where."""
    scope = Scope.of_member(request.member, request.GET, days=30)
    rows = Paginator(listing.entries(scope).order_by("-at", "-pk"), 50).get_page(request.GET.get("page"))
    clients = _clients(request, {row.subject for row in rows if row.subject})
    links = places.of(rows, request.member)
    context = {
        "filters": ListFilters(scope, listing.offers(scope), search="What, who, why", window=True),
        "filtered": scope.filters.any,
        "page": rows,
        "lines": [_line(row, clients, links) for row in rows],
        "export_query": scope.querystring(),
    }
    return page(request, "reports/audit.html", context, part="list")


def _clients(request: AgencyRequest, subjects: set[UUID]) -> dict[UUID, list[Client]]:
    """By what an entry is about: a client itself, or those that an account serves."""
    found: dict[UUID, list[Client]] = defaultdict(list)
    for client in Client.objects.of(request.agency).filter(uuid__in=subjects):
        found[client.uuid].append(client)
    scopes = ClientScope.objects.filter(connection__uuid__in=subjects, client__agency=request.agency)
    for scope in scopes.select_related("client", "connection").order_by("client__name", "client"):
        if scope.client not in found[scope.connection.uuid]:
            found[scope.connection.uuid].append(scope.client)
    return found


def _line(row: AuditEntry, clients: dict[UUID, list[Client]], links: dict[int, str]) -> dict[str, Any]:
    return {
        "row": row,
        "title": wording.title(row.action),
        "who": wording.who(row.actor),
        "changed": wording.difference(row),
        "clients": clients.get(row.subject, []) if row.subject else [],
        "url": links.get(row.pk, ""),
    }
