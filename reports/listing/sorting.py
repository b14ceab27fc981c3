"""`?sort=spam` and `?sort=-spam`: by which of a list's keys, and which way. Ties are broken by the row's own key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Func, Model, QuerySet
from django.db.models.expressions import Combinable

#: Name in the URL → what to sort by; never null.
type Keys = Mapping[str, Combinable]


class Way(NamedTuple):
    """By what, and which way; by nothing in a list that has an order of its own."""

    name: str
    descending: bool

    @classmethod
    def read(cls, asked: str, keys: Mapping[str, Any], default: str = "") -> Way:
        name = asked if asked.removeprefix("-") in keys else default
        return cls(name.removeprefix("-"), name.startswith("-"))


@dataclass(frozen=True)
class Sort:
    name: str
    descending: bool
    key: Combinable

    @classmethod
    def read(cls, asked: str, keys: Keys, default: str) -> Sort:
        way = Way.read(asked, keys, default)
        return cls(way.name, way.descending, keys[way.name])

    def order[M: Model](self, rows: QuerySet[M], *, backwards: bool = False) -> QuerySet[M]:
        """Annotates `sort_key` and orders by it."""
        sign = "-" if self.descending != backwards else ""
        keyed: QuerySet[M] = rows.annotate(sort_key=self.key)  # type: ignore[assignment]
        return keyed.order_by(f"{sign}sort_key", f"{sign}pk")


class Bytewise(Func):
    """Text in the order of its bytes: one and the same on every database and in every locale."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        return self.as_sql(compiler, connection, template='(%(expressions)s COLLATE "C")', **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        return self.as_sql(compiler, connection, template="(%(expressions)s COLLATE BINARY)", **extra)


def bytewise(field: str) -> Bytewise:
    return Bytewise(F(field))
