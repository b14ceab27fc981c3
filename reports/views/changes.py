from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.changes import putting_back, selecting, wording
from clients.changes.putting_back import Back
from clients.models import Change, Client
from reports.listing import changes as listing
from reports.listing.forms import ListFilters
from reports.scope import Scope


@require_safe
@member_view(Role.MANAGER)
def changes(request: AgencyRequest) -> HttpResponse:
    scope = listing.ever(Scope.of_member(request.member, request.GET))
    found = listing.changes(scope).select_related("made_by", "applied_by", "undoes")
    rows = Paginator(found, 50).get_page(request.GET.get("page"))
    clients = dict(Client.objects.of(request.agency).values_list("slug", "name"))
    backs = putting_back.told(rows)
    context = {
        "filters": ListFilters(scope, listing.offers(scope), search="Sender, campaign, reason"),
        "filtered": scope.filters.any,
        "page": rows,
        "rows": [_row(one, clients, backs.get(one.pk)) for one in rows],
        "export_query": scope.querystring(),
    }
    return page(request, "reports/changes.html", context, part="list")


def _row(one: Change, clients: dict[str, str], back: Back | None) -> dict[str, Any]:
    return {
        "change": one,
        "what": wording.what(one),
        "percentages": wording.percentages(one),
        "back": back,
        "whom": back.whom if back else selecting.said(one.selector, clients),
        "state": wording.state(one),
        "tone": wording.TONES.get(one.state, ""),
    }
