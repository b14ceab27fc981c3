"""Why mail bounced softly, and of which class its answers are: the vendors' own words, counted from their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clients.models import Client, Fate
from clients.vendors import VENDORS
from reports.queries import event_days
from reports.queries.freshness import Account
from reports.scope import Window
from reports.stats import Cell, Rate

HEADINGS = {Fate.BOUNCED_SOFT: "Why mail bounced softly", Fate.ANSWERED: "How it was answered"}


class Words(NamedTuple):
    """`lines`: a word, how often it was said, and its share of all of them."""

    heading: str
    lines: list[tuple[str, str, Cell]]


def words(client: Client, accounts: Sequence[Account], window: Window) -> list[Words]:
    """One query, none where no account's events say so."""
    if not any(VENDORS[one.vendor].tells_recipients for one in accounts):
        return []
    found = list(event_days.words(client, window))
    told = {what: [(word, count) for of, word, count in found if of == what] for what in HEADINGS}
    # Of bounces alone that nobody gave a word there is nothing to tell.
    return [Words(HEADINGS[what], _lines(some)) for what, some in told.items() if any(word for word, _ in some)]


def _lines(told: list[tuple[str, int]]) -> list[tuple[str, str, Cell]]:
    whole = sum(count for _, count in told)
    return [(_name(word), f"{count:,}", Rate(count, whole).cell._replace(band="")) for word, count in told]


def _name(word: str) -> str:
    return _ABBREVIATED.get(word) or word.replace("_", " ").capitalize() or "Not said"


_ABBREVIATED = {"dns": "DNS"}
