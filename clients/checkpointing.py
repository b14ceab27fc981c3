"""What each page of a run writes beside its rows: the connection's lock, the lease with the checkpoint, the run's counts.

In words that both databases know: to put these statements together from querysets took a quarter of a page's time.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

from django.db import connection as database

from clients import leases
from clients.models import Connection, SyncRun


class Locked(NamedTuple):
    """What may have changed while a run goes on."""

    scopes_version: int
    health: str
    health_reason: str
    removed_at: object
    fingerprint: str


def lock(connection_id: int, *, unhurried: bool = False) -> Locked:
    """Until the transaction ends. `unhurried`: it needn't reach the disk at once, since what is written is written with its
    checkpoint; a server that crashes costs pages that are fetched again. Raises Connection.DoesNotExist."""
    names = ", ".join(Locked._fields) + (_UNHURRIED[database.vendor] if unhurried else "")
    query = f"SELECT {names} FROM clients_connection WHERE id = %s{for_update()}"  # noqa: S608
    row = _row(query, [connection_id])
    if row is None:
        raise Connection.DoesNotExist
    return Locked(*row[: len(Locked._fields)])


#: In the statement that each page begins with, not in one of its own.
_UNHURRIED = {"postgresql": ", set_config('synchronous_commit', 'off', true)", "sqlite": ""}


def for_update() -> str:
    """SQLite has one writer at a time, and no word for it."""
    return " FOR NO KEY UPDATE" if database.features.has_select_for_no_key_update else ""


def keep(feed_id: int, token: uuid.UUID, checkpoint: dict[str, Any]) -> None:
    """Raises `leases.Lost` where the lease is no longer ours; it is not prolonged."""
    given = [json.dumps(checkpoint), feed_id, token.hex]
    if not _changed("UPDATE clients_feed SET checkpoint = %s WHERE id = %s AND claim = %s", given):
        raise leases.Lost


#: Columns of a run that change from page to page.
_COUNTED = ("pages", "pages_expected", "rows", "new", "changed", "set_aside")


def count(row: SyncRun) -> None:
    """Raises `leases.Lost` where the run is gone, with its feed."""
    names = ", ".join(f'"{name}" = %s' for name in (*_COUNTED, "log"))
    given = [*(getattr(row, name) for name in _COUNTED), json.dumps(row.log), row.pk]
    if not _changed(f"UPDATE clients_syncrun SET {names} WHERE id = %s", given):  # noqa: S608
        raise leases.Lost


def _row(statement: str, given: list[Any]) -> tuple[Any, ...] | None:
    with database.cursor() as cursor:
        cursor.execute(statement, given)
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _changed(statement: str, given: list[Any]) -> int:
    with database.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount)
