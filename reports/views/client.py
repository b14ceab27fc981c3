from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from clients.models import Connection, MailboxProvider
from reports import absences, headlines, left_out
from reports.charts.quiet import script
from reports.filters import PlacementFilters
from reports.frame import client_page, find_client
from reports.placement import placement as placement_page
from reports.queries import freshness, unknown_providers
from reports.queries.placement import sender_tags
from reports.scope import Scope

OTHER = MailboxProvider.OTHER


@gzip_page
@require_safe
@member_view()
def placement(request: AgencyRequest, slug: str) -> HttpResponse:
    client, now = find_client(request, slug), timezone.now()
    scope = Scope.of_client(client, request.GET, days=30)
    accounts = freshness.accounts(scope, parted=True)
    figures = placement_page(client, scope, accounts)
    context: dict[str, Any] = {
        "filters": PlacementFilters(scope, figures.domain_names, sender_tags(scope), accounts),
        "filtered": scope.filters.any,
        "figures": figures,
        "others": unknown_providers.names(scope) if any(item.slug == OTHER for item in figures.multiples) else [],
        "charts": script(figures.charts()),
        "scope": scope,
        "accounts": accounts,
        "removed": not accounts and Connection.objects.serving(client).removed().exists(),
        "unread": absences.unread(accounts, request.member),
        "banners": [
            *headlines.client_banners(accounts, now),
            *left_out.banners(client, accounts),
            *absences.silence(figures.days, scope.window.last, accounts, scope.filters),
        ],
        "updated": headlines.updated(accounts, now),
        "export_query": scope.querystring(),
        "vendor_query": scope.narrowed(vendor="").querystring(),
        "provider_query": scope.narrowed(mailbox_provider="").querystring(),
    }
    return client_page(request, client, "reports/placement.html", context, tab="client")
