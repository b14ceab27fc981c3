from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from clients.models import Client
from reports import absences, headlines
from reports.charts.pipeline import pipeline as chart
from reports.charts.quiet import script
from reports.frame import client_page, find_client, vendors_with
from reports.headlines import Fact
from reports.listing.forms import ListFilters
from reports.pipeline import Pipeline, cell, pipeline
from reports.queries import freshness
from reports.queries.freshness import Account
from reports.queries.pipeline import accounts as senders_of
from reports.scope import Scope, Window

FEED = "conversations"
SHOWN = ("conversations", "labels", "events")  # the feeds that the page is of
#: What an account is called that can be written from.
WORKING = "active"


@gzip_page
@require_safe
@member_view()
def show(request: AgencyRequest, slug: str) -> HttpResponse:
    """Where the client's prospects stand, and how they move. Read-only."""
    client = find_client(request, slug)
    scope = Scope.of_client(client, request.GET)
    accounts = [account for account in freshness.accounts(scope, feeds=SHOWN) if account.vendor in vendors_with(FEED)]
    asked = scope.filters.vendor
    talking = [slug for slug in vendors_with(FEED) if asked in ("", slug)]
    found, links = pipeline(scope, timezone.now()), senders_of(scope, talking)
    several = found.accounts > 1
    first = None if found.conversations else absences.first(accounts, request.member, FEED, "conversations")
    context: dict[str, Any] = {
        "filters": ListFilters(scope, {"vendor": ("Vendor", _vendors(accounts))}, window=True),
        "banners": headlines.client_banners(accounts, timezone.now()),
        "updated": headlines.updated(accounts, timezone.now()),
        "scope": scope,
        "found": found,
        "several": several,
        "filtered": bool(asked),
        "facts": _facts(client, found, links, scope.window, asked) if found.conversations else [],
        "links": [(name, word or "not told", _tone(word)) for name, word in links],
        "charts": script({"pipeline": chart(found.placed)} if found.placed else {}),
        "accounts": accounts,
        "unread": first and first.unread,
        "reading": first and first.reading,
        "export_query": scope.querystring(),
    }
    return client_page(request, client, "reports/pipeline.html", context, tab="client-conversations")


def _vendors(accounts: Iterable[Account]) -> list[tuple[str, str]]:
    return sorted({account.vendor: account.vendor_label for account in accounts}.items())


def _facts(client: Client, found: Pipeline, links: Sequence[tuple[str, str]], window: Window, vendor: str) -> list[Fact]:
    def to_list(**asked: str) -> str:
        named = {name: value for name, value in ({"vendor": vendor} | asked).items() if value}
        return reverse("client-conversations", args=[client.slug], query=named)

    replied, first = cell(found.replied), found.first_reply.cell
    return [
        Fact(f"{found.conversations:,}", "conversations", href=to_list()),
        *(Fact(worth, "valued at", title="As put in at the vendor, each prospect once") for worth in found.worth),
        Fact(f"{found.waiting:,}", "wait for an answer", href=to_list(kind="waiting")),
        Fact(
            replied.text,
            "replied",
            "muted" if replied.band in ("few", "none") else "",
            note=f"{replied.sub}, {found.replied.between}" if found.replied.n else f"none begun in {window.days} days",
            title=replied.title,
        ),
        Fact(first.text, "to the first reply", note=f"median, {first.sub}" if first.sub else "", title=first.title),
        Fact(_per_week(found.moves, window), "moves a week", note=f"{found.moves:,} in {window.days} days"),
        _links(links),
    ]


def _per_week(moves: int, window: Window) -> str:
    return f"{moves * 7 / window.days:,.1f}"


def _links(links: Sequence[tuple[str, str]]) -> Fact:
    words = Counter(word or "not told" for _, word in links)
    down = sum(_tone(word) in ("bad", "look") for _, word in links)
    note = " · ".join(f"{count} {word}" for word, count in words.most_common())
    return Fact(f"{down} of {len(links)}", "accounts do not write", "bad" if down else "", note=note)


def _tone(word: str) -> str:
    return {WORKING: "good", "paused": "look", "": ""}.get(word, "bad")
