"""The trend as plain SVG: nothing to load, sharp on paper, as wide as the page is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from reports.stats import Counts, Rate

#: The drawing's own units; it is stretched to its place, lines keep their width.
WIDTH, HEIGHT, VOLUME = 1000, 200, 40
DASH = 6


@dataclass(frozen=True, slots=True)
class Line:
    key: str  # inbox, primary, promotions, spam
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    lines: list[Line]
    bars: list[Bar]
    days: list[date]  # for the axis: evenly spread, first and last among them
    most: int  # mails on the busiest day


_LINES: tuple[tuple[str, str, Callable[[Counts], Rate]], ...] = (
    ("spam", "Spam", lambda counts: counts.share("spam")),
    ("promotions", "Promotions", lambda counts: counts.share("promotions")),
    ("primary", "Primary", lambda counts: counts.share("primary")),
    ("inbox", "Inbox (primary and promotions)", lambda counts: counts.inboxing),
)


def trend(days: Mapping[date, Counts], first: date, last: date) -> Drawing:
    lines = [Line(key, label, path(days, first, last, share)) for key, label, share in _LINES]
    most = max((counts.received for counts in days.values()), default=0)
    return Drawing(lines, _bars(days, first, last, most), _ticks(first, last), most)


def path(days: Mapping[date, Counts], first: date, last: date, share: Callable[[Counts], Rate], height: float = HEIGHT) -> str:
    """A day without mail is a gap; a day after one begins with a dash, so that it shows even if it stands alone."""
    step = WIDTH / max(1, (last - first).days)
    commands, drawn = [], None
    for day in sorted(days):
        rate = share(days[day])
        if not rate.n or not first <= day <= last:
            continue
        x, y = (day - first).days * step, height * (1 - rate.hits / rate.n)
        follows = drawn is not None and day - drawn == timedelta(days=1)
        commands.append(f"L{x:.1f} {y:.1f}" if follows else f"M{max(0.0, x - DASH):.1f} {y:.1f}H{x:.1f}")
        drawn = day
    return "".join(commands)


def _bars(days: Mapping[date, Counts], first: date, last: date, most: int) -> list[Bar]:
    step = WIDTH / ((last - first).days + 1)
    return [
        Bar(round((day - first).days * step + step * 0.2, 1), round(VOLUME - size, 1), round(step * 0.6, 1), round(size, 1))
        for day, counts in sorted(days.items())
        if first <= day <= last and (size := VOLUME * counts.received / max(1, most))
    ]


def _ticks(first: date, last: date, count: int = 5) -> list[date]:
    span = (last - first).days
    return [first + timedelta(days=round(span * at / (count - 1))) for at in range(count)]
