"""What vendors tell of conversations, in our words: frozen and free of models, as `records`. `None` means that it was not said,
and leaves what is known as it is; '' and () mean that there is none."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from clients.vendors.records import Record

TAG, STATUS, MEMBER, CURRENCY = "tag", "status", "member", "currency"


class ProspectRecord(Record, frozen=True):
    external_id: str
    name: str | None = None
    handle: str | None = None
    tags: tuple[str, ...] | None = None  # ids of labels, as are the next two
    status: str | None = None
    assignee: str | None = None
    valuation: Decimal | None = None  # in the account's currency
    valuation_said: bool = False
    notes: str | None = None  # read when somebody looks, and not kept
    ref: str = ""  # what the vendor's calls name it by, where that is not `external_id`


class MessageRecord(Record, frozen=True):
    """A message of a conversation. `inbound`: the prospect wrote it."""

    external_id: str
    conversation: str
    text: str | None
    at: datetime | None = None
    inbound: bool | None = None
    deleted: bool = False
    author: str = ""  # of one of ours: the id of the member who wrote it
    way: str = ""  # how one of ours came about, in words: 'a campaign', 'the API'
    edited: bool = False
    failed: bool = False  # it was not delivered
    beside: str = ""  # what it carries that is no text, in words


class ConversationRecord(Record, frozen=True):
    external_id: str
    sender_ref: str  # the sender's id at the vendor
    prospect: ProspectRecord | None = None
    archived: bool | None = None
    is_request: bool | None = None
    assignee: str | None = None
    created_at: datetime | None = None
    last: MessageRecord | None = None
    subject: str | None = None


class Ref(Record, frozen=True):
    """Which conversation is meant, or where one would be: by its own id, or by the sender and the person."""

    sender: str  # the sender's id at the vendor
    external_id: str = ""
    kind: str = ""  # of the person's name: one of the vendor's `person_kinds`
    person: str = ""


class Edit(Record, frozen=True):
    """What is to be changed of a conversation and of whom it is with. None stays, '' takes away."""

    done: bool | None = None
    assignee: str | None = None  # ids of labels
    status: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    notes: str | None = None
    valuation: Decimal | None = None
    no_valuation: bool = False


class ConversationGone(Record, frozen=True):
    external_id: str


class LabelRecord(Record, frozen=True):
    """A tag, a status or a member by name, or the currency of valuations. `gone`: it was deleted."""

    external_id: str
    kind: str
    name: str = ""
    colour: str = ""
    gone: bool = False


class Stirred(Record, frozen=True):
    """Something changed that the event itself does not tell: this feed is to be read again."""

    feed: str


class Noted(Record, frozen=True):
    """Nothing changes by it; `why` tells, in words."""

    why: str
