"""What clients' senders sent and what came back, a row a day: `OutreachDay`, kept equal to the days of senders that it sums.

Whoever changes those calls `roll_up` in the same transaction, which holds the connection's lock; `clients.rollups` rebuilds and
checks this table with the others. A row is of one connection, so two connections of a client never wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from clients import bulk
from clients.models import ActivityDay, Grain, OutreachDay

COUNTS = ("sent", "delivered", "replied", "positive", "bounced", "bounced_hard", "bounced_soft")
RATED = ("replied", "bounced")  # counts with the mail they are of beside them
_COLUMNS = ("client_id", "day", *COUNTS, *(f"{name}_of" for name in RATED))
_SUMS = {f"sum_{name}": Sum(name) for name in COUNTS} | {
    f"sum_{name}_of": Sum("sent", filter=Q(**{f"{name}__isnull": False})) for name in RATED
}


def roll_up(connection: int, clients: Collection[int | None], days: Collection[date]) -> None:
    """Of the clients whose rows changed, before or after, on those days."""
    if theirs := {*clients} - {None}:
        _sum_again(connection, client__in=sorted(theirs, key=str), day__in=sorted(set(days)))


def rebuild(connection: int) -> None:
    _sum_again(connection)


def check(connection: int) -> int:
    """How many rows differ from what the days of senders say."""
    kept = OutreachDay.objects.filter(connection=connection).values_list(*_COLUMNS)
    return len(set(kept) ^ set(_sums(connection)))


def _sum_again(connection: int, **which: Any) -> None:
    OutreachDay.objects.filter(connection=connection, **which).delete()
    rows = [(connection, *row) for row in _sums(connection, **which)]
    bulk.insert(OutreachDay, ("connection_id", *_COLUMNS), rows)


def _sums(connection: int, **which: Any) -> QuerySet[Any, Any]:
    days = ActivityDay.objects.by(Grain.SENDER).filter(connection=connection, client__isnull=False, **which)
    return days.order_by().values_list("client_id", "day").annotate(**_SUMS)
