from __future__ import annotations

import json

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.models import Event, EventState
from clients.webhooks import naming
from reports.listing import events as listing
from reports.listing.forms import ListFilters
from reports.scope import Scope

#: Characters of a payload that a page shows.
SHOWN = 100_000


@require_safe
@member_view(Role.ANALYST)
def events(request: AgencyRequest) -> HttpResponse:
    """What vendors sent, of one account or of all, and what became of it."""
    scope = Scope.of_member(request.member, request.GET)
    found = listing.events(scope).select_related("connection").defer("raw")
    rows = Paginator(found, 50).get_page(request.GET.get("page"))
    failed = Event.objects.of(request.agency).whole().filter(state=EventState.FAILED)
    context = {
        "filters": ListFilters(scope, listing.offers(scope), window=True, search="Id at the vendor"),
        "filtered": scope.filters.any,
        "page": rows,
        "rows": [{"event": row, "tone": listing.TONES[row.state]} for row in rows],
        "failed": failed.count() if request.member.may(Role.MANAGER) else 0,
        "export_query": scope.querystring(),
    }
    return page(request, "reports/events.html", context, part="list")


@require_safe
@member_view(Role.ANALYST)
def event(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = get_object_or_404(Event.objects.of(request.agency).select_related("connection"), uuid=uuid)
    payload = _payload(found.raw)
    context = {
        "event": found,
        "tone": listing.TONES[found.state],
        "named": naming.named(found),
        "payload": payload[:SHOWN],
        "left_out": max(0, len(payload) - SHOWN),
        "kept_days": settings.EVENT_DAYS,
        "may_write": request.member.may(Role.MANAGER),
    }
    return page(request, "reports/event.html", context)


def _payload(raw: str) -> str:
    """As lines that can be read. What stands in it is a stranger's: escapes that no page can show stay escapes."""
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(raw), indent=2)
    except ValueError:
        return raw
    return text
