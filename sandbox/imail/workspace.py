"""What one ledger of a workspace holds: live or test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sandbox.answers import Json
from sandbox.imail.cast import Rate, Tier
from sandbox.imail.ids import chance, ident
from sandbox.readers import address

STATUSES = ("draft", "active", "paused", "completed", "archived")
LEAD_STATUSES = ("queued", "in_sequence", "replied", "bounced", "unsubscribed", "completed", "suppressed")
WINDOW = {"start": "09:00", "end": "17:00", "days": ["mon", "tue", "wed", "thu", "fri"], "timezone": "lead"}
_FIRST = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana")


@dataclass(slots=True)
class Campaign:
    id: str
    number: int
    name: str
    status: str
    inbox_ids: list[str]
    steps: list[Json]
    daily_limit: int
    created: datetime
    updated: datetime
    send_window: Json = field(default_factory=lambda: dict(WINDOW))
    track_opens: bool = True
    track_clicks: bool = True
    spans: list[tuple[date, date | None]] = field(default_factory=list)
    """Days on which it sent, both inclusive."""
    leads: int = 0
    """So many were there from the start, made when they are asked for."""

    def sends_on(self, day: date) -> bool:
        return any(start <= day and (end is None or day <= end) for start, end in self.spans)

    def turn(self, status: str, now: datetime) -> None:
        if self.status == "active" and self.spans:
            self.spans[-1] = (self.spans[-1][0], now.date())
        if status == "active":
            self.spans.append((now.date(), None))
        self.status, self.updated = status, now


@dataclass(slots=True)
class Inbox:
    id: str
    number: int
    email: str
    display_name: str
    provider: str
    status: str
    daily_limit: int
    warmup: str
    warms: bool
    created: datetime
    connected: datetime | None
    last_error: str | None = None
    lost: date | None = None

    def sends_on(self, day: date) -> bool:
        return self.connected is not None and (self.lost is None or day <= self.lost)

    def lose(self, error: str, day: date) -> None:
        self.status, self.last_error, self.lost = "disconnected", error, day

    def connect(self, now: datetime) -> None:
        self.status, self.last_error, self.lost, self.connected = "connected", None, None, now


@dataclass(slots=True)
class Lead:
    id: str
    number: int
    campaign_id: str
    email: str
    status: str
    created: datetime
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    timezone: str = "Europe/Berlin"
    custom: Json = field(default_factory=dict)
    current_step: int = 0


@dataclass(slots=True)
class Webhook:
    id: str
    number: int
    url: str
    events: list[str]
    secret: str
    created: datetime
    enabled: bool = True


@dataclass(slots=True)
class Ledger:
    name: str
    number: int
    live: bool
    tier: Tier
    hard: Rate
    anchor: date
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    added: dict[str, Lead] = field(default_factory=dict)
    """Leads that were made or changed since the start."""
    removed: set[str] = field(default_factory=set)
    firsts: dict[str, list[Lead]] = field(default_factory=dict)
    """Those that were there from the start, by campaign."""
    highest: int = 0

    @property
    def id(self) -> str:
        return ident("ws", self.number)

    def new_number(self) -> int:
        self.highest += 1
        return self.highest

    def new_id(self, prefix: str, number: int) -> str:
        return ident(prefix, self.name, self.live, number)

    def leads_of(self, campaign: Campaign) -> list[Lead]:
        return [lead for lead in self._leads_of(campaign) if lead.id not in self.removed]

    def lead(self, identity: str) -> Lead | None:
        every = (lead for campaign in self.campaigns.values() for lead in self.leads_of(campaign))
        return next((lead for lead in every if lead.id == identity), None)

    def _leads_of(self, campaign: Campaign) -> list[Lead]:
        if campaign.id not in self.firsts:
            self.firsts[campaign.id] = [self._first_lead(campaign, place) for place in range(campaign.leads)]
        first = self.firsts[campaign.id]
        if not self.added:
            return first
        known = {lead.id for lead in first}
        later = [lead for lead in self.added.values() if lead.campaign_id == campaign.id and lead.id not in known]
        return [self.added.get(lead.id, lead) for lead in first] + later

    def _first_lead(self, campaign: Campaign, place: int) -> Lead:
        luck = chance("lead", campaign.id, place)
        shares = (("queued", 0.3), ("in_sequence", 0.62), ("replied", 0.68), ("bounced", 0.7), ("unsubscribed", 0.72))
        status = next((status for status, below in shares if luck < below), "completed")
        name = _FIRST[place % len(_FIRST)]
        return Lead(
            ident("led", campaign.id, place), place, campaign.id, address(name.lower(), place, f"prospect-{place % 40}.example"),
            status, campaign.created, name, f"Sample {place}", f"Company {place % 40}",
            current_step=0 if status == "queued" else 1 + place % 3,
        )  # fmt: skip


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]
