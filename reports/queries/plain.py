"""Small parts that queries are made of: aggregates that come as the driver gives them, and a moment that is never out of date.

Django passes each value of an aggregate through a function of its own, for databases that return another type than asked
for. Whole numbers come as `int` from PostgreSQL and SQLite alike, and a page reads thousands of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Sum, Value
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone


class _Plain:
    def get_db_converters(self, connection: Any) -> list[Any]:
        return []


class Mails(_Plain, Sum):
    """Of a column of whole numbers; None over no rows."""


class Tally(_Plain, Count):
    """Of rows, or of values that are not null."""


class Ago(Value):
    """The moment this long before the query is put: what holds one can be made once, and asked again and again."""

    def __init__(self, span: timedelta) -> None:
        super().__init__(span, output_field=DateTimeField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return Value(timezone.now() - self.value, output_field=self.output_field).as_sql(compiler, connection)
