"""Pages of a long list without skipping rows: `?after=` and `?before=` name the row at the page's edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Model, Q, QuerySet, Window

from reports.listing.sorting import Sort

SIZE = 50


@dataclass(frozen=True)
class Slice[M: Model]:
    """`before` and `after`: the edges to ask for the neighbouring pages, empty where there is none.

    `first`: the place of its first row, from 1, among all `total` of them.
    """

    rows: list[M]
    before: str = ""
    after: str = ""
    first: int = 0
    total: int = 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_whole(self) -> bool:
        return not self.before and not self.after


def page_of[M: Model](
    rows: QuerySet[M], sort: Sort, query: Mapping[str, str], *, size: int = SIZE, at_once: bool = False
) -> Slice[M]:
    """`rows` have a `uuid`. An edge that is not among them (any more) gives the first page; `?page=`, which somebody wrote there
    by hand, the page of that number, or the last. `at_once`: of rows that no index sorts, all of which are looked at anyway, the
    first page counts them too, which saves a query."""
    if query.get("page") and not query.get("before") and not query.get("after"):
        return _numbered(sort.order(rows), query["page"], size)
    backwards = bool(query.get("before"))
    edge = _edge(rows, sort, query.get("before") or query.get("after") or "")
    some = sort.order(rows, backwards=bool(edge and backwards))
    if edge:
        some = some.filter(_beyond(edge, descending=sort.descending != backwards))
    counts = at_once and not edge
    found = list((some.annotate(in_all=Window(Count("pk"))) if counts else some)[: size + 1])
    more, found = len(found) > size, found[:size]
    turned = bool(edge and backwards)
    cut = _slice(found[::-1], earlier=more, later=True) if turned else _slice(found, earlier=bool(edge), later=more)
    if counts and cut.rows:
        return replace(cut, first=1, total=found[0].in_all)  # type: ignore[attr-defined]
    return _counted(rows, sort, cut) if cut.rows else cut


def _numbered[M: Model](rows: QuerySet[M], number: str, size: int) -> Slice[M]:
    page = Paginator(rows, size).get_page(number)
    cut = _slice(list(page), earlier=page.has_previous(), later=page.has_next())
    return replace(cut, first=page.start_index(), total=page.paginator.count)


def _counted[M: Model](rows: QuerySet[M], sort: Sort, cut: Slice[M]) -> Slice[M]:
    """In one query."""
    first: Any = cut.rows[0]
    earlier = _beyond((first.sort_key, first.pk), descending=not sort.descending)
    found = sort.order(rows).order_by().aggregate(total=Count("pk"), earlier=Count("pk", filter=earlier))
    return replace(cut, first=found["earlier"] + 1, total=found["total"])


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
