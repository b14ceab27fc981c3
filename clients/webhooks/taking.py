"""One delivery: whose door, signed by whom, then what it says, and stored before it is acknowledged.

The order is the safety: nothing is parsed before its signature is good, and a 2xx is never said of what no row holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency.models import token_hash
from agency.queue import announce
from agency.secrets import Unreadable
from clients import bulk
from clients.models import Event, EventSource, EventState, Hook
from clients.vendors import VENDORS
from clients.vendors.hooks import EventRecord, Forged, HookScheme, Malformed

#: Bytes of one delivery.
BIGGEST = 1_000_000
#: A door that turns away many notes it once in so long.
NOTED_EVERY = timedelta(minutes=1)

__all__ = ["BIGGEST", "Forged", "Malformed", "find", "take"]


def find(token: str) -> Hook | None:
    """The open door of this address: none where it was made anew, or where the account was removed."""
    # Written out: a delivery has no time for a query to be put together.
    found = next(iter(Hook.objects.raw(_FIND, [token_hash(token)])), None)
    return found if found and _vendor(found) in _doors() else None


_FIND = """
    SELECT h.id, h.uuid, h.connection_id, h.secrets, h.old_until, h.style, h.refused_at, c.vendor
    FROM clients_hook h JOIN clients_connection c ON c.id = h.connection_id
    WHERE h.token_hash = %s AND c.removed_at IS NULL
"""


def _vendor(hook: Hook) -> str:
    return str(hook.vendor)  # type: ignore[attr-defined]  # as `_FIND` has it


@sensitive_variables()
def take(hook: Hook, headers: Mapping[str, str], body: bytes) -> None:
    """Returns when the event is a row, now or before. Raises `Forged`, `Malformed`, or the database's error."""
    scheme, now = _doors()[_vendor(hook)], timezone.now()
    try:
        style = scheme.verify(headers, body, hook.taken_secrets(), hook.style, now)
        event = scheme.read(body, now)
        if scheme.too_old(event, style, now):
            raise Forged
    except (Forged, Unreadable):
        _note(hook, _why(hook, headers, scheme))
        raise Forged from None
    except Malformed as problem:
        _note(hook, str(problem))
        raise
    store(hook.connection_id, [event])
    if not hook.style and len(scheme.styles) > 1:
        Hook.objects.filter(pk=hook.pk, style="").update(style=style)
    announce("clients.process_events", hook.pk)


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


def _doors() -> dict[str, HookScheme]:
    return {slug: vendor.hooks for slug, vendor in VENDORS.items() if vendor.hooks}


def _why(hook: Hook, headers: Mapping[str, str], scheme: HookScheme) -> str:
    """For the owner's page; whoever knocked hears the same in every case."""
    if not hook.secrets:
        return "No secret has been put in yet."
    if not any(headers.get(name) for name in scheme.headers):
        return f"It had no signature ({' or '.join(scheme.headers)})."
    return f"Its signature is not of our secret, or more than {scheme.tolerance // 60} minutes old."


def _note(hook: Hook, why: str) -> None:
    long_ago = Q(refused_at=None) | Q(refused_at__lt=timezone.now() - NOTED_EVERY)
    Hook.objects.filter(long_ago, pk=hook.pk).update(refused_at=timezone.now(), refused_why=why[:200])
