"""Words and shapes of Inbox's API, version 1, and how its rows and events become records.

Reference: https://docs.inboxapp.com (API reference, webhooks) and the OpenAPI description in InboxHQ/n8n-nodes-inboxapp.

What the documentation leaves open is taken to be so; when the truth is known, one line changes:

| assumed | where |
| --- | --- |
| without `inbox` only the default inbox is listed: requests and archived ones are lists of their own | INBOXES |
| an account link stands for a sender, known by its handle, which is its tag as well | sender |
| a deleted tag or status is told by its id alone, a new one by itself | LABELS |
| `assigneeId` of the prospect's context, where it is sent, is the newer word for the thread's | conversation |
| a thread's last message is its newest, whatever events come after | conversation |
| messages come newest first, and a cursor leads to older ones | MESSAGES |
| a prospect without an `externalId` is named by its `platformId` in calls | prospect |
| who is assigned a thread is assigned its prospect | EDITED |
| a text that was sent is given back word for word, whatever its spaces | MESSAGES |
| what comes in version 2 or in the oldest format is in the list of events too, in version 1 | inbox_formats |
| an event of the oldest format is known by its type and its message | inbox_formats |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from clients.vendors import inbox_formats
from clients.vendors.conversations import (
    CURRENCY,
    MEMBER,
    STATUS,
    TAG,
    ConversationGone,
    ConversationRecord,
    LabelRecord,
    MessageRecord,
    ProspectRecord,
)
from clients.vendors.hooks import EventRecord, HookScheme, Malformed, Reader
from clients.vendors.records import Record, SenderRecord
from clients.vendors.rows import BadField, Row, as_time
from clients.vendors.text import clean, clean_json

PATHS = {
    "team": "/api/v1/team",
    "senders": "/api/v1/account-links",
    "conversations": "/api/v1/threads",
    "events": "/api/v1/events",
    TAG: "/api/v1/tags",
    STATUS: "/api/v1/statuses",
    MEMBER: "/api/v1/members",
    CURRENCY: "/api/v1/team",
}
#: Of one conversation, and of what is done in it. Each {} is an id.
CONVERSATION, MESSAGES, CONTEXT = "/api/v1/threads/{}", "/api/v1/threads/{}/messages", "/api/v1/prospects/{}/context"
FIRST, LOOKUP, BY_NAME = "/api/v1/threads/messages", "/api/v1/threads/lookup", "/api/v1/threads/lookup-by-username"
PERSON = "/api/v1/prospects/lookup"
PLATFORM, EXTERNAL, USERNAME = "platform", "external", "username"
#: Our word for what somebody is named by → the parameter.
NAMED = {PLATFORM: "externalPlatformId", EXTERNAL: "externalId"}
#: Parts of an `Edit` → the field: of the thread, of its prospect.
EDITED = {"done": "done", "assignee": "assigneeId"}
OF_PROSPECT = {"status": "statusId", "notes": "notes"}
LIMIT, INBOX, AFTER = "limit", "inbox", "afterSeq"  # query names
CURSOR = ("cursorId", "cursorTimestamp")  # always both
INBOXES = ("default", "requests", "archived")
MOST_THREADS, MOST_EVENTS, MOST_MESSAGES = 100, 1000, 50
LONGEST = 10_000  # letters of a message that somebody reads here; of one that is kept, 4,000

SENDER = {"id": ("id",), "name": ("name",), "username": ("username",), "status": ("status",), "created_at": ("createdAt",)}
THREAD = {"id": ("id",), "sender": ("accountLinkId",), "assignee": ("assigneeId",), "created_at": ("createdAt",)}
MESSAGE = {"id": ("id", "messageId"), "thread": ("threadId",), "author": ("authorId",), "created_at": ("createdAt",)}
PROSPECT = {
    "id": ("platformId", "externalId", "id"),
    "ref": ("externalId", "platformId", "id"),
    "name": ("displayName",),
    "handle": ("handle", "username"),
}
#: `origin` of one of ours → how it came about.
WAYS = {"api": "the API", "external": "X itself"}
LABEL = {"id": ("id", "tagId", "statusId"), "name": ("name", "email"), "colour": ("color",)}


def sender(content: dict[str, Any]) -> SenderRecord:
    row = Row(content, SENDER)
    handle = f"@{row.text('username', 119).lstrip('@')}"
    if handle == "@":
        raise row.bad("username", "is missing")
    return SenderRecord(
        external_id=row.key("id"),
        email=handle,
        name=row.text("name", 255),
        domain="",
        status=row.text("status", 40),
        tags=(handle.lower(),),
        created_at=row.time("created_at"),
        last_activity_at=as_time(content.get("syncedAt")),
        raw=clean_json(content),
    )


def conversation(thread: dict[str, Any], beside: dict[str, Any] | None = None) -> ConversationRecord:
    """`beside`: the prospect and account link of an event, which its thread may lack."""
    beside = beside or {}
    row = Row(thread, THREAD)
    link = row.text("sender", 255) or _text(_object(beside.get("accountLink")).get("id"))
    known = _object(thread.get("prospect")) or _object(beside.get("prospect"))
    told = prospect(known) if known else None
    named = row.key("id")
    last = _object(thread.get("lastMessage"))
    return ConversationRecord(
        named,
        link,
        told,
        _flag(thread.get("done")),
        _flag(thread.get("isRequest")),
        (told.assignee if told else None) or (row.text("assignee", 255) if "assigneeId" in thread else None),
        row.time("created_at"),
        message(last, link, named) if last else None,
    )


def message(content: dict[str, Any], link: str, thread: str = "", limit: int = 4000) -> MessageRecord:
    """Who wrote it is told by its author alone: ours is the account link."""
    row = Row(content, MESSAGE)
    author, text = row.text("author", 255), content.get("content")
    return MessageRecord(
        row.key("id"),
        thread or row.key("thread"),
        clean(text, limit) if isinstance(text, str) else None,
        row.time("created_at"),
        author != link if author and link else None,
        bool(content.get("deletedAt")),
        _text(content.get("userId")),
        "a campaign" if content.get("campaignId") else WAYS.get(_text(content.get("origin")), ""),
        content.get("isEdited") is True,
        content.get("failed") is True,
        "an attachment" if content.get("attachment") else "",
    )


def prospect(content: dict[str, Any]) -> ProspectRecord:
    row, context = Row(content, PROSPECT), _object(content.get("context"))
    tags = context.get("tags")
    return ProspectRecord(
        row.key("id"),
        row.text("name", 255) or None,
        row.text("handle", 255) or None,
        tuple(clean(tag, 255) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else None,
        _text(context.get("statusId")) if "statusId" in context else None,
        _text(context.get("assigneeId")) if "assigneeId" in context else None,
        _amount(context.get("valuation")),
        "valuation" in context,
        _notes(context.get("notes")) if "notes" in context else None,
        row.key("ref"),
    )


def label(kind: str) -> Callable[[dict[str, Any]], LabelRecord]:
    def read(content: dict[str, Any]) -> LabelRecord:
        row = Row(content, LABEL)
        return LabelRecord(row.key("id"), kind, row.text("name", 255), row.text("colour", 40))

    return read


def currency(content: dict[str, Any]) -> LabelRecord:
    """Of a team: what its valuations are in."""
    named = Row(content, {"currency": ("currency",)}).text("currency", 40)
    return LabelRecord(named, CURRENCY, named)


def event(content: dict[str, Any]) -> EventRecord:
    """Of the list of events. As JSON of our own: it is not signed."""
    try:
        return HOOKS.of(content, json.dumps(clean_json(content, 20), ensure_ascii=False), datetime.now(UTC))
    except Malformed as problem:
        raise BadField("", str(problem).rstrip(".")) from None


# What the `data` of an event says. Reference: 'Webhooks', the page of each event.


def _of_thread(data: dict[str, Any]) -> Sequence[Record]:
    return (conversation(_needed(data, "thread"), data),)


def _of_message(data: dict[str, Any]) -> Sequence[Record]:
    """The message comes last: the thread beside it may not have it as its last one yet."""
    talk = conversation(_needed(data, "thread"), data)
    return talk, message(_needed(data, "message"), talk.sender_ref, talk.external_id)


def _of_edit(data: dict[str, Any]) -> Sequence[Record]:
    return (message(_needed(data, "message"), "", _key(data, "threadId")),)


def _of_deletion(data: dict[str, Any]) -> Sequence[Record]:
    return (MessageRecord(_key(data, "messageId"), _key(data, "threadId"), None, deleted=True),)


def _of_prospect(data: dict[str, Any]) -> Sequence[Record]:
    return (prospect(_needed(data, "prospect")),)


def _of_label(kind: str) -> Reader:
    return lambda data: (label(kind)(_needed(data, kind)),)


def _of_lost_label(kind: str) -> Reader:
    return lambda data: (LabelRecord(_key(data, f"{kind}Id"), kind, gone=True),)


READERS: dict[str, Reader] = {
    **dict.fromkeys(
        ("thread.created", "thread.assigned", "thread.unassigned", "thread.archived", "thread.unarchived"), _of_thread
    ),
    "thread.deleted": lambda data: (ConversationGone(_key(data, "threadId")),),
    **dict.fromkeys(("message.created", "target.contacted", "target.followUpSent", "target.replied"), _of_message),
    "message.edited": _of_edit,
    "message.deleted": _of_deletion,
    **{
        f"prospect.{what}": _of_prospect
        for what in (
            "created", "statusChanged", "tagsChanged", "notesChanged", "valuationChanged", "assigneeChanged", "enriched",
        )
    },
    **{f"{kind}.{what}": _of_label(kind) for kind in (TAG, STATUS) for what in ("created", "updated")},
    **{f"{kind}.deleted": _of_lost_label(kind) for kind in (TAG, STATUS)},
    **inbox_formats.OTHERS,
}  # fmt: skip

#: Reference: 'Verifying signatures', 'Webhooks overview'.
HOOKS = HookScheme(
    headers=("X-Inbox-Signature",),
    secret_prefix="ibt_wh_",  # noqa: S106  (what every secret begins with)
    where="In Inbox under Settings → Webhooks: add a webhook with this address, and choose all events or those you want.",
    readers={**READERS, **inbox_formats.READERS},
    seq="seq",
    others=inbox_formats.FORMATS,
)


def _needed(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = _object(data.get(name))
    if not found:
        raise BadField(name, "is missing")
    return found


def _key(data: dict[str, Any], name: str) -> str:
    return Row(data, {name: (name,)}).key(name)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return clean(value, 255) if isinstance(value, str) else ""


def _notes(value: Any) -> str:
    return clean(value, 20_000) if isinstance(value, str) else ""


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return round(amount, 2) if amount.is_finite() and abs(amount) < 10**12 else None
