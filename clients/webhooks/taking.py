"""One delivery: whose door, signed by whom, then what it says, and stored before it is acknowledged.

The order is the safety: nothing is parsed before its signature is good, unless somebody takes what has none, and a 2xx is never
said of what no row holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection as database
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency.queue import announce
from agency.secrets import Unreadable, unseal
from clients import bulk
from clients.models import Event, EventSource, EventState, Hook
from clients.vendors import VENDORS
from clients.vendors.hooks import UNSIGNED, EventRecord, Forged, HookScheme, Malformed
from clients.webhooks import knowing
from clients.webhooks.knowing import Door, moment

#: Bytes of one delivery.
BIGGEST = 1_000_000
#: A door that turns away many notes it once in so long.
NOTED_EVERY = timedelta(minutes=1)

OLD_FORMAT = "It is in the vendor's old format, which this account does not take: see below."

__all__ = ["BIGGEST", "Forged", "Malformed", "take"]


@sensitive_variables()
def take(door: Door, headers: Mapping[str, str], body: bytes) -> None:
    """Returns when the event is a row, now or before. Raises `Forged`, `Malformed`, `knowing.Closed`, or the database's error."""
    if not _at_once(door, headers, body):
        _thoroughly(door, headers, body)
    announce("clients.process_events", door.pk)


@sensitive_variables()
def _at_once(door: Door, headers: Mapping[str, str], body: bytes) -> bool:
    """By what is remembered of the door, in one statement that stores nothing unless it is still true. False for all that
    is not new and good: what becomes of that is decided by what the database says of the door now."""
    if not door.remembered:
        return False
    try:
        event, _ = _read(door, headers, body, timezone.now())
    except (Forged, Malformed, Unreadable):
        return False
    return _store_if_so(door, event)


@sensitive_variables()
def _thoroughly(door: Door, headers: Mapping[str, str], body: bytes) -> None:
    if door.remembered:
        door = knowing.as_it_stands(door)
    scheme = _scheme(door)
    try:
        event, style = _read(door, headers, body, timezone.now())
    except (Forged, Unreadable):
        _note(door, _why(door, headers, scheme))
        raise Forged from None
    except Malformed as problem:
        _note(door, str(problem))
        raise
    store(door.connection_id, [event])
    if not door.style and len(scheme.styles) > 1 and style != UNSIGNED:
        Hook.objects.filter(pk=door.pk, style="").update(style=style)
        door = door._replace(style=style)
    knowing.remember(door)


@sensitive_variables()
def _read(door: Door, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[EventRecord, str]:
    """The event and the style in which it is signed. Raises `Forged`, `Malformed`, `Unreadable`."""
    scheme = _scheme(door)
    # What claims no signature is read only where somebody has said that such are taken, and is taken in that format alone.
    bare = bool(scheme.unsigned) and not scheme.has_signature(headers) and _takes_old(door)
    style = UNSIGNED if bare else scheme.verify(headers, body, _secrets(door), door.style, now)
    event = scheme.read(body, now)
    old = scheme.is_unsigned(event)
    if scheme.too_old(event, style, now) or (bare and not old):
        raise Forged
    if old and not bare and not _takes_old(door):
        raise Malformed(OLD_FORMAT)
    return event, style


def _takes_old(door: Door) -> bool:
    return Hook.objects.filter(pk=door.pk, takes_old=True).exists()


@sensitive_variables()
def _secrets(door: Door) -> list[str]:
    """Raises `Unreadable`."""
    kept = unseal(door.secrets, owner=door.uuid) if door.secrets else {}
    return [secret for secret in (kept.get("new", ""), kept.get("old", "") if door.both else "") if secret]


def store(connection_id: int, events: list[EventRecord], source: str = EventSource.DELIVERED) -> None:
    """Each once, whether it is delivered or read, and however often."""
    now = timezone.now()
    rows = [
        (
            uuid4(), connection_id, event.external_id, event.type, event.seq, event.stream, event.mark, source, event.raw,
            event.occurred_at, now, EventState.WAITING, 0, "",
        )
        for event in events
    ]  # fmt: skip
    bulk.insert_unless_there(Event, _KEPT, rows)


_KEPT = (
    "uuid", "connection_id", "external_id", "type", "seq", "stream", "mark", "source", "raw", "occurred_at", "received_at",
    "state", "attempts", "outcome",
)  # fmt: skip


def _store_if_so(door: Door, event: EventRecord) -> bool:
    """Whether it is a row now that was none before, and the door stands as it is given."""
    now = moment(timezone.now())
    row = [
        _new_uuid(), door.connection_id, event.external_id, event.type, event.seq, event.stream, event.mark, event.raw,
        moment(event.occurred_at), now, door.pk, door.token_hash, door.secrets, door.style, now, door.both,
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_STORE_IF_SO, row)
        return bool(cursor.rowcount == 1)


_STORE_IF_SO = f"""
    INSERT INTO clients_event
    (uuid, connection_id, external_id, type, seq, stream, mark, raw, occurred_at, received_at, source, state, attempts, outcome)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{EventSource.DELIVERED}', '{EventState.WAITING}', 0, ''
    FROM clients_hook h JOIN clients_connection c ON c.id = h.connection_id
    WHERE h.id = %s AND h.token_hash = %s AND h.secrets = %s AND h.style = %s AND coalesce(h.old_until > %s, FALSE) = %s
    AND c.removed_at IS NULL
    ON CONFLICT DO NOTHING
"""  # noqa: S608  (two words of our own)


def _new_uuid() -> Any:
    return uuid4() if database.features.has_native_uuid_field else uuid4().hex


def _scheme(door: Door) -> HookScheme:
    """Raises `Forged` for a vendor that has none: `find` has looked."""
    if (scheme := VENDORS[door.vendor].hooks) is None:
        raise Forged
    return scheme


def _why(door: Door, headers: Mapping[str, str], scheme: HookScheme) -> str:
    """For the owner's page; whoever knocked hears the same in every case."""
    if not door.secrets:
        return "No secret has been put in yet."
    if not scheme.has_signature(headers):
        return f"It had no signature ({' or '.join(scheme.headers)})."
    return f"Its signature is not of our secret, or more than {scheme.tolerance // 60} minutes old."


def _note(door: Door, why: str) -> None:
    long_ago = Q(refused_at=None) | Q(refused_at__lt=timezone.now() - NOTED_EVERY)
    Hook.objects.filter(long_ago, pk=door.pk).update(refused_at=timezone.now(), refused_why=why[:200])
