"""Mails that a vendor sends for us, in our words: what is asked for, and what the vendor made of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from clients.vendors.records import Record

SENT, REPLIED, BOUNCED = "sent", "replied", "bounced"

#: Why a vendor does not take a mail. FULL passes by itself with the day; the others need a person.
FULL, ASLEEP, UNWANTED, INVALID, OTHER = "full", "asleep", "unwanted", "invalid", "other"


class Letter(Record, frozen=True):
    """One mail to one recipient. `conversation`: the vendor's id of the one it answers; then the vendor knows the subject."""

    to: str
    subject: str
    text: str
    html: str = ""
    conversation: str = ""


class Refusal(Record, frozen=True):
    kind: str  # FULL, ASLEEP, …
    said: str  # the vendor's own word


class Sent(Record, frozen=True):
    """What became of one mail. Taken, unless there is a `refusal`; `due_at` is when a vendor that queues will let it go."""

    refusal: Refusal | None = None
    message: str = ""  # the vendor's ids
    conversation: str = ""
    queued: str = ""  # the id of its place in a queue: it has not left yet
    mailbox: str = ""  # the address that recipients see
    due_at: datetime | None = None
    replayed: bool = False  # the vendor had taken it before, and did nothing now


class Receipt(Record, frozen=True):
    """An answer to a mail, and what the identity may still send today where the vendor says so."""

    sent: Sent
    daily_cap: int | None = None
    remaining: int | None = None


class Talk(Record, frozen=True):
    """A conversation as a list tells of it."""

    external_id: str
    peer: str
    subject: str
    snippet: str
    messages: int | None
    archived: bool
    last_at: datetime
    created_at: datetime | None


class Line(Record, frozen=True):
    """A message of a conversation. `inbound` is None where the vendor does not say."""

    external_id: str
    at: datetime
    inbound: bool | None
    sender: str
    to: str
    subject: str
    text: str


class Happening(Record, frozen=True):
    """An event of an identity's stream. `kind` is the vendor's own word, `counts` ours for what a day counts: SENT, REPLIED,
    BOUNCED or ''. `raw` is the event as it came."""

    seq: int
    external_id: str
    kind: str
    counts: str
    at: datetime
    conversation: str
    recipient: str
    bounce: str  # 'soft', 'hard', 'unsaid', or '' for no bounce
    raw: str
    line: Line | None = None  # the message that it tells of
    mailbox: str = ""  # the address that recipients see
    queued: str = ""  # the id that its place in a queue had
    dropped: str = ""  # why what had been taken is not sent after all, in the vendor's word


class Stream(msgspec.Struct, frozen=True):
    """A part of it. `more`: there is more to read at once, after `seq`."""

    events: tuple[Happening, ...]
    seq: int
    more: bool
    set_aside: tuple[str, ...] = ()
