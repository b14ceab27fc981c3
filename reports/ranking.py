"""In which order clients stand: on the Overview, in the list of clients, and in their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from reports.listing.heads import Column
from reports.listing.sorting import Way
from reports.looks import Ranked, silent
from reports.queries import overview as queries
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine
from reports.stats import change

COLUMNS = (
    Column("Client", "name"),
    Column("Inboxing", "inboxing", number=True),
    Column("Change", "change", title="By falls, then what is not clear, then rises; or the other way round"),
)

_NOTHING = queries.Inboxing()


def rank(
    lines: Iterable[ClientLine],
    rates: Mapping[int, queries.Inboxing],
    serving: Mapping[int, Iterable[Account]],
    today: date,
    sort: str = "",
) -> list[Ranked]:
    """Worst first, if `sort` names none of `SORTS`: below 70 %, silent, a key refused, then by inboxing; the few and those
    without mail last."""
    ranked = [
        Ranked(line, now, before, change(now, before, began=began), silent(last, serving.get(line.pk, ()), today))
        for line in lines
        for now, before, began, last in [rates.get(line.pk, _NOTHING)]
    ]
    way = Way.read(sort, SORTS)
    return ordered(ranked, SORTS[way.name], descending=way.descending) if way.name else sorted(ranked, key=_worst_first)


def ordered[R](rows: Iterable[R], key: Callable[[R], Any], *, descending: bool) -> list[R]:
    """By name what is equal; last, whichever way the rest is sorted, that whose `key` is None."""
    by_name = sorted(rows, key=_by_name)
    told = [row for row in by_name if key(row) is not None]
    return sorted(told, key=key, reverse=descending) + [row for row in by_name if key(row) is None]


def _by_name(row: Any) -> tuple[str, str]:
    return row.client.name.lower(), row.client.slug


SORTS: dict[str, Callable[[Any], Any]] = {
    "name": _by_name,
    "inboxing": lambda row: row.now.value,
    "change": lambda row: row.change.place,
}


def _worst_first(row: Ranked) -> tuple[int, float, str]:
    return _standing(row), row.now.value or 0.0, row.client.name.lower()


def _standing(row: Ranked) -> int:
    if row.silent or row.now.band == "bad":
        return int(row.now.band != "bad")
    # Nothing more can come of it, whatever the mail before it said.
    return 2 if row.client.key_refused else {"few": 4, "none": 5}.get(row.now.band, 3)
