from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients import lacking
from clients.campaigning import choosing, limits, sequence, starting
from clients.changes import selecting
from clients.leads import asking as leads
from clients.models import Campaign, Client, Connection, LeadUpload, UploadState
from reports import absences, benchmarks, campaign, headlines, left_out
from reports.charts.everybody import beside as drawn_beside
from reports.charts.outreach import outreach as chart
from reports.charts.quiet import script
from reports.charts.together import together as drawn
from reports.event_words import words
from reports.frame import client_page, find_client, vendors_with
from reports.listing import campaign_lines, offers
from reports.listing import campaigns as listing
from reports.listing.forms import ListFilters
from reports.listing.heads import heads
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.queries import freshness
from reports.queries.outreach import of_campaigns
from reports.scope import Scope
from reports.together import together

SHOWN = ("workspaces", "campaigns", "outreach", "leads")  # the feeds that the list is of
NAMED = 5  # shared campaigns that a sentence names
UPLOADS = 5  # of leads, the newest


@gzip_page
@require_safe
@member_view()
def campaigns(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET, days=30).narrowed(client="")
    accounts = [
        account for account in freshness.accounts(scope, parted=True, feeds=SHOWN) if account.vendor in vendors_with("campaigns")
    ]
    sort = Sort.read(scope.filters.sort, listing.sorts(scope), listing.DEFAULT_SORT)
    # A viewer may know nothing of the agency's other clients.
    known, shared = listing.known(scope, shared=0 if request.member.role == Role.VIEWER else NAMED + 1)
    found = page_of(listing.campaigns(scope, known).select_related("connection"), sort, request.GET, at_once=True)
    both = together(client, scope.window)
    told = benchmarks.read(account.vendor for account in accounts)
    everybody = benchmarks.published(told, benchmarks.INBOXING) if both and both.landed else []
    compared = benchmarks.beside(scope, told)
    figures = {f"beside-{one.slug}": drawn_beside(one) for one in compared if one.drawn}
    context: dict[str, Any] = {
        "filters": ListFilters(
            scope,
            offers.of_campaigns(scope, known),
            search="Name",
            window=True,
            sorts=(campaign_lines.COLUMNS, listing.DEFAULT_SORT),
        ),
        "filtered": scope.filters.any,
        "scope": scope,
        "banners": [*headlines.client_banners(accounts, timezone.now()), *left_out.banners(client, accounts, SHOWN)],
        "updated": headlines.updated(accounts, timezone.now()),
        "found": found,
        "lines": campaign_lines.lines(client, found.rows, of_campaigns(found.rows, scope.window), scope.window.days),
        "heads": heads(campaign_lines.COLUMNS, sort, request.GET.dict()),
        "shared": _shared(shared),
        "may_change": _may_change(request, client),
        "change_query": _change_query(client, scope),
        "read_only": lacking.known((row.connection for row in found.rows), lacking.CAMPAIGNS),
        "matching": found.total,
        "may_make": _may_change(request, client) and any(account.vendor in choosing.MAKERS for account in accounts),
        "export_query": scope.querystring(),
        "together": both,
        "published": everybody,
        "charts": script(figures | ({"together": drawn(both, everybody)} if both else {})),
        "beside": compared,
        "words": words(client, accounts, scope.window),
    }
    if not found.rows:
        context |= _absence(request, scope, accounts)
    return client_page(request, client, "reports/campaigns.html", context, tab="client-campaigns")


@gzip_page
@require_safe
@member_view()
def show(request: AgencyRequest, slug: str, uuid: UUID) -> HttpResponse:
    client = find_client(request, slug)
    rows = Campaign.objects.of_client(client).select_related("connection")
    found = get_object_or_404(rows, uuid=uuid, connection__agency=client.agency_id)
    scope = Scope.of_client(client, request.GET, days=30)
    nobodys = request.member.role != Role.VIEWER
    shown = campaign.shown(found, client, scope.window, request.GET.get("page"), nobodys=nobodys)
    word = listing.GONE if found.gone_at else found.status
    context = {
        "campaign": found,
        "status": campaign_lines.status(word),
        "tone": campaign_lines.TONES.get(word, ""),
        "held": campaign_lines.held(found),
        "may_change": _may_change(request, client) and campaign_lines.may_turn(found),
        "refused": lacking.refused(found.connection, lacking.CAMPAIGNS),
        "filters": ListFilters(scope, {}, window=True),
        "shown": shown,
        "sequence": sequence.of(found),
        "is_most": limits.is_most(found),
        "may_start": _may_change(request, client) and not starting.barred(found),
        "may_bring": _may_change(request, client) and not leads.barred(found),
        "uploads": _uploads(found) if _may_change(request, client) else [],
        "page": shown.page,
        "charts": script({"outreach": chart(shown.course)}),
        "export_query": f"window={scope.window.days}",
    }
    return client_page(request, client, "reports/campaign.html", context, tab="client-campaigns")


def _may_change(request: AgencyRequest, client: Client) -> bool:
    return request.member.may(Role.MANAGER) and not client.is_archived


def _uploads(found: Campaign) -> list[LeadUpload]:
    rows = LeadUpload.objects.filter(campaign=found).exclude(state=UploadState.READING)
    return list(rows.order_by("-made_at")[:UPLOADS])


def _change_query(client: Client, scope: Scope) -> str:
    """'All that match' for the change form."""
    asked = asdict(scope.filters) | {"client": client.slug}
    return urlencode({"all": selecting.CAMPAIGNS, **selecting.by_campaign_filter(asked)["filters"]})


def _shared(found: list[Campaign]) -> str:
    """What stands in no client's figures, and why."""
    names = [str(one) for one in found]
    listed = ", ".join(names[:NAMED]) + (" and others" if len(names) > NAMED else "")
    return f"Sent from senders of several clients, and counted for none of them: {listed}." if names else ""


def _absence(request: AgencyRequest, scope: Scope, accounts: list[freshness.Account]) -> dict[str, Any]:
    """Why there is nothing to list."""
    first = absences.first(accounts, request.member, "campaigns", "campaigns")
    return {
        "accounts": accounts,
        "removed": not accounts and Connection.objects.removed().filter(scopes__client__in=scope.clients).exists(),
        "unread": first.unread,
        "reading": first.reading,
    }
