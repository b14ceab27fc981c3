"""One delivery: whose door, signed by whom, then what it says, and stored before it is acknowledged.

The order is the safety: nothing is parsed before its signature is good, and a 2xx is never said of what no row holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency.models import token_hash
from agency.queue import announce
from agency.secrets import Unreadable
from clients.models import Event, EventSource, Hook
from clients.vendors import VENDORS
from clients.vendors.hooks import EventRecord, Forged, HookScheme, Malformed

#: Bytes of one delivery.
BIGGEST = 1_000_000
#: A door that turns away many notes it once in so long.
NOTED_EVERY = timedelta(minutes=1)

__all__ = ["BIGGEST", "Forged", "Malformed", "find", "take"]


def find(token: str) -> Hook | None:
    """The open door of this address: none where it was made anew, or where the account was removed."""
    hooks = Hook.objects.select_related("connection")
    found = hooks.filter(token_hash=token_hash(token), connection__removed_at=None).first()
    return found if found and found.connection.vendor in _doors() else None


@sensitive_variables()
def take(hook: Hook, headers: Mapping[str, str], body: bytes) -> None:
    """Returns when the event is a row, now or before. Raises `Forged`, `Malformed`, or the database's error."""
    scheme, now = _doors()[hook.connection.vendor], timezone.now()
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
    rows = [
        Event(
            connection_id=connection_id,
            external_id=event.external_id,
            type=event.type,
            seq=event.seq,
            stream=event.stream,
            mark=event.mark,
            source=source,
            raw=event.raw,
            occurred_at=event.occurred_at,
        )
        for event in events
    ]
    Event.objects.bulk_create(rows, ignore_conflicts=True)


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
