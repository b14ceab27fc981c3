from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.vendors import VENDORS
from reports import absences, headlines
from reports.frame import client_page, find_client, vendors_with
from reports.listing import conversations as listing
from reports.listing.changes import ever
from reports.listing.conversations import Figures
from reports.listing.forms import ListFilters
from reports.queries import freshness
from reports.saved_views import with_saved_views
from reports.scope import Scope

SHOWN = ("conversations", "labels", "events")  # the feeds that the list is of


@gzip_page
@require_safe
@member_view()
@with_saved_views("client-conversations")
def conversations(request: AgencyRequest, slug: str) -> HttpResponse:
    """Whom the client's senders talk with, and where that stands. Read-only."""
    client = find_client(request, slug)
    scope = ever(Scope.of_client(client, request.GET))
    accounts = [account for account in freshness.accounts(scope, feeds=SHOWN) if account.vendor in vendors_with("conversations")]
    rows = Paginator(listing.conversations(scope), 50).get_page(request.GET.get("page"))
    figures = listing.figures(scope)
    first = None if figures.all else absences.first(accounts, request.member, "conversations", "conversations")
    context: dict[str, Any] = {
        "filters": ListFilters(scope, listing.offers(scope), search="Name, handle, subject, message"),
        "filtered": scope.filters.any,
        "banners": headlines.client_banners(accounts, timezone.now()),
        "updated": headlines.updated(accounts, timezone.now()),
        "page": rows,
        "lines": list(listing.lines(scope, rows)),
        "facts": _facts(figures) if figures.all else [],
        "accounts": accounts,
        "unread": first and first.unread,
        "reading": first and first.reading,
        "may_write": request.member.may(Role.MANAGER) and not client.is_archived and _may_begin(accounts),
        "export_query": scope.querystring(),
    }
    return client_page(request, client, "reports/conversations.html", context, tab="client-conversations")


def _may_begin(accounts: list[freshness.Account]) -> bool:
    return any("begin" in VENDORS[account.vendor].conversation_acts for account in accounts)


def _facts(figures: Figures) -> list[dict[str, str]]:
    facts = [
        {"label": "conversations", "value": f"{figures.all:,}"},
        {"label": "wait for an answer", "value": f"{figures.waiting:,}", "href": "?kind=waiting"},
        {"label": "requests", "value": f"{figures.requests:,}", "href": "?kind=requests"},
        {"label": "archived", "value": f"{figures.archived:,}", "href": "?kind=archived"},
    ]
    return [*facts, *({"label": "valued at", "value": worth, "title": "As put in at the vendor"} for worth in figures.worth)]
