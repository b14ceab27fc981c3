from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.models import Mail
from clients.sending import identities
from reports.frame import client_page, find_client
from reports.listing import mails as listing
from reports.listing.changes import ever
from reports.listing.forms import ListFilters
from reports.scope import Scope

SIZE = 50


@require_safe
@member_view()
def mails(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = ever(Scope.of_client(client, request.GET).narrowed(client=""))
    rows = Paginator(listing.mails(scope), SIZE).get_page(request.GET.get("page"))
    lines = listing.lines(rows)
    context: dict[str, Any] = {
        "filters": ListFilters(scope, listing.offers(scope), search="Recipient, subject, identity"),
        "filtered": scope.filters.any,
        "page": rows,
        "lines": lines,
        "under_way": any(line["more"] for line in lines),
        "has_mails": bool(rows) or Mail.objects.filter(client=client).exists(),
        "identities": identities.of(client),
        "may_write": request.member.may(Role.MANAGER) and not client.is_archived,
        "export_query": scope.querystring(),
    }
    return client_page(request, client, "reports/mails.html", context, tab="client-mails")
