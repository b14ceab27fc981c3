from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from reports.frame import client_page, find_client
from reports.listing import offers
from reports.listing.forms import ListFilters
from reports.listing.timeline import timeline
from reports.scope import Scope


@gzip_page
@require_safe
@member_view()
def activity(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET, days=30).narrowed(client="")
    context = {
        "filters": ListFilters(scope, offers.of_activity(), search="What or who", window=True),
        "filtered": scope.filters.any,
        "timeline": timeline(scope, request.GET.get("after", ""), request.member),
        "export_query": scope.querystring(),
    }
    return client_page(request, client, "reports/activity.html", context, tab="client-activity")
