"""Whose door an address is. A process remembers the doors that events came through; whether one still stands so, the database
says with each event."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from agency.models import token_hash
from clients.vendors import VENDORS

#: Doors that a process remembers.
REMEMBERED = 1_000


class Closed(Exception):
    """The address was made anew, or the account removed."""


class Door(NamedTuple):
    """What a delivery needs to know of a `Hook`. `both`: the old secret is taken too."""

    pk: int
    uuid: str
    connection_id: int
    vendor: str
    secrets: str  # sealed
    both: bool
    style: str
    token_hash: str
    remembered: bool = False  # as it was when an event last came through


#: By the token's hash.
_remembered: dict[str, Door] = {}


def find(token: str) -> Door | None:
    """The open door of this address: none where it was made anew, or where the account was removed."""
    hashed = token_hash(token)
    return _remembered.get(hashed) or _look_up(hashed)


def as_it_stands(door: Door) -> Door:
    """The one that was remembered, looked up. Raises `Closed`."""
    if (found := _look_up(door.token_hash)) is None:
        _remembered.pop(door.token_hash, None)
        raise Closed
    return found


def remember(door: Door) -> None:
    if len(_remembered) >= REMEMBERED:
        _remembered.clear()
    _remembered[door.token_hash] = door._replace(remembered=True)


def _look_up(hashed: str) -> Door | None:
    # Written out: putting the query together would take longer than answering it.
    with database.cursor() as cursor:
        cursor.execute(_FIND, [moment(timezone.now()), hashed])
        found = cursor.fetchone()
    if found is None or VENDORS[found[3]].hooks is None:
        return None
    pk, uuid, connection_id, vendor, secrets, both, style = found
    return Door(pk, str(UUID(str(uuid))), connection_id, vendor, secrets, bool(both), style, hashed)


_FIND = """
    SELECT h.id, h.uuid, h.connection_id, c.vendor, h.secrets, coalesce(h.old_until > %s, FALSE), h.style
    FROM clients_hook h JOIN clients_connection c ON c.id = h.connection_id
    WHERE h.token_hash = %s AND c.removed_at IS NULL
"""


def moment(at: datetime) -> Any:
    """As the database's driver takes it."""
    return database.ops.adapt_datetimefield_value(at)
