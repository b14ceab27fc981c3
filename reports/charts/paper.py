"""The trend as plain SVG: nothing to load, sharp on paper, as wide as the page is. Each day has a place as wide as the others';
lines, bars and labels stand in its middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from reports.stats import Counts, Rate

#: The drawing's own units; it is stretched to its place, lines keep their width.
WIDTH, HEIGHT, VOLUME = 1000, 200, 40
DASH = 6
LABELS = 7  # at most; a phone has room for every other, see static/css/report.css


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
class Label:
    day: date
    percent: float  # of the width


@dataclass(frozen=True, slots=True)
class Drawing:
    lines: list[Line]
    bars: list[Bar]
    labels: list[Label]
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
    return Drawing(lines, _bars(days, first, last, most), _labels(first, last), most)


def path(days: Mapping[date, Counts], first: date, last: date, share: Callable[[Counts], Rate], height: float = HEIGHT) -> str:
    """A day without mail is a gap; a day after one begins with a dash, so that it shows even if it stands alone."""
    half = min(DASH, _place(first, last)) / 2
    commands, drawn = [], None
    for day in sorted(days):
        rate = share(days[day])
        if not rate.n or not first <= day <= last:
            continue
        x, y = _middle(day, first, last), height * (1 - rate.hits / rate.n)
        follows = drawn is not None and day - drawn == timedelta(days=1)
        commands.append(f"L{x:.1f} {y:.1f}" if follows else f"M{x - half:.1f} {y:.1f}H{x + half:.1f}H{x:.1f}")
        drawn = day
    return "".join(commands)


def _bars(days: Mapping[date, Counts], first: date, last: date, most: int) -> list[Bar]:
    width = _place(first, last) * 0.6
    return [
        Bar(round(_middle(day, first, last) - width / 2, 1), round(VOLUME - size, 1), round(width, 1), round(size, 1))
        for day, counts in sorted(days.items())
        if first <= day <= last and (size := VOLUME * counts.received / max(1, most))
    ]


def _labels(first: date, last: date) -> list[Label]:
    """The last day, and others as far from each other as whole days go."""
    days = (last - first).days + 1
    named = [last - timedelta(days=ago) for ago in range(0, days, -(-days // LABELS))]
    return [Label(day, round(_middle(day, first, last) / WIDTH * 100, 3)) for day in reversed(named)]


def _place(first: date, last: date) -> float:
    return WIDTH / ((last - first).days + 1)


def _middle(day: date, first: date, last: date) -> float:
    return ((day - first).days + 0.5) * _place(first, last)
