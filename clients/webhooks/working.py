"""What a worker does with the events of one connection: in their order, a batch in one transaction, under a lease.

An event that can't be processed is kept with the reason and stops no other. A killed worker's batch is processed again, which
changes nothing twice.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from itertools import takewhile

from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from clients import bulk, leases, sync
from clients.leases import Lost
from clients.models import Connection, Event, EventState, Hook
from clients.models.events import EventQuerySet
from clients.vendors.counting import Counted
from clients.vendors.hooks import data_of
from clients.vendors.records import Record
from clients.vendors.rows import BadField
from clients.webhooks import belonging, doors, effects
from clients.webhooks.effects import FEED, Told
from clients.webhooks.known import Known

log = logging.getLogger(__name__)

#: Events of one transaction: short enough that pages wait for none.
BATCH = 100
#: So many workers may die at an event, as at one that takes all the memory, before it is set aside.
MOST_STARTS = 3
DIED = f"Its worker ended in the middle of it {MOST_STARTS} times: it is set aside."
_ABOUT_THE_ROW = (DataError, IntegrityError)

type Read = tuple[Event, Sequence[Record]]


def process(hook_id: int) -> int:
    """All that wait; how many. 0 too when another worker has them."""
    token = _claim(hook_id)
    if token is None:
        return 0
    done = 0
    try:
        while not sync.stopping.is_set():
            some = _batch(hook_id, token)
            if not some:
                break
            done += some
    except (Lost, Connection.DoesNotExist):
        return done
    leases.release(Hook, hook_id, token)
    return done


def again(events: EventQuerySet) -> int:
    """'Process again': they wait once more, where they are still kept whole. How many."""
    ids = list(events.values_list("connection_id", flat=True).order_by().distinct())
    count = events.whole().update(state=EventState.WAITING, outcome="", starts=0)
    for connection in Connection.objects.filter(pk__in=ids):
        doors.wake(connection)
    return count


def _claim(hook_id: int) -> uuid.UUID | None:
    if not Hook.objects.due().filter(pk=hook_id).exists():
        return None
    return leases.take(Hook.objects.unclaimed().filter(pk=hook_id))


def _batch(hook_id: int, token: uuid.UUID) -> int:
    some = _start(hook_id, token)
    if not some:
        return 0
    try:
        return _work(hook_id, token, some)
    except DatabaseError:
        # The worker lives, only the database is away: that says nothing of the events.
        Event.objects.filter(pk__in=some, starts__gt=0).update(starts=F("starts") - 1)
        raise


def _start(hook_id: int, token: uuid.UUID) -> list[int]:
    """The next events to work on, each counted as started. Committed before anything is done with them, so that whoever comes
    after a worker that died knows what it died at."""
    with transaction.atomic():
        leases.renew(Hook, hook_id, token)
        waiting = Event.objects.filter(connection__hook=hook_id, state=EventState.WAITING)
        found = list(waiting.in_order().values_list("pk", "starts")[:BATCH])
        _set_aside([pk for pk, starts in found if starts >= MOST_STARTS])
        found = [(pk, starts) for pk, starts in found if starts < MOST_STARTS]
        # A worker died at one of its batch, nobody knows at which: each of them goes alone now.
        some = found[:1] if found and found[0][1] else list(takewhile(lambda one: not one[1], found))
        ids = [pk for pk, _ in some]
        Event.objects.filter(pk__in=ids).update(starts=F("starts") + 1)
    return ids


def _set_aside(ids: Sequence[int]) -> None:
    if ids:
        rows = Event.objects.filter(pk__in=ids)
        rows.update(state=EventState.FAILED, processed_at=timezone.now(), outcome=DIED, attempts=F("attempts") + F("starts"))


def _work(hook_id: int, token: uuid.UUID, ids: Sequence[int]) -> int:
    with transaction.atomic():
        # Connection first, as everywhere: a feed that is being stored waits for us, and we for it.
        hook = Hook.objects.get(pk=hook_id)
        connection = Connection.objects.select_for_update(no_key=True).get(pk=hook.connection_id)
        leases.renew(Hook, hook_id, token)
        batch = list(Event.objects.filter(pk__in=ids, state=EventState.WAITING).in_order())
        _all(connection, batch)
        kept = ("id", "state", "attempts", "starts", "counted", "processed_at", "outcome")
        bulk.update(Event, kept, [tuple(getattr(event, name) for name in kept) for event in batch])
        _look_for_gaps(connection, batch)
    return len(batch)


def _all(connection: Connection, batch: Sequence[Event]) -> None:
    read: list[Read] = []
    for event in batch:
        event.attempts, event.starts, event.processed_at = event.attempts + 1, 0, timezone.now()
        records = _read(connection, event)
        if records is not None:
            read.append((event, records))
    try:
        _tell(connection, read)
    except Exception as error:
        if _is_away(error):
            raise
        # One of them, and nobody knows which: each alone.
        for one in read:
            _alone(connection, one)


def _read(connection: Connection, event: Event) -> Sequence[Record] | None:
    """None where it says nothing that can be kept: the event tells why."""
    try:
        if why_not := belonging.why_not(connection, event):
            event.state, event.outcome = EventState.PROCESSED, why_not
            return None
        records = _said(connection, event)
    except BadField as bad:
        event.state, event.outcome = EventState.FAILED, f"Not understood: '{bad.field}' {bad.why}."
    except Exception as error:  # noqa: BLE001  (logged, and told on the event)
        _broke(event, error)
    else:
        if records is not None:
            return records
        event.state, event.outcome = EventState.UNKNOWN, "Inboxdeck does not know this type: it is kept as it came."
    return None


def _tell(connection: Connection, read: Sequence[Read]) -> None:
    with transaction.atomic():
        known = Known(connection, [record for _, records in read for record in records])
        said = [[_told(known, event, record) for record in records] for event, records in read]
        effects.keep(known)
    for (event, records), told in zip(read, said, strict=True):
        event.state = EventState.PROCESSED
        # For good, in the transaction that counts it: processed again, it is not counted again.
        event.counted = event.counted or any(isinstance(record, Counted) for record in records)
        event.outcome = " ".join(dict.fromkeys(filter(None, told)))[:300] or "Nothing to change."


def _told(known: Known, event: Event, record: Record) -> str:
    return effects.tell(known, record, Told(_mark(known.connection, event), event.occurred_at, counted=event.counted))


def _mark(connection: Connection, event: Event) -> int:
    """Where a vendor numbers its events, one without a number is as new as the last numbered one before it by time: a time would
    be newer than every number that comes after it."""
    scheme = connection.vendor_class.hooks
    if event.seq is not None or scheme is None or not scheme.seq:
        return event.mark
    before = {"seq__isnull": False, "occurred_at__lte": event.occurred_at}
    numbered = Event.objects.filter(connection=connection, stream=event.stream, **before).order_by("-seq")
    return numbered.values_list("seq", flat=True).first() or 0


def _alone(connection: Connection, one: Read) -> None:
    try:
        _tell(connection, [one])
    except Exception as error:
        if _is_away(error):
            raise
        _broke(one[0], error)


def _is_away(error: Exception) -> bool:
    """The database is away, not the event wrong: it waits."""
    return isinstance(error, DatabaseError) and not isinstance(error, _ABOUT_THE_ROW)


def _broke(event: Event, error: Exception) -> None:
    event.state, name = EventState.FAILED, type(error).__name__
    if isinstance(error, DatabaseError):
        event.outcome = f"The database refuses it ({name})."
    else:
        log.error("Event %s broke", event.uuid, exc_info=error)
        event.outcome = f"An error of our own ({name})."


def _said(connection: Connection, event: Event) -> Sequence[Record] | None:
    """None for a type that nobody knows."""
    scheme = connection.vendor_class.hooks
    reader = scheme.readers.get(event.type) if scheme else None
    return reader(data_of(event.raw)) if reader else None


def _look_for_gaps(connection: Connection, batch: Sequence[Event]) -> None:
    """A number that is missing before one of these: the vendor's list of events is read, which tells whether it is a gap. A
    subscription to some types has them all the time, so it is no alarm."""
    if FEED not in connection.vendor_class.feeds:
        return
    position = connection.feeds.filter(resource=FEED).values_list("position", flat=True).first() or ""
    read_to = int(position) if position.isdigit() else None
    for stream in {event.stream for event in batch}:
        numbers = sorted(event.seq for event in batch if event.stream == stream and event.seq is not None)
        numbers = [seq for seq in numbers if read_to is None or seq > read_to]
        if numbers and _gap(connection, stream, numbers, read_to):
            effects.stir(connection, FEED)


def _gap(connection: Connection, stream: str, numbers: Sequence[int], read_to: int | None) -> bool:
    known = Event.objects.filter(connection=connection, stream=stream, seq__lt=numbers[0])
    before = max((seq for seq in (read_to, known.aggregate(last=Max("seq"))["last"]) if seq is not None), default=None)
    start = numbers[0] if before is None else before + 1
    return numbers != list(range(start, start + len(numbers)))
