from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.models import Feed
from reports.listing import feeds as listing
from reports.listing.forms import ListFilters
from reports.scope import Scope


@gzip_page
@require_safe
@member_view(Role.ANALYST)
def feeds(request: AgencyRequest) -> HttpResponse:
    """How fresh everything is that is read from any vendor, worst first."""
    scope = Scope.of_member(request.member, request.GET)
    found = listing.feeds(scope).select_related("connection", "last_run")
    rows = Paginator(found, 25).get_page(request.GET.get("page"))
    serving = listing.serving(scope, [row.connection_id for row in rows])
    context = {
        "filters": ListFilters(scope, listing.offers(scope), search="Account"),
        "filtered": scope.filters.any,
        "page": rows,
        "rows": [_row(row, serving.get(row.connection_id, {})) for row in rows],
        "has_events": any(row.connection.vendor_class.hooks for row in rows),
        "export_query": scope.querystring(),
    }
    return page(request, "reports/feeds.html", context, part="list")


def _row(feed: Feed, serves: Mapping[str, str]) -> dict[str, Any]:
    return {
        "feed": feed,
        "state": listing.STATES[feed.standing],  # type: ignore[attr-defined]  # annotated
        "clients": list(serves.items())[:3],
        "more": max(0, len(serves) - 3),
        "next": listing.next_try(feed),
        "said": listing.said(feed),
    }
