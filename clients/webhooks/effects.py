"""What an event says, as rows. The newest state wins by the order of events, in whatever order they come: each row keeps the
`mark` up to which it was told, and what is older changes nothing.

The caller holds the connection's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Connection, Conversation, ConversationLabel, Feed, Prospect, Sender
from clients.vendors.conversations import (
    ConversationGone,
    ConversationRecord,
    LabelRecord,
    MessageRecord,
    ProspectRecord,
    Stirred,
)
from clients.vendors.records import Record

#: The feed that reads a vendor's own list of events.
FEED = "events"
#: A feed that events stir is read again so long after its last pass, not with each of them.
STIRRED_EVERY = timedelta(minutes=1)

OLDER = "Older than what is known: nothing changed."


def apply(connection: Connection, record: Record, mark: int) -> str:
    """What was done, in words; '' for nothing."""
    return EFFECTS[type(record)](connection, record, mark)


def stir(connection: Connection, resource: str) -> None:
    """Due soon; where it is due sooner already, nothing."""
    for feed in Feed.objects.filter(connection=connection, resource=resource).only("pk", "last_ok_at"):
        now = timezone.now()
        soon = max(now, feed.last_ok_at + STIRRED_EVERY) if feed.last_ok_at else now
        Feed.objects.filter(pk=feed.pk, next_at__gt=soon).update(next_at=soon)


def conversation(connection: Connection, told: ConversationRecord, mark: int, pass_id: int | None = None) -> str:
    """`pass_id`: it was read from the list, at a time when everything up to `mark` had happened."""
    row = Conversation.objects.filter(connection=connection, external_id=told.external_id).first()
    if row and row.mark > mark:
        if pass_id is not None:
            Conversation.objects.filter(pk=row.pk).update(seen_run=pass_id)
        return OLDER
    new = row is None
    row = row or Conversation(connection=connection, external_id=told.external_id)
    before = _values(row)
    if told.sender_ref and (told.sender_ref != row.sender_ref or row.sender_id is None):
        row.sender_ref = told.sender_ref
        row.sender_id = _sender(connection, told.sender_ref)
    if told.prospect:
        row.prospect = _prospect(connection, told.prospect, mark)[0]
    for name in ("archived", "is_request", "assignee", "created_at", "subject"):
        said = getattr(told, name)
        if said is not None:
            setattr(row, name, said)
    if told.last and mark >= row.last_mark:
        last(row, told.last, mark)
    row.gone_at = None
    changed = new or _values(row) != before
    row.mark, row.seen_run = mark, row.seen_run if pass_id is None else pass_id
    row.save()
    return "New conversation." if new else "Conversation updated." if changed else ""


def _gone(connection: Connection, told: ConversationGone, mark: int) -> str:
    rows = Conversation.objects.filter(connection=connection, external_id=told.external_id)
    row = rows.first() or Conversation(connection=connection, external_id=told.external_id)
    if row.mark > mark:
        return OLDER
    # One that was never seen is kept as gone: its first event may come late.
    row.mark, row.gone_at = mark, row.gone_at or timezone.now()
    row.save()
    return "Conversation deleted."


def _message(connection: Connection, told: MessageRecord, mark: int) -> str:
    row = Conversation.objects.filter(connection=connection, external_id=told.conversation).first()
    if row is None:
        return "Of a conversation that is not known here."
    if row.last_mark > mark:
        return OLDER
    before = _values(row)
    last(row, told, mark)
    row.save()
    if _values(row) != before:
        return "Last message updated."
    return "" if row.last_message == told.external_id else "Not the last message: nothing changed."


def _prospect(connection: Connection, told: ProspectRecord, mark: int) -> tuple[Prospect, str]:
    row = Prospect.objects.filter(connection=connection, external_id=told.external_id).first()
    if row and row.mark > mark:
        return row, OLDER
    new = row is None
    row = row or Prospect(connection=connection, external_id=told.external_id)
    before = _values(row)
    for name in ("name", "handle", "status", "assignee"):
        if (said := getattr(told, name)) is not None:
            setattr(row, name, said)
    if told.tags is not None:
        row.tags = list(told.tags)
    if told.valuation_said:
        row.valuation = told.valuation
    changed = new or _values(row) != before
    # Told in passing, without its tags, it may lack what an event that comes late says.
    row.mark = row.mark if told.tags is None else mark
    row.save()
    return row, "New prospect." if new else "Prospect updated." if changed else ""


def label(connection: Connection, told: LabelRecord, mark: int, pass_id: int | None = None) -> str:
    rows = ConversationLabel.objects.filter(connection=connection, kind=told.kind, external_id=told.external_id)
    row = rows.first() or ConversationLabel(connection=connection, kind=told.kind, external_id=told.external_id)
    seen = row.seen_run if pass_id is None else pass_id
    if row.mark > mark:
        rows.update(seen_run=seen)
        return OLDER
    row.mark, row.seen_run = mark, seen
    row.gone_at = (row.gone_at or timezone.now()) if told.gone else None
    if not told.gone:
        row.name, row.colour = told.name, told.colour
    row.save()
    return f"{row.get_kind_display()} {'deleted' if told.gone else 'kept'}."


def _stirred(connection: Connection, told: Stirred, mark: int) -> str:
    stir(connection, told.feed)
    return f"{told.feed.capitalize()} are read again."


def last(row: Conversation, told: MessageRecord, mark: int) -> None:
    row.last_mark = mark
    same = row.last_message == told.external_id
    # A list may tell when something stirred without naming the message: that gives way to one that is named.
    newer = told.at is not None and (row.last_at is None or not row.last_message or told.at >= row.last_at)
    if told.deleted:
        row.last_text = "" if same else row.last_text
    elif same or newer:
        row.last_message = told.external_id
        row.last_text = row.last_text if told.text is None else told.text
        row.last_at = told.at or row.last_at
        row.last_inbound = row.last_inbound if told.inbound is None else told.inbound


def _sender(connection: Connection, ref: str) -> int | None:
    return Sender.objects.filter(connection=connection, external_id=ref).values_list("pk", flat=True).first()


def _values(row: Any) -> tuple[Any, ...]:
    left = {"mark", "last_mark", "seen_run"}
    return tuple(getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in left)


EFFECTS: dict[type[Record], Callable[[Connection, Any, int], str]] = {
    ConversationRecord: conversation,
    ConversationGone: _gone,
    MessageRecord: _message,
    ProspectRecord: lambda connection, told, mark: _prospect(connection, told, mark)[1],
    LabelRecord: label,
    Stirred: _stirred,
}
