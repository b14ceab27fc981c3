"""Mailbox providers side by side: a small line each, and week by week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from clients.models import ALL_PROVIDERS
from clients.vendors import VENDORS
from reports.ages import short_day
from reports.cells import interval_cells
from reports.charts.heat import heat
from reports.charts.multiples import by_vendor, multiple
from reports.charts.quiet import Figure
from reports.falls import total
from reports.lines import LABELS, WEEK, Line, line, points
from reports.queries.placement import Days
from reports.scope import Window
from reports.stats import Change, Counts, Rate, change, mails
from reports.vendors import Compared, blended

HEAT_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Multiple:
    slug: str
    name: str
    value: str
    band: str
    note: str
    fell: bool
    figure: Figure
    lines: list[Line]  # of all its mail, then of each vendor's where several have mail there
    whose: str  # the vendors that it is made of, where the client has several
    mark: SafeString  # where they disagree


def multiples(days: Days, window: Window, vendors: Mapping[str, Days], compared: Compared) -> list[Multiple]:
    """`vendors`: the same days by vendor, empty where there are not several."""
    found = []
    for name in LABELS:
        if name in days and total(days[name], window).received:
            parts = {vendor: vendors[vendor].get(name, {}) for vendor in compared.vendors}
            found.append(_multiple(name, days[name], window, parts, blended(vendors, window, name), compared.mark(name)))
    return found


def _multiple(
    slug: str,
    days: Mapping[date, Counts],
    window: Window,
    parts: Mapping[str, Mapping[date, Counts]],
    whose: str,
    mark: SafeString,
) -> Multiple:
    now = total(days, window)
    moved = change(now.inboxing, total(days, window.before).inboxing, began=window.began)
    value = f"{now.inboxing.whole} %"
    tone = _tone(now.inboxing, moved)
    drawn = {VENDORS[vendor].label: points(of, window) for vendor, of in parts.items()}
    figure = by_vendor(drawn, tone) if drawn else multiple(points(days, window), tone)
    name, band = LABELS[slug], now.inboxing.band
    lines = [line(name, now, moved), *_parts(name, parts, window)]
    return Multiple(slug, name, value, band, _note(now.inboxing, moved), moved.fell, figure, lines, whose, mark)


def _parts(name: str, parts: Mapping[str, Mapping[date, Counts]], window: Window) -> Iterator[Line]:
    some = {vendor: (days, now) for vendor, days in parts.items() if (now := total(days, window)).received}
    if len(some) > 1:
        for vendor, (days, now) in some.items():
            moved = change(now.inboxing, total(days, window.before).inboxing, began=window.began)
            yield line(f"{name}, {VENDORS[vendor].label}", now, moved)


def _tone(rate: Rate, moved: Change) -> str:
    if rate.band == "few":
        return "missing"
    return "spam" if moved.fell or rate.band == "bad" else "inbox"


def _note(rate: Rate, moved: Change) -> str:
    few = "few mails" if rate.band == "few" else ""
    return " · ".join(text for text in (mails(rate.n), moved.text if moved.clear else few) if text)


@dataclass(frozen=True, slots=True)
class HeatMap:
    whose: str
    weeks: list[str]
    rows: list[tuple[str, SafeString, SafeString]]  # name, a mark where vendors disagree in the window, cells
    differ: bool
    figure: Figure


def heat_map(days: Days, window: Window, vendors: Mapping[str, Days], compared: Compared) -> HeatMap:
    """Whole weeks from Monday on, the current one unfinished: eight of them, or as many as the window reaches into."""
    all_of = mondays(window)
    rows = {name: row for name in LABELS if name in days and (row := by_week(days[name], all_of[0]))}
    cells = [(LABELS[name], compared.mark(name), interval_cells(row.get(at) for at in all_of)) for name, row in rows.items()]
    whose = blended(vendors, Window(all_of[0], window.last), ALL_PROVIDERS)
    drawn = heat(all_of, {f"{LABELS[name]}{' ≠' if name in compared.gaps else ''}": row for name, row in rows.items()})
    weeks = [short_day(monday) for monday in all_of]
    return HeatMap(whose, weeks, cells, not compared.gaps.keys().isdisjoint(rows), drawn)


def first_monday(window: Window) -> date:
    return mondays(window)[0]


def mondays(window: Window) -> Sequence[date]:
    last = window.last - timedelta(days=window.last.weekday())
    reached = (last - window.first).days // 7 + 1
    return [last - WEEK * at for at in reversed(range(max(HEAT_WEEKS, reached)))]


def by_week(days: Mapping[date, Counts], first: date) -> dict[date, Rate]:
    found: dict[date, Rate] = {}
    for day, counts in days.items():
        monday = day - timedelta(days=day.weekday())
        if monday >= first:
            so_far, rate = found.get(monday, Rate(0, 0)), counts.inboxing
            found[monday] = Rate(so_far.hits + rate.hits, so_far.n + rate.n)
    return found
