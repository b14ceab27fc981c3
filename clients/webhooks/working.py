"""What a worker does with the events of one connection: in their order, a batch in one transaction, under a lease.

An event that can't be processed is kept with the reason and stops no other. A killed worker's batch is processed again, which
changes nothing twice.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from clients import sync
from clients.leases import Lost
from clients.models import Connection, Event, EventState, Hook
from clients.models.operations import LEASE
from clients.vendors.hooks import data_of
from clients.vendors.records import Record
from clients.vendors.rows import BadField
from clients.webhooks import doors, effects
from clients.webhooks.effects import FEED

log = logging.getLogger(__name__)

#: Events of one transaction: short enough that pages wait for none.
BATCH = 100
_ABOUT_THE_ROW = (DataError, IntegrityError)


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
    Hook.objects.filter(pk=hook_id, claim=token).update(claim=None, claimed_until=None)
    return done


def again(events: QuerySet[Event]) -> int:
    """'Process again': they wait once more. How many."""
    ids = list(events.values_list("connection_id", flat=True).order_by().distinct())
    count = events.update(state=EventState.WAITING, outcome="")
    for connection in Connection.objects.filter(pk__in=ids):
        doors.wake(connection)
    return count


def _claim(hook_id: int) -> uuid.UUID | None:
    token = uuid.uuid4()
    free = Hook.objects.due().filter(pk=hook_id)
    if not free.exists():
        return None
    return token if Hook.objects.unclaimed().filter(pk=hook_id).update(claim=token, claimed_until=Now() + LEASE) else None


def _batch(hook_id: int, token: uuid.UUID) -> int:
    with transaction.atomic():
        # Connection first, as everywhere: a feed that is being stored waits for us, and we for it.
        hook = Hook.objects.select_related("connection").get(pk=hook_id)
        connection = Connection.objects.select_for_update(no_key=True).get(pk=hook.connection_id)
        if not Hook.objects.filter(pk=hook_id, claim=token).update(claimed_until=Now() + LEASE):
            raise Lost
        waiting = Event.objects.filter(connection=connection, state=EventState.WAITING)
        batch = list(waiting.in_order()[:BATCH])
        for event in batch:
            _one(connection, event)
        Event.objects.bulk_update(batch, ["state", "attempts", "processed_at", "outcome"])
        _look_for_gaps(connection, batch)
    return len(batch)


def _one(connection: Connection, event: Event) -> None:
    event.attempts, event.processed_at = event.attempts + 1, timezone.now()
    try:
        records = _said(connection, event)
        if records is None:
            event.state, event.outcome = EventState.UNKNOWN, "Inboxdeck does not know this type: it is kept as it came."
            return
        with transaction.atomic():
            told = [effects.apply(connection, record, event.mark) for record in records]
    except BadField as bad:
        event.state, event.outcome = EventState.FAILED, f"Not understood: '{bad.field}' {bad.why}."
    except DatabaseError as error:
        if not isinstance(error, _ABOUT_THE_ROW):
            # The database is away, not the event wrong: it waits.
            raise
        event.state, event.outcome = EventState.FAILED, f"The database refuses it ({type(error).__name__})."
    except Exception as error:
        log.exception("Event %s broke", event.uuid)
        event.state, event.outcome = EventState.FAILED, f"An error of our own ({type(error).__name__})."
    else:
        event.state = EventState.PROCESSED
        event.outcome = " ".join(dict.fromkeys(filter(None, told)))[:300] or "Nothing to change."


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
