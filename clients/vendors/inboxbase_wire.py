"""What InboxBase's wire says, and how its answers become records.

Reference: https://docs.12m.ai ('API reference', 'Guides', 'Concepts'). The answer to a mail is read in
`inboxbase_receipts`. Documented unless it stands among the assumptions.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from clients.vendors.conversations import ConversationRecord, ProspectRecord
from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.mails import (
    BOUNCED,
    REPLIED,
    SENT,
    Happening,
    Line,
    Talk,
)
from clients.vendors.rows import MOST, BadField, Row, whole
from clients.vendors.text import clean, lowered, sentence

NO_IDENTITY = "identity not found"  # as its errors page words a 404

PATHS = {
    "send": "/v1/identities/{handle}/send",
    "conversations": "/v1/identities/{handle}/conversations",
    "conversation": "/v1/identities/{handle}/conversations/{id}",
    "events": "/v1/identities/{handle}/events",
}
KEY, REPLAYED = "Idempotency-Key", "idempotent-replayed"
LIMIT, CURSOR, SINCE, WAIT, WITH = "limit", "cursor", "since", "timeoutMs", "with"  # query names
MOST_ROWS = 200  # of one page

# ---- Assumed, since nobody has said it.
#: A handle that no org has, to test a key with: a good key is told that there is no such identity.
NOBODY = "inboxdeck.key.check@inboxbase.ai"
#: Of a conversation's message: which way it went.
DIRECTIONS = {"in": True, "inbound": True, "out": False, "outbound": False}
#: Events that say who a mail went to do so in `recipient`, else their message's `to`.
RECIPIENT = ("recipient",)
#: A bounced mail is told by an event of its own, or by mail of one of these.
DAEMONS = ("mailer-daemon@", "postmaster@")
#: A recipient who is refused has the status `rejected`, or none and a known reason; any other word than a known one may mean that
#: the mail has left. A row's `to` is the address as it was asked for, in any case of letters.
#: A refusal for the day's cap or its mailboxes' is not kept under the mail's key: the same key may be used after midnight UTC.
#: `Idempotent-Replayed: true` is said in any case of letters.
#: 409 while the same mail is being carried out looks like 409 for another body.

#: A first mail of a stranger is no reply; what is queued has not been sent.
COUNTED = {"email.sent": SENT, "email.replied": REPLIED}
#: Events with a message, and whether somebody wrote it to us; and those of mail that was taken and will not leave.
MESSAGES = {"email.sent": False, "email.replied": True, "email.received": True}
DROPPED = ("email.cancelled", "email.send_failed_permanently")
CONVERSATION = {
    "external_id": ("id",),
    "peer": ("with",),
    "subject": ("subject",),
    "snippet": ("snippet",),
    "messages": ("messageCount",),
    "last_at": ("lastEventAt",),
    "created_at": ("createdAt",),
}
EVENT = {
    "seq": ("seq",),
    "external_id": ("id",),
    "kind": ("type",),
    "at": ("ts",),
    "conversation": ("convId",),
}
MESSAGE = {
    "external_id": ("id",),
    "at": ("ts",),
    "direction": ("direction",),
    "sender": ("from",),
    "to": ("to",),
    "subject": ("subject",),
    "text": ("text", "snippet"),
}


def talk(content: dict[str, Any]) -> Talk:
    row = Row(content, CONVERSATION)
    return Talk(
        external_id=row.key("external_id", 64),
        peer=lowered(row.text("peer", 320), 320),
        subject=row.text("subject", 1000),
        snippet=row.text("snippet", 1000),
        messages=row.number("messages", MOST),
        archived=content.get("archived") is True,
        last_at=_moment(row, "last_at"),
        created_at=millis(row.raw("created_at")),
    )


def conversation(content: Any) -> dict[str, Any]:
    """Reference: 'Get conversation'. Raises `UnexpectedAnswer`."""
    told = content.get("conversation") if isinstance(content, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("events"), list):
        raise UnexpectedAnswer("InboxBase sent a conversation without 'events'.", "events")
    return told


def said(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a conversation, in their order."""
    messages = [one.get("message") for one in told["events"] if isinstance(one, dict) and one.get("type") == "message"]
    return [one for one in messages if isinstance(one, dict)]


