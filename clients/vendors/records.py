"""What vendors yield, in our words: frozen, free of models, text already safe to store.

Text is stripped of NUL and lone surrogates and cut to the column's length. Counts are mails, days are the vendor's days,
times are aware. `None` means that the vendor did not say.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False):
    pass


class SeedRecord(Record, frozen=True, gc=False):
    email: str
    mailbox_provider: str  # a value of clients.models.MailboxProvider
    provider_raw: str
    status: str
    created_at: datetime | None = None


class SenderRecord(Record, frozen=True):
    """Engagement rules, from `preset` on, and `seed_count` have those alone whose vendor has seeds."""

    external_id: str
    email: str
    name: str
    domain: str
    status: str
    tags: tuple[str, ...] = ()
    preset: str = ""
    open: int | None = None
    scroll_down: int | None = None
    spam_to_inbox: int | None = None
    promo_to_inbox: int | None = None
    mark_important: int | None = None
    reply: int | None = None
    click_link: int | None = None
    seed_count: int | None = None
    created_at: datetime | None = None
    last_activity_at: datetime | None = None
    raw: dict[str, Any] = msgspec.field(default_factory=dict)


class Rules(Record, frozen=True):
    """Engagement rules: a preset by name, or 'custom' with all seven percentages."""

    preset: str
    open: int | None = None
    scroll_down: int | None = None
    spam_to_inbox: int | None = None
    promo_to_inbox: int | None = None
    mark_important: int | None = None
    reply: int | None = None
    click_link: int | None = None


class Warmup(Record, frozen=True):
    """Whether a sender's warmup runs."""

    on: bool


type What = Rules | Warmup | str
"""What a sender is told: its rules, its warmup, or its status."""


class Handed(Record, frozen=True):
    """A call that the vendor has taken. `job`: it works on it in the background, under this id; `refused`: by its word these
    senders were not changed."""

    job: str = ""
    refused: tuple[str, ...] = ()


class JobRecord(Record, frozen=True):
    """One of a vendor's background jobs, and what it was told."""

    external_id: str
    over: bool
    failed: str = ""  # of one that is over without having done it: how it ended, in the vendor's word
    senders: frozenset[str] = frozenset()  # e-mails, in lower case
    what: Warmup | None = None
    started_at: datetime | None = None


class NewSender(Record, frozen=True):
    email: str
    name: str
    tags: tuple[str, ...]
    status: str
    rules: Rules


class BroadcastRecord(Record, frozen=True, gc=False):
    external_id: str
    subject: str
    from_email: str
    domain: str
    sender_ref: str
    day: date
    received: int  # primary + promotions + spam
    primary: int
    promotions: int
    spam: int
    missing: int | None = None
    undecided: int | None = None  # came, and where is not told


class PlacementRecord(Record, frozen=True, gc=False):
    """One broadcast at one mailbox provider. `external_id` is the broadcast's."""

    external_id: str
    mailbox_provider: str
    received: int
    primary: int
    promotions: int
    spam: int
    missing: int | None = None
    undecided: int | None = None  # came, and where is not told


class WorkspaceRecord(Record, frozen=True):
    """A workspace, other than its own, that the key may act for."""

    external_id: str
    name: str
    absent: str = ""  # why it can't be read, in a word: 'pending', 'rejected'; '' for one that can


class PlacementTestRecord(Record, frozen=True):
    external_id: str
    name: str
    subject: str
    kind: str  # a value of clients.models.TestKind
    status: str  # of TestStatus; a number that we don't know stays one, as text
    not_sending: str
    senders: tuple[str, ...]  # e-mails, in lower case
    seeds: int
    created_at: datetime | None
    next_run_at: datetime | None
    raw: dict[str, Any]
    mark: str = ""  # what it was given when it was made here


class MailRecord(Record, frozen=True, gc=False):
    """One mail of a test: as sent, or as received. `None` is not said, or not decided yet."""

    external_id: str
    record: str  # a value of clients.models.TestRecord
    at: datetime
    sender_email: str
    recipient_email: str
    mailbox_provider: str
    provider_raw: str
    region: str
    is_spam: bool | None
    has_category: bool | None
    spf: bool | None
    dkim: bool | None
    dmarc: bool | None
    headers: dict[str, Any] | None


class ReportRecord(Record, frozen=True):
    """What blacklists and SpamAssassin say of one domain; `details` as in clients.models.TestReport."""

    external_id: str
    at: datetime | None
    domain: str
    ip: str
    domain_blacklists: int | None
    ip_blacklists: int | None
    spam_score: float | None
    details: dict[str, Any]


class CampaignRecord(Record, frozen=True):
    external_id: str
    name: str
    status: str  # a value of clients.models.CampaignStatus; a number that we don't know stays one, as text
    not_sending: str  # in words
    daily_limit: int | None
    senders: tuple[str, ...]  # e-mails, in lower case
    sender_tags: tuple[str, ...] | None  # names of tags: whoever has one sends too. None: can't be read
    tags: tuple[str, ...] | None  # names of its own
    #: {"hours": [{name, weekdays (Monday is 1), from, to, timezone}], "first": day, "last": day}; empty where it has none
    schedule: dict[str, Any]
    created_at: datetime | None
    raw: dict[str, Any]


class TotalsRecord(Record, frozen=True):
    """A campaign's counts since it began, by the names of `ActivityRecord`'s."""

    external_id: str
    counts: dict[str, int]


class ActivityRecord(Record, frozen=True, gc=False):
    """Outreach of one day. `ref` is a sender's e-mail as the vendor writes it, '' where it names none; of a campaign's day it
    is the campaign."""

    ref: str
    day: date
    sent: int | None = None
    delivered: int | None = None
    opened: int | None = None
    clicked: int | None = None
    replied: int | None = None
    replied_auto: int | None = None
    positive: int | None = None
    bounced: int | None = None
    bounced_hard: int | None = None
    bounced_soft: int | None = None
    unsubscribed: int | None = None


class WarmupRecord(Record, frozen=True, gc=False):
    ref: str
    day: date
    sent: int | None
    received: int | None
    inbox: int | None
    spam: int | None


class BenchmarkRecord(Record, frozen=True):
    """What a vendor says of all its customers together: shares from 0 to 1, by the names of `ActivityRecord`'s counts."""

    at: datetime | None
    shares: dict[str, float]


class Page[R: Record](msgspec.Struct, frozen=True):
    """One answer. `cursor` asks for the next page; None on the last. `set_aside`: why rows were left out, one text a row."""

    records: tuple[R, ...]
    cursor: str | None
    set_aside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # oddities worth a line in the run's log
