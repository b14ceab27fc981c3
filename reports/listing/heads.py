"""The heads of a list's columns, links where it can be sorted by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from reports.listing.sorting import Sort, Way


class Column(NamedTuple):
    label: str
    sort: str = ""  # a key of the list's sorts
    number: bool = False
    title: str = ""
    best_first: bool = False  # the first click sorts downwards
    beside: Column | None = None  # what it is sorted by as well, and has no column of its own

    @property
    def ways(self) -> list[tuple[str, str]]:
        """Up and down by it, for `?sort=`, each in words; that of the first click first."""
        up, down = ("lowest", "highest") if self.number else ("oldest", "newest") if self.best_first else ("A to Z", "Z to A")
        end = " first" if self.number or self.best_first else ""
        both = [(self.sort, f"{self.label}, {up}{end}"), (f"-{self.sort}", f"{self.label}, {down}{end}")]
        return both[::-1] if self.best_first else both


class Head(NamedTuple):
    label: str
    query: str  # sorts by this column, the other way round when it does so already; empty where it can't
    sorted: str  # for aria-sort, or empty
    number: bool
    title: str
    beside: Head | None = None


def heads(columns: Iterable[Column], sort: Sort | Way, query: Mapping[str, str]) -> list[Head]:
    kept = _kept(query)
    return [_head(column, sort, kept) for column in columns]


def unsorted(query: Mapping[str, str]) -> str:
    """The same question without an order; one that no saved view takes for none."""
    return "?" + urlencode(_kept(query) or {"view": "all"})


def _kept(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value and name not in ("sort", "after", "before", "page")}


def ways(columns: Iterable[Column], default: str) -> list[tuple[str, str]]:
    """The same as choices of a field, the default's being empty: where there is no room for heads."""
    every = [one for column in columns for one in (column, column.beside) if one and one.sort]
    return [("" if way == default else way, words) for one in every for way, words in one.ways]


def _head(column: Column, sort: Sort | Way, kept: dict[str, str]) -> Head:
    here = bool(column.sort) and column.sort == sort.name
    downwards = not sort.descending if here else column.best_first
    link = "?" + urlencode({**kept, "sort": f"{'-' if downwards else ''}{column.sort}"}) if column.sort else ""
    direction = ("descending" if sort.descending else "ascending") if here else ""
    beside = _head(column.beside, sort, kept) if column.beside else None
    return Head(column.label, link, direction, column.number, column.title, beside)
