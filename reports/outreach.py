"""Days of outreach as a figure and its table, for a campaign's page and for a sender's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reports.ages import short_day
from reports.headlines import Fact
from reports.lines import DAY, WEEK, steps
from reports.queries.outreach import COUNTS, NOTHING, Reach
from reports.scope import Window
from reports.stats import UNMEASURED, Cell

LABELS = {
    "sent": "Sent",
    "delivered": "Delivered",
    "opened": "Opened (indicative)",
    "clicked": "Clicked",
    "replied": "Replied",
    "replied_auto": "Automatic replies",
    "positive": "Positive replies",
    "bounced": "Bounced",
    "bounced_hard": "Bounced hard",
    "bounced_soft": "Bounced soft",
    "unsubscribed": "Unsubscribed",
}
_IN_ALL = "since it began"


@dataclass(frozen=True, slots=True)
class Course:
    """The days of a window with mail, or its weeks; `first` and `last` bound the axis. `names`: what they count."""

    first: date
    last: date
    step: timedelta
    days: dict[date, Reach]
    names: tuple[str, ...]

    @property
    def by_week(self) -> bool:
        return self.step == WEEK

    @property
    def heads(self) -> list[str]:
        return [LABELS[name] for name in self.names]

    @property
    def lines(self) -> list[tuple[str, list[str]]]:
        """Newest first: the day's name, and its counts in words."""
        named = sorted(self.days.items(), reverse=True)
        return [(self.name(day), [reach.said(name) for name in self.names]) for day, reach in named]

    @property
    def whole(self) -> Reach:
        return _sum(list(self.days.values()))

    def step_of(self, day: date) -> date:
        return self.first + (day - self.first) // self.step * self.step

    def name(self, day: date) -> str:
        return f"{short_day(day)} – {short_day(day + WEEK - DAY)}" if self.by_week else f"{day:%a} {short_day(day)}"


def course(days: Mapping[date, Reach], window: Window, names: Sequence[str]) -> Course:
    """Of `names` those that were measured on some day."""
    first, step = steps(window)
    folded: dict[date, list[Reach]] = {}
    for day, reach in days.items():
        if window.first <= day <= window.last:
            folded.setdefault(first + (day - first) // step * step, []).append(reach)
    found = {day: _sum(some) for day, some in folded.items()}
    measured = [name for name in names if any(reach[name] is not None for reach in found.values())]
    return Course(first, window.last, step, found, tuple(measured))


def summed(days: Mapping[date, Reach], window: Window) -> Reach:
    return _sum([reach for day, reach in days.items() if window.first <= day <= window.last])


def facts(whole: Reach, names: Sequence[str], window: Window) -> list[Fact]:
    """Of the window: what was sent, then a rate for each of `names`, measured or not."""
    found = [Fact(whole.text("sent") if whole["sent"] is not None else "0", "sent", note=f"in {window.days} days")]
    for name in names:
        cell = whole.cell(name)
        band = "muted" if cell.band in ("few", "none") else ""
        note = "not measured" if cell.text == UNMEASURED else cell.sub + _parts(whole, name)
        found.append(Fact(cell.text, LABELS[name].lower(), band, note=note, title=cell.title))
    return found


def bounces(whole: Reach, totals: Mapping[str, int], window: Window) -> Fact:
    """A campaign's: of the window where its vendor counts them by day."""
    return since_it_began(totals) if whole["bounced"] is None else facts(whole, ("bounced",), window)[-1]


def since_it_began(totals: Mapping[str, int]) -> Fact:
    """The bounces of a campaign whose vendor does not count them by day."""
    cell = bounced_in_all(totals)
    return Fact(cell.text, "bounced", "" if cell.band == "" else "muted", note=cell.sub or _IN_ALL, title=cell.title)


def bounced_in_all(totals: Mapping[str, int]) -> Cell:
    """The same in a list, where it stands beside what was sent in the window."""
    cell = Reach.since_it_began(totals).cell("bounced")
    return cell if cell.text == UNMEASURED else cell._replace(sub=f"{cell.sub} {_IN_ALL}".strip())


def _parts(whole: Reach, name: str) -> str:
    """Of bounces, ': 95 hard, 62 soft' where the vendor tells them apart."""
    hard, soft = whole["bounced_hard"], whole["bounced_soft"]
    return f": {hard:,} hard, {soft:,} soft" if name == "bounced" and hard is not None and soft is not None else ""


def _sum(some: Sequence[Reach]) -> Reach:
    if len(some) == 1:
        return some[0]
    counts = {name: _added([reach[name] for reach in some]) for name in COUNTS}
    of = {name: _added([reach.of.get(name) for reach in some]) for name in COUNTS[1:]}
    return Reach(counts, of) if some else NOTHING


def _added(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
