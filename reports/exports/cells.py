"""Cells of a CSV row as SQL: the same text from PostgreSQL and from SQLite."""

from __future__ import annotations

from functools import reduce
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, Func, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Ord, Replace, StrIndex
from django.db.models.lookups import GreaterThan, In
from django.db.models.sql.compiler import SQLCompiler

#: What a spreadsheet takes for the start of a formula, full-width forms included.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"

type _Sql = tuple[str, tuple[Any, ...]]


def words(expression: str | Combinable) -> Case:
    """Text that a vendor or a person wrote, with an apostrophe before whatever a spreadsheet would run: at its beginning, and
    behind a semicolon, which parts the cells where a comma parts decimals."""
    text = F(expression) if isinstance(expression, str) else expression
    runs, parted = In(Ord(text), [ord(start) for start in FORMULA_STARTS]), GreaterThan(StrIndex(text, Value(";")), 0)
    safe = reduce(_kept_apart, FORMULA_STARTS, text)
    return Case(
        When(runs, then=Concat(Value("'"), safe, output_field=TextField())),
        When(parted, then=safe),  # most have none, and are spared
        default=text,
        output_field=TextField(),
    )


def _kept_apart(text: Combinable, start: str) -> Replace:
    return Replace(text, Value(f";{start}"), Value(f";'{start}"), output_field=TextField())


def day(expression: str) -> Cast:
    return Cast(expression, TextField())  # an expression: SQLite's driver would parse a date's column, only to print it again


class Moment(Func):
    """2026-11-20T09:00:00Z, in UTC with the seconds cut off; `exact` keeps six decimals."""

    output_field: ClassVar = TextField()

    def __init__(self, expression: str | Combinable, *, exact: bool = False, **extra: Any) -> None:
        super().__init__(expression, exact=exact, **extra)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        decimals = ".US" if self.extra["exact"] else ""
        template = f"""TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS{decimals}"Z"')"""
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        # Kept there as 2026-11-20 09:00:00.123456, without the decimals where they are zero.
        sql, params = compiler.compile(self.source_expressions[0])
        length = 15 if self.extra["exact"] else 8
        return f"SUBSTR({sql}, 1, 10) || 'T' || SUBSTR({sql} || '.000000', 12, {length}) || 'Z'", (*params, *params)


class Joined(Subquery):
    """The one column of an ordered query's rows, joined by '|'."""

    output_field: ClassVar = TextField()

    def __init__(self, queryset: QuerySet[Any, Any], column: str) -> None:
        super().__init__(queryset.annotate(joined=F(column)).values("joined"))

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, template: str | None = None, **extra: Any) -> _Sql:
        # Sorted within the subquery: SQLite learnt to sort within an aggregate only in 3.44.
        function = "STRING_AGG" if connection.vendor == "postgresql" else "GROUP_CONCAT"
        template = f"(SELECT {function}(joined, '|') FROM (%(subquery)s) parts)"  # noqa: S608
        return super().as_sql(compiler, connection, template, **extra)


class Fraction(Func):
    """0.7130, from whole ten-thousandths."""

    output_field: ClassVar = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        return self.as_sql(compiler, connection, template="(%(expressions)s * 0.0001)::text", **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        return self.as_sql(compiler, connection, template="PRINTF('%%%%.4f', %(expressions)s / 10000.0)", **extra)


class Decimals(Func):
    """0.7130, from a floating-point number within 0…1."""

    output_field: ClassVar = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::numeric(5,4)::text", **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        return self.as_sql(compiler, connection, template="PRINTF('%%%%.4f', %(expressions)s)", **extra)


class Tenths(Func):
    """12.3, from a duration: its seconds, cut to tenths."""

    output_field: ClassVar = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        template = "(TRUNC(EXTRACT(EPOCH FROM %(expressions)s) * 10) * 0.1)::numeric(12,1)::text"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> _Sql:
        return self.as_sql(compiler, connection, template="PRINTF('%%%%.1f', (%(expressions)s / 100000) / 10.0)", **extra)
