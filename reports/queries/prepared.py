"""A query put together once and asked many times, each time with other values, as a database prepares a statement.

To build a queryset and to turn it into SQL takes Django longer than PostgreSQL takes to answer it, and every page asks the
same few. What changes from one asking to the next stands in the queryset as `Given` or `Ago` and is filled in last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from threading import local
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BigIntegerField, DateTimeField, Expression, Field, QuerySet
from django.utils import timezone

from clients import bulk

_PREPARING: ContextVar[bool] = ContextVar("_PREPARING", default=False)


class Late(Expression):
    """A value that is known when the query is asked."""

    def value(self, given: dict[str, Any]) -> Any:
        raise NotImplementedError

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self if _PREPARING.get() else self.bound({}, connection),)

    def bound(self, given: dict[str, Any], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(self.value(given), connection)


class Ago(Late):
    """The moment this long before the query is asked. Also at home in a query that is not prepared."""

    def __init__(self, span: timedelta) -> None:
        super().__init__(output_field=DateTimeField())
        self.span = span

    def value(self, given: dict[str, Any]) -> Any:
        return timezone.now() - self.span


class Given(Late):
    """What `Prepared` is called with under this name."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def value(self, given: dict[str, Any]) -> Any:
        return given[self.name]


class GivenMany(Given):
    """A list of whole numbers or of words, however long, for the look-up `among`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, BigIntegerField())

    def bound(self, given: dict[str, Any], connection: Any) -> Any:
        return bulk.as_parameter(list(self.value(given)), connection)


class Prepared[Row: tuple[Any, ...]]:
    """`rows`: a `values_list`. Called, it gives its rows as that would, of the given values. KeyError for one that is missing."""

    def __init__(self, rows: QuerySet[Any, Row]) -> None:
        self.rows = rows
        self._kept = local()  # a connection, and so what speaks its SQL, belongs to a thread

    def __call__(self, **given: Any) -> list[Row]:
        connection = connections[self.rows.db]
        try:
            compiler, sql, params = self._kept.statement
        except AttributeError:
            try:
                compiler, sql, params = self._kept.statement = self._compiled(connection)
            except EmptyResultSet:
                return []
        bound = [param.bound(given, connection) if isinstance(param, Late) else param for param in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, bound)
            return list(compiler.results_iter(results=[cursor.fetchall()], tuple_expected=True))

    def _compiled(self, connection: Any) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self.rows.query.get_compiler(connection=connection)
        with _preparing():
            return compiler, *compiler.as_sql()


@contextmanager
def _preparing() -> Iterator[None]:
    token = _PREPARING.set(True)
    try:
        yield
    finally:
        _PREPARING.reset(token)
