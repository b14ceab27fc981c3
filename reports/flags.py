"""What stands at the end of a client's row on the Overview: why to look at it, each with its way there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.urls import reverse

from reports.ages import silent_for
from reports.lines import LABELS, SHORT
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine, Detail
from reports.scope import Window
from reports.stats import FEW, Change, Rate, change


class Ranked(NamedTuple):
    client: ClientLine
    now: Rate
    before: Rate
    change: Change

    @property
    def fell_silent(self) -> bool:
        return not self.now.n and self.before.n >= FEW


class Flag(NamedTuple):
    text: str
    tone: str = ""  # good, look, bad or none
    title: str = ""
    href: str = ""


def flags(row: Ranked, detail: Detail, accounts: list[Account], trend: Window, url: str) -> list[Flag]:
    """`trend`: the days of `detail.days`. `url`: the client's page, with a query string."""
    return [
        *_accounts(row, accounts),
        *_worst_place(detail, row.client.began, url),
        *_silence(detail, accounts, trend),
        *([Flag("few mails", "", "Fewer than 20 mails in this window: the rate says little")] if row.now.band == "few" else []),
    ]


def _accounts(row: Ranked, accounts: list[Account]) -> Iterator[Flag]:
    for account in accounts:
        if account.refused:
            yield Flag("key refused", "bad", f"{account.label}: {account.reason}", reverse("connection", args=[account.uuid]))
        elif account.paused:
            title = f"{account.label}: {account.reason} Nothing new is read."
            yield Flag("paused", "look", title, reverse("connection", args=[account.uuid]))
        elif account.failing and not account.late:
            title = f"{account.label}: the last sync did not come to its end; it is tried again by itself"
            yield Flag("sync failing", "look", title, reverse("connection", args=[account.uuid]))
        if account.lacking and not (account.refused or account.paused):
            title = f"{account.label}: its key or its plan does not let us read all of it"
            yield Flag("part not read", "look", title, reverse("connection", args=[account.uuid]))
    if not accounts:
        href = reverse("client-connections", args=[row.client.slug])
        yield Flag("no vendor account", "look", "Nothing brings its data home", href)
    if late := sum(account.late for account in accounts):
        yield Flag(f"{late} feed{'s' if late > 1 else ''} late", "look", "No complete sync within its target")


def _worst_place(detail: Detail, began: date | None, url: str) -> list[Flag]:
    """The mailbox provider with the deepest drop; without any, the one with the lowest rate below 70 %."""
    moves = {name: change(now, detail.before.get(name, Rate(0, 0)), began=began) for name, now in detail.providers.items()}
    dropped = {name: moved.points or 0.0 for name, moved in moves.items() if moved.dropped}
    low = {name: moved.now.value or 0.0 for name, moved in moves.items() if moved.now.band == "bad"}
    worst = dropped or low
    if not worst:
        return []
    name = min(worst, key=lambda one: worst[one])
    moved = moves[name]
    tone = "bad" if moved.now.band == "bad" else "look"
    title = f"{LABELS[name]}: {moved.now.title}; {moved.title}"
    return [Flag(f"{'fell' if dropped else 'low'} at {SHORT[name]}", tone, title, f"{url}&mailbox_provider={name}")]


def _silence(detail: Detail, accounts: list[Account], trend: Window) -> Iterator[Flag]:
    silence = silent_for(max(detail.days, default=None), trend.days, trend.last)
    # Of what we have not read lately we cannot say that nothing came.
    if silence and accounts and all(account.is_current for account in accounts):
        yield Flag(silence, "look", "Its accounts are read, but no mail reached the seeds")
