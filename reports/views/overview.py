from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from agency.access import AgencyRequest, member_view
from agency.models import Membership, Role
from agency.pages import page
from clients.models import Feed
from clients.progress import unattended
from clients.vendors import VENDORS
from reports import board, headlines, ranking
from reports.charts import spark
from reports.filters import OverviewFilters
from reports.listing.heads import heads, unsorted
from reports.listing.sorting import Way
from reports.progress import Progress, progress
from reports.queries import freshness, overview
from reports.saved_views import with_saved_views
from reports.scope import Scope


@gzip_page
@require_safe
@member_view()
@with_saved_views("overview")
def show(request: AgencyRequest) -> HttpResponse:
    """Every client the member may see, worst first unless asked otherwise; in as many queries for one as for five hundred."""
    scope, now = Scope.of_member(request.member, request.GET), timezone.now()
    lines = overview.clients(scope)
    accounts = freshness.accounts(scope)
    feeds = freshness.feeds_at_work(scope, accounts)
    accounts = freshness.with_reasons(accounts, feeds) if feeds else accounts
    wanted, filtered = _wanted(lines, scope), bool(scope.filters.tag or scope.filters.manager)
    serving = board.serving(wanted, accounts)
    standing = board.standing(scope, wanted, serving)
    shown = board.board(scope, standing, serving, accounts, request.GET.get("page", "1"), now)
    way = Way.read(scope.filters.sort, ranking.SORTS)
    theirs = _of(serving, accounts) if filtered else accounts
    context: dict[str, Any] = {
        "filters": OverviewFilters(scope, lines),
        "filtered": filtered or bool(scope.filters.look),
        "has_clients": bool(lines),
        "has_accounts": bool(accounts),
        "may_manage": request.member.may(Role.MANAGER),
        "board": shown,
        "heads": heads(ranking.COLUMNS, way, request.GET.dict()),
        "worst_first": unsorted(request.GET.dict()) if way.name else "",
        "facts": headlines.facts(scope, standing.ranked, standing.looks, theirs, filtered=filtered),
        "banners": headlines.banners(request.member, accounts, feeds, shown.senders, now),
        "updated": headlines.updated(accounts, now),
        "progress": _progress(request.member, accounts, feeds),
        "scope": scope,
        "trend_title": spark.TITLE,
        "trend_days": (scope.window.last - overview.trend_start(scope)).days + 1,
        "export_query": scope.querystring(),
        "rows_query": scope.narrowed(look="").querystring(),
    }
    return page(request, "reports/overview.html", context, part="board")


@require_safe
@member_view()
def poll(request: AgencyRequest) -> HttpResponse:
    """The progress bars alone, asked for every two seconds; tells the page when there are new rows to show."""
    scope = Scope.of_member(request.member, {})
    accounts = freshness.accounts(scope)
    now_at = _progress(request.member, accounts, freshness.feeds_at_work(scope, accounts))
    response = render(request, "reports/overview.html#progress", {"progress": now_at})
    if request.GET.get("seen") not in (None, now_at.mark):
        trigger_client_event(response, "rows:new", after="settle")
    return response


def _wanted(lines: list[overview.ClientLine], scope: Scope) -> list[overview.ClientLine]:
    tag, manager = scope.filters.tag, scope.filters.manager
    return [line for line in lines if (not tag or tag in line.tags) and (not manager or line.manager == manager)]


def _of(serving: dict[int, list[freshness.Account]], accounts: list[freshness.Account]) -> list[freshness.Account]:
    theirs = {account.pk for each in serving.values() for account in each}
    return [account for account in accounts if account.pk in theirs]


def _progress(member: Membership, accounts: list[freshness.Account], feeds: list[freshness.FeedAtWork]) -> Progress:
    expected = {slug: len(vendor.feeds) for slug, vendor in VENDORS.items()}
    # A viewer could do nothing about it.
    overdue = member.may(Role.ANALYST) and any(account.overdue for account in accounts)
    said = unattended(Feed.objects.of(member.agency)) if overdue else ""
    return progress(accounts, feeds, expected, said)
