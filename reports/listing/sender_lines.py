"""Senders as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from clients import sender_health
from clients.ages import ago
from clients.changes.selecting import GONE
from clients.models import Sender
from reports import sender_facts
from reports.listing.heads import Column
from reports.stats import UNMEASURED

#: The seven engagement percentages: field → its head, which breaks into two lines and no more, and what it means.
RULES = {
    "open": ("Opened %", "Opened"),
    "scroll_down": ("Scrolled %", "Scrolled down"),
    "spam_to_inbox": ("Spam\u00a0to inbox\u00a0%", "Moved from spam to the inbox"),
    "promo_to_inbox": ("Promo\u00a0to inbox\u00a0%", "Moved from promotions to the inbox"),
    "mark_important": ("Important %", "Marked important"),
    "reply": ("Replied %", "Replied to"),
    "click_link": ("Clicked %", "A link clicked"),
}

_TONES = {"active": "good", "inactive": "", GONE: "look"}
HEALTH_TONES = {sender_health.HEALTHY: "good", sender_health.PROBLEM: "bad", sender_health.IDLE: "look"}
_RULES = [
    Column("Preset", "preset"),
    *(Column(short, number=True, title=f"{meaning}, in percent of the mail") for short, meaning in RULES.values()),
    Column("Seeds", "seeds", number=True, best_first=True),
]
_OUTREACH = [
    Column("Daily limit", number=True, title="Mails a day, as set at the vendor"),
    Column("Warmup"),
    Column("Warmup score", number=True, title="Of warmup mail alone, 7 days: it says nothing about placement"),
]


def columns(*, clients: bool, rules: bool = True, outreach: bool = False) -> list[Column]:
    """`rules`, `outreach`: whether a vendor of those shown has engagement rules, or writes to strangers."""
    return [
        Column("Sender", "email", beside=Column("Domain", "domain")),
        *([Column("Client", "client")] if clients else []),
        Column("Tags"),
        Column("Status, health", "status", title="The vendor's word, and ours by its mail: explained beneath the list"),
        *(_RULES if rules else []),
        *(_OUTREACH if outreach else []),
        Column("Last activity", "activity", best_first=True),
    ]


@dataclass(frozen=True, slots=True)
class Line:
    uuid: UUID
    email: str
    name: str
    client: str  # empty: nobody's
    client_slug: str
    conflict: bool
    tags: list[str]
    status: str
    tone: str
    health: str
    health_tone: str
    health_why: str
    gone: bool
    ruled: bool  # whether its vendor has engagement rules
    preset: str
    rules: list[str]
    seeds: str
    active: str
    account: str
    vendor: str  # empty where all are of one
    may_change: bool  # whether its vendor lets anything of it be changed
    may_edit: bool  # and its profile too
    url: str  # of its page; empty where it has none
    limit: str
    warmup: str
    score: str
    state: str  # the three in one line, in the room of another vendor's columns


def has_rules(row: Sender) -> bool:
    return "engagement" in row.connection.vendor_class.can


def reaches(row: Sender) -> bool:
    return row.connection.vendor_class.tells_days()


def lines(rows: Iterable[Sender], now: datetime) -> list[Line]:
    """`rows` come with their client, connection and tags."""
    found = list(rows)
    several = len({row.connection.vendor for row in found}) > 1
    return [_line(row, now, several=several) for row in found]


def _line(row: Sender, now: datetime, *, several: bool) -> Line:
    status: str = row.shown_status  # type: ignore[attr-defined]
    return Line(
        uuid=row.uuid,
        email=row.email,
        name=row.name,
        client=row.client.name if row.client else "",
        client_slug=row.client.slug if row.client else "",
        conflict=row.conflict,
        tags=[tag.name for tag in row.tags.all()],
        status=status,
        tone=_TONES.get(status, sender_facts.tone(status)),
        health=(health := row.health),  # type: ignore[attr-defined]
        health_tone=HEALTH_TONES.get(health, ""),
        health_why=sender_facts.seen(row),
        gone=row.gone_at is not None,
        ruled=has_rules(row),
        preset=row.preset or UNMEASURED,
        rules=[_number(getattr(row, name)) for name in RULES],
        seeds=_number(row.seed_count),
        active=ago(min(row.last_activity_at, now), now) if row.last_activity_at else UNMEASURED,
        account=row.connection.label,
        vendor=row.connection.vendor_class.label if several else "",
        may_change=bool(row.connection.vendor_class.sender_acts) and row.gone_at is None,
        may_edit=has_rules(row) and row.gone_at is None,
        url=reverse("sender", args=[row.client.slug, row.uuid]) if row.client and reaches(row) else "",
        limit=sender_facts.limit(row),
        warmup=sender_facts.warmup(row),
        score=sender_facts.score(row),
        state=sender_facts.state(row) if reaches(row) else "",
    )


def _number(value: int | None) -> str:
    return UNMEASURED if value is None else f"{value:,}"