def line(content: dict[str, Any]) -> Line:
    row = Row(content, MESSAGE)
    return Line(
        external_id=row.text("external_id", 255),
        at=_moment(row, "at"),
        inbound=DIRECTIONS.get(row.text("direction", 20)),
        sender=row.text("sender", 320),
        to=row.text("to", 320),
        subject=row.text("subject", 1000),
        text=row.text("text", 20_000),
    )


def standing(told: dict[str, Any], handle: str, external_id: str) -> ConversationRecord:
    """Its labels stand where tags do: they are told with it alone."""
    labels = told.get("labels")
    peer = lowered(_text(told.get("with"), 320), 255)
    tags = tuple(clean(label, 255) for label in labels if isinstance(label, str)) if isinstance(labels, list) else None
    archived = told.get("archived")
    return ConversationRecord(
        external_id,
        handle,
        ProspectRecord(peer, handle=peer, tags=tags) if peer else None,
        archived=archived if isinstance(archived, bool) else None,
        subject=_text(told.get("subject"), 1000),
    )


def timers(told: dict[str, Any]) -> tuple[str, ...]:
    """Answers that were waited for and did not come, or are waited for now."""
    last, armed = millis(told.get("lastNoReplyAt")), millis(told.get("noReplyAt"))
    ran_out = f"No answer had come by {last:%-d %b %Y, %H:%M} UTC, when the wait for it ended." if last else ""
    waits = f"An answer is waited for until {armed:%-d %b %Y, %H:%M} UTC." if armed else ""
    return tuple(filter(None, (ran_out, waits)))


def happening(content: dict[str, Any]) -> Happening:
    row = Row(content, EVENT)
    data = _object(content.get("data"))
    message = _object(data.get("message"))
    seq = whole(row.raw("seq"))
    if seq is None or not 0 < seq < 2**63:
        raise row.bad("seq", "is no number")
    recipient = next((data[name] for name in RECIPIENT if isinstance(data.get(name), str)), message.get("to"))
    kind = row.text("kind", 60)
    bounce, at = _bounce(kind, data, message), _moment(row, "at")
    return Happening(
        seq=seq,
        external_id=row.key("external_id", 64),
        kind=kind,
        counts=BOUNCED if bounce else COUNTED.get(kind, ""),
        at=at,
        conversation=row.text("conversation", 64),
        recipient=lowered(clean(recipient, 320), 320) if isinstance(recipient, str) else "",
        bounce=bounce,
        raw=msgspec.json.encode(content).decode(),
        line=_told(kind, message, at),
        mailbox=_text(_object(data.get("account")).get("email"), 320),
        queued=_text(data.get("pendingId"), 64),
        dropped=sentence(_text(data.get("reason"), 200) or kind, 200) if kind in DROPPED else "",
    )


def millis(value: Any) -> datetime | None:
    """Unix milliseconds. None for what is none."""
    number = whole(value)
    return datetime.fromtimestamp(number / 1000, UTC) if number is not None and 0 < number < 4_000_000_000_000 else None


def as_millis(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def as_exact_millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _told(kind: str, message: dict[str, Any], at: datetime) -> Line | None:
    """The message of an event, of which only some fields are promised."""
    if kind not in MESSAGES or not message:
        return None
    found = {name: next((message[key] for key in keys if message.get(key)), None) for name, keys in MESSAGE.items()}
    return Line(
        _text(found["external_id"], 255),
        millis(found["at"]) or at,
        MESSAGES[kind],
        _text(found["sender"], 320),
        _text(found["to"], 320),
        _text(found["subject"], 1000),
        _text(found["text"], 20_000),
    )


def _bounce(kind: str, data: dict[str, Any], message: dict[str, Any]) -> str:
    """Before there was an event for it, a bounce came as mail of the mail server, which does not say of which kind it is."""
    if kind == "email.bounced":
        return "soft" if data.get("bounceType") == "soft" else "hard"
    sender = message.get("from")
    inbound = kind in ("email.replied", "email.received") and isinstance(sender, str)
    return "unsaid" if inbound and str(sender).lower().startswith(DAEMONS) else ""


def _moment(row: Row, name: str) -> datetime:
    found = millis(row.raw(name))
    if found is None:
        raise _missing(row, name)
    return found


def _missing(row: Row, name: str) -> BadField:
    return row.bad(name, "is missing" if row.raw(name) is None else "is no time")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""
