"""What an event says, as rows. The newest state wins by the order of events, in whatever order they come: each row keeps the
`mark` up to which it was told, and what is older changes nothing.

The caller holds the connection's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from clients.models import Connection, Conversation, Feed, Prospect
from clients.vendors.conversations import (
    ConversationGone,
    ConversationRecord,
    LabelRecord,
    MessageRecord,
    Noted,
    ProspectRecord,
    Stirred,
)
from clients.vendors.counting import Counted
from clients.vendors.records import Record
from clients.webhooks.known import Known

#: The feed that reads a vendor's own list of events.
FEED = "events"
#: A feed that events stir is read again so long after its last pass, not with each of them.
STIRRED_EVERY = timedelta(minutes=1)

OLDER = "Older than what is known: nothing changed."
#: A conversation that an event tells of within so long of its beginning was seen from there on.
AT_ONCE = timedelta(minutes=2)
#: Marks that are times, in microseconds, are beyond it, those that are a vendor's numbers are not.
TIMES = 10**15


class Told(NamedTuple):
    """Where a record comes from. `mark`: its place in the order of events; `at`: when it happened. `pass_id`: of the list that it
    was read from, at a time when everything up to `mark` had happened. `counted`: of an event that was counted before."""

    mark: int
    at: datetime
    pass_id: int | None = None
    counted: bool = False


def tell(known: Known, record: Record, told: Told) -> str:
    """What was done, in words; '' for nothing. `keep` keeps it."""
    return EFFECTS[type(record)](known, record, told)


def keep(known: Known) -> None:
    known.write()
    for feed in sorted(known.stirred):
        stir(known.connection, feed)


def apply(connection: Connection, record: Record, mark: int, at: datetime | None = None) -> str:
    """The same for one record alone, which is kept at once."""
    known = Known(connection, [record])
    said = tell(known, record, Told(mark, at or timezone.now()))
    keep(known)
    return said


def stir(connection: Connection, resource: str) -> None:
    """Due soon; where it is due sooner already, nothing."""
    for feed in Feed.objects.filter(connection=connection, resource=resource).only("pk", "last_ok_at"):
        now = timezone.now()
        soon = max(now, feed.last_ok_at + STIRRED_EVERY) if feed.last_ok_at else now
        Feed.objects.filter(pk=feed.pk, next_at__gt=soon).update(next_at=soon)


def _conversation(known: Known, said: ConversationRecord, told: Told) -> str:
    row = known.conversation(said.external_id)
    new, before = not known.has(row), _values(row)
    known.touch(row)
    row.seen_run = row.seen_run if told.pass_id is None else told.pass_id
    _first_told(row, said, told)
    if _is_after(row.mark, told.mark):
        return OLDER
    if said.sender_ref and (said.sender_ref != row.sender_ref or row.sender_id is None):
        row.sender_ref = said.sender_ref
        row.sender_id = known.senders.get(said.sender_ref)
    met = said.prospect is not None and row.prospect_id is None
    if said.prospect:
        row.prospect = _prospect(known, said.prospect, told, begun=new and _is_begun(row))[0]
    for name in ("archived", "is_request", "assignee", "subject"):
        if (value := getattr(said, name)) is not None:
            setattr(row, name, value)
    if said.last and not _is_after(row.last_mark, told.mark):
        _last(row, said.last, told.mark)
    row.gone_at, row.mark = None, told.mark
    return "New conversation." if new else "Conversation updated." if met or _values(row) != before else ""


def _is_after(mark: int, told: int) -> bool:
    """Whether a row is told further than that. A time that was kept as its mark among numbers holds nothing up."""
    return mark > told and not told < TIMES <= mark


def _first_told(row: Conversation, said: ConversationRecord, told: Told) -> None:
    """Whatever else is known of it already: the earliest is the earliest in whatever order it comes."""
    row.created_at = said.created_at or row.created_at
    if told.pass_id is None:
        row.told_from = _earlier(row.told_from, told.at)
    if said.last:
        _first_said(row, said.last)


def _first_said(row: Conversation, said: MessageRecord) -> None:
    if said.at and not said.deleted and said.inbound is not None:
        name = "replied_at" if said.inbound else "wrote_at"
        setattr(row, name, _earlier(getattr(row, name), said.at))


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return min(one, other) if one else other


def _is_begun(row: Conversation) -> bool:
    return bool(row.told_from and row.created_at and row.told_from - row.created_at <= AT_ONCE)


def _gone(known: Known, said: ConversationGone, told: Told) -> str:
    row = known.conversation(said.external_id)
    if _is_after(row.mark, told.mark):
        return OLDER
    # One that was never seen is kept as gone: its first event may come late.
    known.touch(row)
    row.mark, row.gone_at = told.mark, row.gone_at or timezone.now()
    return "Conversation deleted."


def _message(known: Known, said: MessageRecord, told: Told) -> str:
    row = known.conversation(said.conversation)
    if not known.has(row):
        return "Of a conversation that is not known here."
    known.touch(row)
    _first_said(row, said)
    if _is_after(row.last_mark, told.mark):
        return OLDER
    before = _values(row)
    _last(row, said, told.mark)
    if _values(row) != before:
        return "Last message updated."
    return "" if row.last_message == said.external_id else "Not the last message: nothing changed."


def _prospect(known: Known, said: ProspectRecord, told: Told, *, begun: bool = False) -> tuple[Prospect, str]:
    """`begun`: with a conversation that begins now."""
    row = known.prospect(said.external_id)
    new, before = not known.has(row), _values(row)
    if _is_after(row.mark, told.mark):
        return row, OLDER
    known.touch(row)
    for name in ("name", "handle", "assignee"):
        if (value := getattr(said, name)) is not None:
            setattr(row, name, value)
    if said.status is not None and not new:
        _status(known, row, said.status, told)
    elif said.status is not None:
        row.status, row.status_since = said.status, told.at if begun else None
    if said.tags is not None:
        row.tags = list(said.tags)
    if said.valuation_said:
        row.valuation = said.valuation
    # Told in passing, without its tags, it may lack what an event that comes late says.
    row.mark = row.mark if said.tags is None else told.mark
    return row, "New prospect." if new else "Prospect updated." if _values(row) != before else ""


def _status(known: Known, row: Prospect, status: str, told: Told) -> None:
    """Keeps what was before. Events tell when it changed; a list only that it has, which the event may still tell."""
    by_event = told.pass_id is None
    shown = known.take_back(row, told.at) if by_event else []
    was, since = (shown[0].before, shown[0].since) if shown else (row.status, row.status_since)
    if status != was:
        known.move(row, was, status, since, told.at, noticed=not by_event)
        since = told.at if by_event else None
    row.status, row.status_since = status, since


def _label(known: Known, said: LabelRecord, told: Told) -> str:
    row = known.label(said.kind, said.external_id)
    known.touch(row)
    row.seen_run = row.seen_run if told.pass_id is None else told.pass_id
    if _is_after(row.mark, told.mark):
        return OLDER
    row.mark = told.mark
    row.gone_at = (row.gone_at or timezone.now()) if said.gone else None
    if not said.gone:
        row.name, row.colour = said.name, said.colour
    return f"{row.get_kind_display()} {'deleted' if said.gone else 'kept'}."


def _stirred(known: Known, said: Stirred, told: Told) -> str:
    known.stirred.add(said.feed)
    return f"{said.feed.capitalize()} are read again."


def _counted(known: Known, said: Counted, told: Told) -> str:
    if told.counted:
        return "It was counted before."
    known.counted.append((said, told.at))
    return "Counted by mailbox provider."


def _last(row: Conversation, said: MessageRecord, mark: int) -> None:
    row.last_mark = mark
    same = row.last_message == said.external_id
    # A list may tell when something stirred without naming the message: that gives way to one that is named.
    newer = said.at is not None and (row.last_at is None or not row.last_message or said.at >= row.last_at)
    if said.deleted:
        row.last_text = "" if same else row.last_text
    elif same or newer:
        row.last_message = said.external_id
        row.last_text = row.last_text if said.text is None else said.text
        row.last_at = said.at or row.last_at
        row.last_inbound = row.last_inbound if said.inbound is None else said.inbound


def _values(row: Any) -> tuple[Any, ...]:
    left = {"mark", "last_mark", "seen_run", "told_from", "wrote_at", "replied_at"}
    return tuple(getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in left)


EFFECTS: dict[type[Record], Callable[[Known, Any, Told], str]] = {
    ConversationRecord: _conversation,
    ConversationGone: _gone,
    MessageRecord: _message,
    ProspectRecord: lambda known, said, told: _prospect(known, said, told)[1],
    LabelRecord: _label,
    Stirred: _stirred,
    Counted: _counted,
    Noted: lambda known, said, told: said.why,
}
