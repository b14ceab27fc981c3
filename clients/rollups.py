"""The tables that pages read, kept equal to the rows they sum.

`PlacementDay` is summed from broadcasts (their totals, as `ALL_PROVIDERS`) and placements (the split); `ClientDay` from
`PlacementDay`. Whoever changes rows calls `roll_up` for the touched days in the same transaction; `rebuild` does the same
for all days. Rows that are gone at the vendor count nowhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection as database
from django.db import models, transaction

from clients.models import ALL_PROVIDERS, Broadcast, Client, ClientDay, Connection, Placement, PlacementDay, Scope

COUNTS = ("broadcasts", "received", "primary", "promotions", "spam", "missing")


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


def check(connection: Connection) -> int:
    """How many roll-up rows of this connection differ from what its rows say: 0 when all is well."""
    kept = set(PlacementDay.objects.filter(connection=connection).values_list(*_KEY, *COUNTS))
    summed = set(_summed(connection))
    return len(kept ^ summed) + _client_days_off(connection)


_KEY = ("client_id", "day", "domain", "mailbox_provider")


def _roll(connection: Connection, days: list[date] | None, mailbox_provider: str, clients: set[Any] | None = None) -> None:
    rows = _of_days(PlacementDay.objects.filter(connection=connection), days, mailbox_provider)
    before = _owners(rows) if clients is None else clients
    rows.delete()
    _insert(connection, days, mailbox_provider)
    touched = before | _owners(rows) if clients is None else clients
    if touched or days is None:
        _roll_clients(_locked(connection, touched, of_all=days is None), days, mailbox_provider)


def _owners(rows: models.QuerySet[Any]) -> set[Any]:
    return set(rows.values_list("client_id", flat=True).distinct()) - {None}


def _locked(connection: Connection, clients: set[Any], *, of_all: bool) -> list[int]:
    """Two connections of one client roll the same day: without the lock each would sum without the other's rows.

    It takes all clients that the connection serves at once, in one order: two transactions that take them one by one could
    wait for each other.
    """
    served = models.Q(pk__in=Scope.objects.filter(connection=connection).values("client_id"))
    rows = Client.objects.filter(models.Q(pk__among=sorted(clients)) | served).order_by("pk")
    locked = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return locked if of_all else [pk for pk in locked if pk in clients]


def _roll_clients(clients: list[int], days: list[date] | None, mailbox_provider: str) -> None:
    _of_days(ClientDay.objects.filter(client__id__among=clients), days, mailbox_provider).delete()
    source = _of_days(PlacementDay.objects.filter(client__id__among=clients), days, mailbox_provider)
    sums = source.values("agency_id", "client_id", "day", "mailbox_provider").annotate(**_sums(COUNTS))
    _insert_select(ClientDay, ("agency_id", "client_id", "day", "mailbox_provider", *COUNTS), sums)


def _sums(names: tuple[str, ...]) -> dict[str, models.Sum]:
    return {f"sum_{name}": models.Sum(name) for name in names}


def _of_days(rows: models.QuerySet[Any], days: list[date] | None, mailbox_provider: str) -> models.QuerySet[Any]:
    if days is not None:
        rows = rows.filter(day__in=days)
    return rows.filter(mailbox_provider=mailbox_provider) if mailbox_provider else rows


def _insert(connection: Connection, days: list[date] | None, mailbox_provider: str) -> None:
    names = ("agency_id", "client_id", "connection_id", "day", "mailbox_provider", "domain", *COUNTS)
    for rows in _sources(connection, days, mailbox_provider):
        _insert_select(PlacementDay, names, rows)


def _sources(connection: Connection, days: list[date] | None, mailbox_provider: str) -> list[models.QuerySet[Any, Any]]:
    sources = []
    if mailbox_provider in ("", ALL_PROVIDERS):
        sources.append(_totals(connection, days))
    if mailbox_provider != ALL_PROVIDERS:
        sources.append(_split(connection, days, mailbox_provider))
    return sources


def _totals(connection: Connection, days: list[date] | None) -> models.QuerySet[Any, Any]:
    rows = Broadcast.objects.filter(connection=connection, gone_at=None)
    rows = rows if days is None else rows.filter(day__in=days)
    return rows.values(
        agency=models.Value(connection.agency_id, output_field=models.BigIntegerField()),
        owner=models.F("client_id"),
        through=models.F("connection_id"),
        on=models.F("day"),
        at=models.Value(ALL_PROVIDERS, output_field=models.CharField()),
        of=models.F("domain"),
    ).annotate(count=models.Count("id"), **_sums(COUNTS[1:]))


def _split(connection: Connection, days: list[date] | None, mailbox_provider: str) -> models.QuerySet[Any, Any]:
    rows = Placement.objects.filter(broadcast__connection=connection, broadcast__gone_at=None)
    rows = rows if days is None else rows.filter(broadcast__day__in=days)
    rows = rows.filter(mailbox_provider=mailbox_provider) if mailbox_provider else rows
    return rows.values(
        agency=models.Value(connection.agency_id, output_field=models.BigIntegerField()),
        owner=models.F("broadcast__client_id"),
        through=models.F("broadcast__connection_id"),
        on=models.F("broadcast__day"),
        at=models.F("mailbox_provider"),
        of=models.F("broadcast__domain"),
    ).annotate(count=models.Count("id"), **_sums(COUNTS[1:]))


def _insert_select(model: type[models.Model], names: tuple[str, ...], rows: models.QuerySet[Any, Any]) -> None:
    """INSERT … SELECT: sums never leave the database."""
    columns = ", ".join(database.ops.quote_name(str(model._meta.get_field(name.removesuffix("_id")).column)) for name in names)  # type: ignore[union-attr]
    query, params = rows.query.sql_with_params()
    with database.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) {query}", params)


def _summed(connection: Connection) -> list[tuple[Any, ...]]:
    names = ("owner", "on", "of", "at", "count", *(f"sum_{name}" for name in COUNTS[1:]))
    return [row for rows in _sources(connection, None, "") for row in rows.values_list(*names)]


def _client_days_off(connection: Connection) -> int:
    days = PlacementDay.objects.filter(connection=connection).exclude(client=None)
    clients = sorted({*days.values_list("client_id", flat=True), *connection.scopes.values_list("client_id", flat=True)})
    names = ("client_id", "day", "mailbox_provider")
    kept = set(ClientDay.objects.filter(client__id__among=clients).values_list(*names, *COUNTS))
    source = PlacementDay.objects.filter(client__id__among=clients).values(*names)
    sums = source.annotate(**_sums(COUNTS))
    return len(kept ^ set(sums.values_list(*names, *(f"sum_{name}" for name in COUNTS))))
