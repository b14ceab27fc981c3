"""A campaign's steps in words. What is known of them is what was made from here: vendors give them back by their number alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from clients.models import Campaign, MakingState
from clients.vendors.campaigns import BOUNCED, CLICKED, NO_REPLY, OPENED, REPLIED, Branch, Step

#: What may happen to a step's mail.
EVENTS = {
    OPENED: "was opened",
    CLICKED: "was clicked",
    REPLIED: "was answered",
    NO_REPLY: "was not answered",
    BOUNCED: "bounced",
}
OPENING = 140  # letters of a body that are shown before it is unfolded


@dataclass(frozen=True, slots=True)
class StepLine:
    place: int
    when: str
    subject: str
    body: str
    branch: str

    @property
    def opening(self) -> str:
        """The first lines on one; '' where they are all there is."""
        flat = " ".join(self.body.split())
        return f"{flat[:OPENING].rstrip()}…" if len(flat) > OPENING or "\n" in self.body.strip() else ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """`made_at`: since then somebody may have changed it at the vendor. `number`: of the steps that the vendor knows now."""

    lines: list[StepLine]
    made_at: datetime
    number: int | None

    @property
    def differs(self) -> bool:
        return self.number is not None and self.number != len(self.lines)


def of(campaign: Campaign) -> Sequence | None:
    """None where it was not made here. One query."""
    order = campaign.orders.filter(state=MakingState.MADE).exclude(steps=[]).order_by("-sent_at").first()
    if order is None:
        return None
    return Sequence(lines(msgspec.convert(order.steps, list[Step])), order.sent_at, campaign.raw.get("steps"))


def lines(steps: Iterable[Step]) -> list[StepLine]:
    return [
        StepLine(place, _when(place, step.delay_days), step.subject, step.body, _branch(step.branch) if step.branch else "")
        for place, step in enumerate(steps, 1)
    ]


def _when(place: int, days: int) -> str:
    if place == 1:
        return "the first mail"
    return f"{_days(days)} after the step before" if days else "on the same day as the step before"


def _branch(at: Branch) -> str:
    """'If step 1 was opened within 2 days, step 4 follows; if not, it ends.'"""
    condition = f"If the mail of step {at.on} {EVENTS[at.event]} within {_days(at.within_days)}"
    return f"{condition}, {_way(at.then)}; if not, {_way(at.otherwise)}."


def _way(place: int | None) -> str:
    return f"step {place} follows" if place else "it ends"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
