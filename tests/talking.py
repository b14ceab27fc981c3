"""Conversations as if a vendor had told of them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone

from clients.models import Client, Connection, Conversation, Event, EventState, Prospect, Sender, StatusMove

_numbers = count(1)


def talk(
    connection: Connection, client: Client | None, name: str, *, handle: str = "", at: datetime | None = None, **fields: Any
) -> Conversation:
    """One with a prospect of that name, from the sender of that handle (made where there is none); the last word is theirs."""
    of_prospect = {key: fields.pop(key) for key in ("tags", "status", "assignee", "valuation") if key in fields}
    handle = handle or f"@{client.slug if client else 'nobody'}"
    known = {"client": client, "email": handle, "name": handle.lstrip("@")}
    sender, _ = Sender.objects.get_or_create(connection=connection, external_id=handle, defaults=known)
    number = f"talk{next(_numbers)}"
    prospect = Prospect.objects.create(connection=connection, external_id=number, name=name, handle="@friend", **of_prospect)
    kept = {"sender": sender, "sender_ref": handle, "prospect": prospect, "last_at": at or timezone.now(), "last_inbound": True}
    return Conversation.objects.create(connection=connection, external_id=number, **kept | {"last_text": "Hello"} | fields)


def told_of(connection: Connection, client: Client | None, name: str) -> Event:
    """Such a conversation, a move of its prospect, and an event of an odd type that names it."""
    said_to = talk(connection, client, f"Friend of {name}", last_text=f"Dear {name}").prospect
    StatusMove.objects.create(connection=connection, prospect=said_to, after=name, at=timezone.now())
    number = f"event{next(_numbers)}"
    said = f'{{"id":"{number}","type":"odd.type","data":{{"name":"{name}"}}}}'
    kept = {"external_id": number, "type": "odd.type", "mark": 1, "raw": said, "occurred_at": timezone.now()}
    return Event.objects.create(connection=connection, state=EventState.UNKNOWN, **kept)
