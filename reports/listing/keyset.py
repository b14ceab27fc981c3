"""Pages of a long list without counting or skipping rows: `?after=` and `?before=` name the row at the page's edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from reports.listing.sorting import Sort

SIZE = 50


@dataclass(frozen=True)
class Slice[M: Model]:
    """`before` and `after`: the edges to ask for the neighbouring pages, empty where there is none."""

    rows: list[M]
    before: str = ""
    after: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.before and not self.after


def page_of[M: Model](rows: QuerySet[M], sort: Sort, query: Mapping[str, str], *, size: int = SIZE) -> Slice[M]:
    """`rows` have a `uuid`. An edge that is not among them (any more) gives the first page."""
    backwards = bool(query.get("before"))
    edge = _edge(rows, sort, query.get("before") or query.get("after") or "")
    some = sort.order(rows, backwards=bool(edge and backwards))
    if edge:
        some = some.filter(_beyond(edge, descending=sort.descending != backwards))
    found = list(some[: size + 1])
    more, found = len(found) > size, found[:size]
    if edge and backwards:
        return _slice(found[::-1], earlier=more, later=True)
    return _slice(found, earlier=bool(edge), later=more)


def _slice[M: Model](rows: list[M], *, earlier: bool, later: bool) -> Slice[M]:
    first, last = (str(rows[0].uuid), str(rows[-1].uuid)) if rows else ("", "")  # type: ignore[attr-defined]
    return Slice(rows, first if earlier else "", last if later else "")


def _edge(rows: QuerySet[Any], sort: Sort, text: str) -> tuple[Any, int] | None:
    try:
        uuid = UUID(text)
    except ValueError:
        return None
    return sort.order(rows).filter(uuid=uuid).values_list("sort_key", "pk").first()


def _beyond(edge: tuple[Any, int], *, descending: bool) -> Q:
    key, pk = edge
    side = "lt" if descending else "gt"
    # The first condition is implied by the second; it is what an index can start from.
    return Q(**{f"sort_key__{side}e": key}) & (Q(**{f"sort_key__{side}": key}) | Q(**{f"pk__{side}": pk}))
