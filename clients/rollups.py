"""The tables that pages read, kept equal to the rows they sum.

`PlacementDay` is summed from broadcasts (their totals, as `ALL_PROVIDERS`) and placements (the split); `ClientDay` from
`PlacementDay`, each vendor apart. Whoever changes rows calls `roll_up` for the touched days in the same transaction;
`rebuild` does the same for all days, and for `clients.outreach_days`. Rows that are gone at the vendor count nowhere.

The sums are statements in words that both databases know: `INSERT … SELECT` has no other form, and to put them together
from querysets for every batch of a sync took as long as to run them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection as database
from django.db import models, transaction

from clients import outreach_days
from clients.checkpointing import for_update
from clients.models import ALL_PROVIDERS, ClientDay, Connection, PlacementDay

COUNTS = ("broadcasts", "received", "primary", "promotions", "spam", "missing")

type Statement = tuple[str, list[Any]]


def roll_up(
    connection: Connection, days: Collection[date], mailbox_provider: str = "", clients: Collection[int | None] | None = None
) -> None:
    """Sums the connection's touched days again: everything, or the rows of one mailbox provider (or ALL_PROVIDERS).

    `clients`: whose rows changed, before or after, where the caller knows; the days of others stay as they are. Runs in the
    caller's transaction, which holds the connection's lock.
    """
    if days:
        _roll(connection, sorted(days), mailbox_provider, None if clients is None else {*clients} - {None})


def rebuild(connection: Connection) -> None:
    """Sums every day of the connection again, in one transaction."""
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        _roll(connection, None, "")
        outreach_days.rebuild(connection.pk)


def check(connection: Connection) -> int:
    """How many roll-up rows of this connection differ from what its rows say: 0 when all is well."""
    kept = _rows((f"SELECT {_DAY}, {_names()} FROM clients_placementday WHERE connection_id = %s", [connection.pk]))  # noqa: S608
    summed = {row for statement in _sums_of_days(connection, None, "") for row in _rows(statement)}
    return len(kept ^ summed) + _client_days_off(connection) + outreach_days.check(connection.pk)


def _roll(connection: Connection, days: list[date] | None, mailbox_provider: str, clients: set[Any] | None = None) -> None:
    before = _owners(connection, days, mailbox_provider) if clients is None else clients
    which, given = _which(days, mailbox_provider)
    _run((f"DELETE FROM clients_placementday WHERE connection_id = %s AND {which}", [connection.pk, *given]))  # noqa: S608
    for select, values in _sums_of_days(connection, days, mailbox_provider):
        _run((f"INSERT INTO clients_placementday ({_DAY}, {_names()}) {select}", values))
    touched = before | _owners(connection, days, mailbox_provider) if clients is None else clients
    if touched or days is None:
        _roll_clients(_locked(connection, touched, of_all=days is None), days, mailbox_provider)


def _owners(connection: Connection, days: list[date] | None, mailbox_provider: str) -> set[Any]:
    rows = PlacementDay.objects.filter(connection=connection)
    rows = rows if days is None else rows.filter(day__in=days)
    rows = rows.filter(mailbox_provider=mailbox_provider) if mailbox_provider else rows
    return set(rows.values_list("client_id", flat=True).distinct()) - {None}


def _locked(connection: Connection, clients: set[Any], *, of_all: bool) -> list[int]:
    """Two connections of one client roll the same day: without the lock each would sum without the other's rows.

    It takes all clients that the connection serves at once, in one order: two transactions that take them one by one could
    wait for each other.
    """
    named = f"id IN ({_marks(clients)}) OR " if clients else ""
    served = f"{named}id IN (SELECT client_id FROM clients_scope WHERE connection_id = %s)"  # noqa: S608
    query = f"SELECT id FROM clients_client WHERE {served} ORDER BY id{for_update()}"  # noqa: S608
    locked = sorted(pk for (pk,) in _rows((query, [*clients, connection.pk])))
    return locked if of_all else [pk for pk in locked if pk in clients]


def _roll_clients(clients: list[int], days: list[date] | None, mailbox_provider: str) -> None:
    if not clients:
        return
    which, given = _which(days, mailbox_provider)
    theirs, given = f"client_id IN ({_marks(clients)}) AND {which}", [*clients, *given]
    _run((f"DELETE FROM clients_clientday WHERE {theirs}", given))  # noqa: S608
    sums = f"""
        SELECT d.{_CLIENT}, vendor, {_sums(COUNTS)}
        FROM clients_placementday d JOIN clients_connection c ON c.id = connection_id
        WHERE {theirs} GROUP BY d.{_CLIENT}, vendor
    """  # noqa: S608
    _run((f"INSERT INTO clients_clientday ({_CLIENT}, vendor, {_names()}) {sums}", given))


_DAY = "agency_id, client_id, connection_id, day, mailbox_provider, domain"
_CLIENT = "agency_id, client_id, day, mailbox_provider"  # the first is a column of connections as well


def _sums_of_days(connection: Connection, days: list[date] | None, mailbox_provider: str) -> list[Statement]:
    """Queries for the columns of `_DAY` and the counts: from broadcasts, from placements, or both."""
    totals, of_totals = _which(days, "")
    split, of_split = _which(days, mailbox_provider, "b.day")
    found: list[Statement] = []
    if mailbox_provider in ("", ALL_PROVIDERS):
        query = f"""
            SELECT %s, client_id, connection_id, day, '{ALL_PROVIDERS}', domain, COUNT(*), {_sums(COUNTS[1:])}
            FROM clients_broadcast WHERE connection_id = %s AND gone_at IS NULL AND {totals}
            GROUP BY client_id, connection_id, day, domain
        """  # noqa: S608
        found.append((query, [connection.agency_id, connection.pk, *of_totals]))
    if mailbox_provider != ALL_PROVIDERS:
        query = f"""
            SELECT %s, b.client_id, b.connection_id, b.day, mailbox_provider, b.domain, COUNT(*), {_sums(COUNTS[1:], "p")}
            FROM clients_placement p JOIN clients_broadcast b ON b.id = p.broadcast_id
            WHERE b.connection_id = %s AND b.gone_at IS NULL AND {split}
            GROUP BY b.client_id, b.connection_id, b.day, mailbox_provider, b.domain
        """  # noqa: S608
        found.append((query, [connection.agency_id, connection.pk, *of_split]))
    return found


def _which(days: list[date] | None, mailbox_provider: str, day: str = "day") -> Statement:
    """A condition: on one of these days (None: on any), at this mailbox provider ('': at any)."""
    tests, given = ["1 = 1"], list[Any]()
    if days is not None:
        # The range as well: without statistics PostgreSQL's planner reads all of the connection's days rather than those named.
        tests.append(f"{day} BETWEEN %s AND %s AND {day} IN ({_marks(days)})")
        given += [each.isoformat() for each in (days[0], days[-1], *days)]
    if mailbox_provider:
        tests.append("mailbox_provider = %s")
        given.append(mailbox_provider)
    return " AND ".join(tests), given


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _names() -> str:
    return ", ".join(f'"{name}"' for name in COUNTS)  # 'primary' is a word of SQL


def _sums(names: Collection[str], table: str = "") -> str:
    return ", ".join(f'SUM({table}."{name}")' if table else f'SUM("{name}")' for name in names)


def _run(statement: Statement) -> None:
    with database.cursor() as cursor:
        cursor.execute(*statement)


def _rows(statement: Statement) -> set[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(*statement)
        return set(cursor.fetchall())


def _client_days_off(connection: Connection) -> int:
    days = PlacementDay.objects.filter(connection=connection).exclude(client=None)
    clients = sorted({*days.values_list("client_id", flat=True), *connection.scopes.values_list("client_id", flat=True)})
    names = ("client_id", "day", "mailbox_provider")
    kept = set(ClientDay.objects.filter(client__id__among=clients).values_list(*names, "vendor", *COUNTS))
    sums = PlacementDay.objects.filter(client__id__among=clients).values(*names, "connection__vendor")
    sums = sums.annotate(**{f"sum_{name}": models.Sum(name) for name in COUNTS})
    return len(kept ^ set(sums.values_list(*names, "connection__vendor", *(f"sum_{name}" for name in COUNTS))))
