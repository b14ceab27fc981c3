from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.models import Connection
from clients.views.connections import for_list, row_of
from reports.frame import client_page, find_client


@require_safe
@member_view()
def connections(request: AgencyRequest, slug: str) -> HttpResponse:
    """The vendor accounts that serve one client. Whom else they serve is not for its viewers."""
    client = find_client(request, slug)
    theirs = Connection.objects.visible_to(request.member).serving(client)
    rows = [
        row_of(one) | {"scopes": [scope for scope in one.scopes.all() if scope.client_id == client.pk]}
        for one in for_list(theirs.present())
    ]
    context = {"rows": rows, "removed": theirs.removed().order_by("-removed_at"), "may_open": request.member.may(Role.ANALYST)}
    return client_page(request, client, "reports/client_connections.html", context, tab="client-connections")
