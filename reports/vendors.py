"""A client's vendors side by side: what each shows at each mailbox provider, and where they differ by more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from django.utils.safestring import SafeString

from clients.vendors import VENDORS
from reports.cells import small_cells
from reports.falls import total
from reports.lines import LABELS
from reports.queries.placement import Days
from reports.scope import Window
from reports.stats import FEW, Counts, Rate, change, mails


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: SafeString
    differs: bool


@dataclass(frozen=True, slots=True)
class Vendors:
    heads: list[tuple[str, str]]  # slug and label
    rows: list[Row]
    sentences: list[str]


def blended(days: Mapping[str, Days], window: Window, provider: str) -> str:
    """Whose mail a figure is made of: 'X 1,000 mails, Y 200 mails together', or 'X alone'. `days` by vendor, empty where the
    client has no more than one; then it is nobody's question, and ''."""
    sums = {vendor: total(of.get(provider, {}), window).received for vendor, of in sorted(days.items())}
    found = [(VENDORS[vendor].label, received) for vendor, received in sums.items() if received]
    if len(found) < 2:
        return f"{found[0][0]} alone" if found else ""
    return f"{', '.join(f'{label} {mails(received)}' for label, received in found)} together"


class Compared(NamedTuple):
    """Mailbox provider → vendor → counts, and mailbox provider → the two vendors that differ most there, the lower first, of
    those that differ by more than chance."""

    counts: dict[str, dict[str, Counts]]
    gaps: dict[str, tuple[str, str]]


def side_by_side(days: Mapping[str, Days], window: Window, only: str = "") -> Vendors | None:
    """`days` by vendor. None where fewer than two have mail in the window; `only` one mailbox provider where it is asked for."""
    counts, gaps = compare(days, window, only)
    shown = sorted({vendor for of in counts.values() for vendor in of if of[vendor].received})
    if len(shown) < 2:
        return None
    rows = [
        Row(LABELS.get(provider, provider), small_cells(of[vendor].inboxing for vendor in shown), provider in gaps)
        for provider, of in counts.items()
    ]
    sentences = [_sentence(provider, counts[provider], *pair) for provider, pair in gaps.items()]
    return Vendors([(vendor, VENDORS[vendor].label) for vendor in shown], rows, sentences)


def compare(days: Mapping[str, Days], window: Window, only: str = "") -> Compared:
    counts = {
        provider: {vendor: total(days[vendor].get(provider, {}), window) for vendor in sorted(days)}
        for provider in ([only] if only else LABELS)
    }
    counts = {provider: of for provider, of in counts.items() if any(one.received for one in of.values())}
    return Compared(counts, _gaps(counts))


def _gaps(counts: Mapping[str, Mapping[str, Counts]]) -> dict[str, tuple[str, str]]:
    pairs = [
        (provider, *sorted(pair, key=lambda vendor: of[vendor].inboxing.value or 0.0))
        for provider, of in counts.items()
        for pair in combinations([vendor for vendor, one in of.items() if one.received >= FEW], 2)
    ]
    found: dict[str, tuple[float, tuple[str, str]]] = {}
    for provider, low, high in pairs:
        # All of them are looked at together: so that the page as a whole does not cry wolf.
        gap = change(counts[provider][high].inboxing, counts[provider][low].inboxing, among=len(pairs))
        if gap.clear and (gap.points or 0.0) > found.get(provider, (0.0,))[0]:
            found[provider] = (gap.points or 0.0, (low, high))
    return {provider: pair for provider, (_, pair) in found.items()}


def _sentence(provider: str, counts: Mapping[str, Counts], low: str, high: str) -> str:
    said = [f"{_whose(vendor)} {'show ' if vendor == low else ''}{_whole(counts[vendor].inboxing)}" for vendor in (low, high)]
    return f"At {LABELS.get(provider, provider)} {said[0]}, {said[1]}: they differ by more than chance."


def _whose(vendor: str) -> str:
    """What a vendor's figures stand on: 'X's broadcasts', 'Y's tests'."""
    feeds = VENDORS[vendor].feeds
    return f"{VENDORS[vendor].label}'s {'broadcasts' if 'broadcasts' in feeds or 'tests' not in feeds else 'tests'}"


def _whole(rate: Rate) -> str:
    low, high = rate.interval or (0.0, 0.0)
    return f"{(rate.value or 0.0) * 100:.0f} % ({low * 100:.0f}–{high * 100:.0f})"
