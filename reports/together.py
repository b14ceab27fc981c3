"""Outreach and placement of a client on one time axis: what was sent and came back, beside where its mail landed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from clients.models import ALL_PROVIDERS, Client
from reports.lines import LABELS, Points
from reports.outreach import Course, course
from reports.queries import together as queries
from reports.queries.outreach import NOTHING, Reach
from reports.queries.outreach_board import days_of_client, new_to_outreach
from reports.queries.overview import new_to_mail
from reports.scope import Window
from reports.stats import Change, Rate, change

NAMES = ("sent", "delivered", "replied", "bounced", "bounced_hard", "bounced_soft")


@dataclass(frozen=True, slots=True)
class Together:
    """`landed`: inboxing on the steps of `course`; without a day where nothing was measured. `said`: a sentence, or ''."""

    course: Course
    landed: dict[date, Rate]
    said: str

    @property
    def days(self) -> list[date]:
        at = self.course
        return [at.first + number * at.step for number in range((at.last - at.first) // at.step + 1)]

    @property
    def lines(self) -> list[tuple[str, list[str], Rate]]:
        """Newest first: the step's name, its counts in words, its inboxing."""
        days = sorted({*self.course.days, *self.landed}, reverse=True)
        return [(self.course.name(day), self._counts(day), self.landed.get(day, Rate(0, 0))) for day in days]

    def _counts(self, day: date) -> list[str]:
        reach = self.course.days.get(day, NOTHING)
        return [reach.said(name) for name in self.course.names]


def together(client: Client, window: Window) -> Together | None:
    """Two queries, one where there is no outreach: then None. One more each where there is something to say, and days without
    mail leave open whether the window before is covered."""
    both = Window(window.before.first, window.last)
    reached = days_of_client(client, both)
    at = course(reached, window, NAMES)
    if not at.days:
        return None
    landed = queries.landed(client, both)
    steps: dict[date, list[Rate]] = {}
    for (provider, day), rate in landed.items():
        if provider == ALL_PROVIDERS and at.first <= day <= at.last:
            steps.setdefault(at.step_of(day), []).append(rate)
    return Together(at, {day: _sum(rates) for day, rates in steps.items()}, _said(client, reached, landed, window))


def beneath(points: Points, reached: Mapping[date, Reach], window: Window) -> Together | None:
    """What stands under a trend, on its steps; None where nothing was sent in the window."""
    at = course(reached, window, NAMES)
    if not at.days:
        return None
    return Together(at, {day: counts.inboxing for day, counts in points.counts.items()}, "")


def bounces(reached: Mapping[date, Reach]) -> dict[date, Rate]:
    return {day: _bounced(reach) for day, reach in reached.items()}


def _said(client: Client, reached: Mapping[date, Reach], landed: Mapping[tuple[str, date], Rate], window: Window) -> str:
    """Where bounces rose and inboxing fell, both beyond chance: the two and the mailbox provider of the deepest fall."""
    sent, received = bounces(reached), {day: rate for (provider, day), rate in landed.items() if provider == ALL_PROVIDERS}
    bounced, inboxing = _compared(sent, window), _compared(received, window)
    if not (bounced.rose and inboxing.fell):
        return ""
    unsure = [new for new, days in ((new_to_outreach, sent), (new_to_mail, received)) if _first(days) > window.before.first]
    if any(new([client.pk], window) for new in unsure):
        return ""
    rose = (
        f"Bounces rose from {bounced.before.text} to {bounced.now.text} of the mail sent, against the {window.days} days before"
    )
    return f"{rose}, while inboxing fell from {inboxing.before.text} to {inboxing.now.text}{_deepest(landed, window)}."


def _deepest(landed: Mapping[tuple[str, date], Rate], window: Window) -> str:
    moved = {
        name: _compared({day: rate for (provider, day), rate in landed.items() if provider == name}, window)
        for name in {provider for provider, _ in landed} - {ALL_PROVIDERS}
    }
    fell = {name: found for name, found in moved.items() if found.fell}
    if not fell:
        return ""
    name = min(fell, key=lambda one: (fell[one].points or 0.0, one))
    return f", most at {LABELS[name]}: from {fell[name].before.text} to {fell[name].now.text}"


def _compared(days: Mapping[date, Rate], window: Window) -> Change:
    now = _sum(rate for day, rate in days.items() if day >= window.first)
    return change(now, _sum(rate for day, rate in days.items() if day < window.first))


def _first(days: Mapping[date, Rate]) -> date:
    return min((day for day, rate in days.items() if rate.n), default=date.max)


def _bounced(reach: Reach) -> Rate:
    return Rate(reach["bounced"] or 0, reach.of.get("bounced") or 0)


def _sum(rates: Iterable[Rate]) -> Rate:
    found = list(rates)
    return Rate(sum(rate.hits for rate in found), sum(rate.n for rate in found))
