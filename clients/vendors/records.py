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
    external_id: str
    email: str
    name: str
    domain: str
    status: str
    tags: tuple[str, ...]
    preset: str
    open: int | None
    scroll_down: int | None
    spam_to_inbox: int | None
    promo_to_inbox: int | None
    mark_important: int | None
    reply: int | None
    click_link: int | None
    seed_count: int | None
    created_at: datetime | None
    last_activity_at: datetime | None
    raw: dict[str, Any]


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


class PlacementRecord(Record, frozen=True, gc=False):
    """One broadcast at one mailbox provider. `external_id` is the broadcast's."""

    external_id: str
    mailbox_provider: str
    received: int
    primary: int
    promotions: int
    spam: int
    missing: int | None = None


class Page[R: Record](msgspec.Struct, frozen=True):
    """One answer. `cursor` asks for the next page; None on the last. `set_aside`: why rows were left out, one text a row."""

    records: tuple[R, ...]
    cursor: str | None
    set_aside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # oddities worth a line in the run's log
