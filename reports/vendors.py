"""A client's vendors side by side: what each shows at each mailbox provider and day by day, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.safestring import SafeString

from clients.models import ALL_PROVIDERS
from clients.vendors import VENDORS
from reports.cells import interval_cells, small_cells
from reports.charts.quiet import Figure
from reports.charts.vendors import STYLES, trend
from reports.disagreeing import Gaps, gaps, mark, plainly, sentence
from reports.falls import total
from reports.lines import LABELS, Points, points
from reports.queries.placement import Days
from reports.scope import Window
from reports.stats import Counts, Rate, mails


@dataclass(frozen=True, slots=True)
class Compared:
    """Of one window: mailbox provider → vendor → counts, and where two disagree. Empty where no vendor has mail."""

    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)
    gaps: Gaps = field(default_factory=dict)

    @property
    def vendors(self) -> list[str]:
        """Those with mail, by name; none where there are not two."""
        found = {vendor for of in self.counts.values() for vendor, one in of.items() if one.received}
        return sorted(found) if len(found) > 1 else []

    def mark(self, provider: str) -> SafeString:
        return mark(_rates(self.counts[provider]), self.gaps[provider]) if provider in self.gaps else SafeString()

    def sentences(self, only: str = "") -> list[str]:
        return [sentence(name, _rates(self.counts[name]), pair) for name, pair in self.gaps.items() if only in ("", name)]

    def plainly(self) -> list[str]:
        """The same for a client."""
        return [plainly(name, _rates(self.counts[name]), pair) for name, pair in self.gaps.items()]


def compare(days: Mapping[str, Days], window: Window) -> Compared:
    """`days` by vendor, of every mailbox provider."""
    counts = {provider: {vendor: total(days[vendor].get(provider, {}), window) for vendor in sorted(days)} for provider in LABELS}
    counts = {provider: of for provider, of in counts.items() if any(one.received for one in of.values())}
    return Compared(counts, gaps({provider: _rates(of) for provider, of in counts.items()}))


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: SafeString
    differs: bool


@dataclass(frozen=True, slots=True)
class Vendors:
    heads: list[tuple[str, str, str]]  # slug, label, and the key of its line in a legend
    rows: list[Row]
    sentences: list[str]
    figure: Figure  # day by day
    days: list[tuple[str, SafeString]]  # its table


def side_by_side(days: Mapping[str, Days], found: Compared, window: Window, only: str = "") -> Vendors | None:
    """`days` by vendor. None where fewer than two have mail in the window; `only` one mailbox provider where it is asked for."""
    shown = found.vendors
    if not shown:
        return None
    rows = [
        Row(LABELS[name], small_cells(of[vendor].inboxing for vendor in shown), name in found.gaps)
        for name, of in found.counts.items()
        if only in ("", name)
    ]
    lines = {vendor: points(days[vendor].get(only or ALL_PROVIDERS, {}), window) for vendor in shown}
    heads = [(vendor, VENDORS[vendor].label, style.key) for vendor, style in zip(shown, STYLES, strict=False)]
    figure = trend({VENDORS[vendor].label: at for vendor, at in lines.items()})
    return Vendors(heads, rows, found.sentences(only), figure, _table(lines))


def _table(lines: Mapping[str, Points]) -> list[tuple[str, SafeString]]:
    """Newest first."""
    steps: dict[date, str] = {day: at.name(day) for at in lines.values() for day in at.counts}
    return [
        (steps[day], interval_cells(at.counts.get(day, Counts()).inboxing for at in lines.values()))
        for day in sorted(steps, reverse=True)
    ]


def _rates(of: Mapping[str, Counts]) -> dict[str, Rate]:
    return {vendor: counts.inboxing for vendor, counts in of.items()}


def blended(days: Mapping[str, Days], window: Window, provider: str) -> str:
    """Whose mail a figure is made of: 'X 1,000 mails, Y 200 mails together', or 'X alone'. `days` by vendor, empty where the
    client has no more than one; then it is nobody's question, and ''."""
    sums = {vendor: total(of.get(provider, {}), window).received for vendor, of in sorted(days.items())}
    found = [(VENDORS[vendor].label, received) for vendor, received in sums.items() if received]
    if len(found) < 2:
        return f"{found[0][0]} alone" if found else ""
    return f"{', '.join(f'{label} {mails(received)}' for label, received in found)} together"
