"""What stands at the end of a client's row on the Overview: why to look at it, each with its way there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse

from reports.ages import silent_for
from reports.lines import LABELS, SHORT
from reports.looks import Place, Ranked
from reports.queries.freshness import Account
from reports.queries.overview import Detail
from reports.scope import Window


class Flag(NamedTuple):
    text: str
    tone: str = ""  # good, look, bad or none
    title: str = ""
    href: str = ""


def flags(row: Ranked, detail: Detail, place: Place | None, accounts: list[Account], trend: Window, url: str) -> list[Flag]:
    """`trend`: the days of `detail.days`. `url`: the client's page, with a query string."""
    return [
        *_accounts(row, accounts),
        *([_at(place, url)] if place else []),
        *([_silence(detail, accounts, trend)] if row.silent else []),
        *([Flag("few mails", "", "Fewer than 20 mails in this window: the rate says little")] if row.now.band == "few" else []),
    ]


def why_failing(account: Account) -> str:
    """What the vendor answered, and when it is asked again, as far as it is known."""
    return account.said or "The last sync did not come to its end. It is tried again by itself."


def _accounts(row: Ranked, accounts: list[Account]) -> Iterator[Flag]:
    for account in accounts:
        if account.refused:
            yield Flag("key refused", "bad", f"{account.label}: {account.reason}", reverse("connection", args=[account.uuid]))
        elif account.paused:
            title = f"{account.label}: {account.reason} Nothing new is read."
            yield Flag("paused", "look", title, reverse("connection", args=[account.uuid]))
        elif account.failing and not account.late:
            title = f"{account.label}: {why_failing(account)}"
            yield Flag("sync failing", "look", title, reverse("connection", args=[account.uuid]))
        if account.lacking and not (account.refused or account.paused):
            title = f"{account.label}: its key or its plan does not let us read all of it"
            yield Flag("part not read", "look", title, reverse("connection", args=[account.uuid]))
    if not accounts:
        href = reverse("client-connections", args=[row.client.slug])
        yield Flag("no vendor account", "look", "Nothing brings its data home", href)
    if late := sum(account.late for account in accounts):
        why = [f"{account.label}: {why_failing(account)}" for account in accounts if account.late and account.failing]
        title = " ".join(["No complete sync within its target.", *why])
        yield Flag(f"{late} feed{'s' if late > 1 else ''} late", "look", title)


def _at(place: Place, url: str) -> Flag:
    moved, text = place.moved, f"{'fell' if place.fell else 'low'} at {SHORT[place.name]}"
    title = f"{LABELS[place.name]}: {moved.now.title}; {moved.title}"
    return Flag(text, "look", title, f"{url}&mailbox_provider={place.name}")


def _silence(detail: Detail, accounts: list[Account], trend: Window) -> Flag:
    said = silent_for(max(detail.days, default=None), trend.days, trend.last)
    failing = any(account.failing for account in accounts)
    read = "As of the last complete sync" if failing else "Its accounts are read, but"
    return Flag(said, "look", f"{read} no mail reached the seeds")
