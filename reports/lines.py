"""The table behind a figure, and the points in time that both share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from clients.models import MailboxProvider
from reports.ages import short_day
from reports.scope import Window
from reports.stats import Change, Counts

LABELS = {str(provider): str(provider.label) for provider in MailboxProvider}
#: Where there is little room.
SHORT = LABELS | {"google_workspace": "Workspace", "microsoft_365": "M365"}

DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: Beyond so many days a point is a week: days would be noise, and their table endless.
DAILY = 120


class Line(NamedTuple):
    """One row, as text."""

    name: str
    n: str
    inboxing: str
    interval: str
    primary: str
    promotions: str
    spam: str
    missing: str
    band: str
    change: Change | None = None


def line(name: str, counts: Counts, moved: Change | None = None) -> Line:
    rate = counts.inboxing
    interval = rate.between.removesuffix(" %") or "–"
    primary, promotions, spam = (counts.share(outcome).text for outcome in ("primary", "promotions", "spam"))
    missing = "–" if counts.missing is None else f"{counts.missing:,}"
    return Line(name, f"{counts.received:,}", rate.text, interval, primary, promotions, spam, missing, rate.band, moved)


class Points(NamedTuple):
    """The counts of each day with mail, or of each seven days; `first` and `last` bound the axis."""

    first: date
    last: date
    step: timedelta
    counts: dict[date, Counts]

    @property
    def by_week(self) -> bool:
        return self.step == WEEK

    def lines(self) -> list[Line]:
        return [line(self.name(day), counts) for day, counts in sorted(self.counts.items(), reverse=True)]

    def name(self, day: date) -> str:
        return f"{short_day(day)} – {short_day(day + WEEK - DAY)}" if self.by_week else f"{day:%a} {short_day(day)}"


def steps(window: Window) -> tuple[date, timedelta]:
    """The first day of the first point, and from one point to the next. Weeks end with the window, so that the newest is whole;
    the oldest may begin before it, and has only its days in the window: all points together are the headline."""
    step = DAY if window.days <= DAILY else WEEK
    return window.first - timedelta(days=-window.days % step.days), step


def points(days: Mapping[date, Counts], window: Window) -> Points:
    first, step = steps(window)
    found: dict[date, Counts] = {}
    for day, counts in days.items():
        if window.first <= day <= window.last:
            point = first + (day - first) // step * step
            found[point] = found.get(point, Counts()) + counts
    return Points(first, window.last, step, found)
