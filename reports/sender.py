"""A sender's page: its state at the vendor, what became of its outreach, and its warmup, which is something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from clients.models import Client, Sender, WarmupDay
from reports import sender_facts
from reports.ages import short_day
from reports.outreach import Course, course, facts
from reports.queries import outreach as queries
from reports.scope import Window
from reports.stats import UNMEASURED, Rate

NAMES = ("sent", "delivered", "replied", "replied_auto", "positive", "bounced", "bounced_hard", "bounced_soft")


@dataclass(frozen=True, slots=True)
class WarmupLine:
    day: str
    sent: str
    received: str
    inbox: str
    spam: str


@dataclass(frozen=True, slots=True)
class Shown:
    facts: list[Any]
    course: Course
    warmup: list[WarmupLine]
    warmup_share: str
    warmup_said: str


def shown(sender: Sender, client: Client, window: Window) -> Shown:
    """Two queries."""
    at = course(queries.days_of_sender(sender, client, window), window, NAMES)
    days = queries.warmup_of(sender, window)
    own = sender_facts.facts(sender)
    return Shown(
        [*facts(at.whole, sender_facts.RATES, window), *own], at, _lines(days), _share(days), sender_facts.warmup_said(sender)
    )


def _lines(days: dict[date, WarmupDay]) -> list[WarmupLine]:
    return [
        WarmupLine(f"{day:%a} {short_day(day)}", *(_number(getattr(row, name)) for name in ("sent", "received", "inbox", "spam")))
        for day, row in sorted(days.items(), reverse=True)
    ]


def _share(days: dict[date, WarmupDay]) -> str:
    """'97.1 % of 70 warmup mails in the inbox'."""
    known = [(row.inbox, row.spam) for row in days.values() if row.inbox is not None and row.spam is not None]
    rate = Rate(sum(inbox for inbox, _ in known), sum(inbox + spam for inbox, spam in known))
    return f"{rate.text} of {rate.n:,} warmup mails in the inbox" if rate.n else ""


def _number(value: int | None) -> str:
    return UNMEASURED if value is None else f"{value:,}"
