"""Many rows at once, the same on PostgreSQL and SQLite.

The callers hold the connection's lock (`clients.sync`), so nobody else writes the same rows: what they found absent
can be inserted without a conflict clause, which lets PostgreSQL take it by COPY.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import batched, chain, repeat
from typing import Any

from django.db import connection, models

type Column = Sequence[Any] | repeat[Any]

BLOCK = 250  # rows that a database is handed at once


def insert(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`names` are attribute names (`client_id`, `day`), `rows` their Python values in that order."""
    if rows:
        insert_columns(model, dict(zip(names, zip(*rows, strict=True), strict=True)))


def insert_columns(model: type[models.Model], values: Mapping[str, Column]) -> None:
    """The same by attribute name, one row at least. What all rows have in common is a `repeat` of it."""
    columns = ", ".join(_columns(model, list(values)))
    table = model._meta.db_table
    # Django's own errors of what it does not run itself.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for block in _copy_blocks(values.values()):
                    copy.write(block)
        else:
            ready = zip(*(_prepared_column(_field(model, name), column) for name, column in values.items()), strict=False)
            _insert_in_blocks(f"INSERT INTO {table} ({columns}) VALUES ", len(values), list(ready))  # noqa: S608


def _insert_in_blocks(statement: str, width: int, rows: list[tuple[Any, ...]]) -> None:
    """On SQLite. One statement of many rows gives way to other threads once, executemany after each row: next to one that
    reads the vendor's next page it took half as long again. The driver itself is asked, which keeps what it has compiled."""
    row = f"({', '.join('?' * width)})"
    most = connection.features.max_query_params
    block = min(BLOCK, most // width) if most else BLOCK
    whole = len(rows) - len(rows) % block
    many = statement + ", ".join([row] * block)
    for start in range(0, whole, block):
        connection.connection.execute(many, list(chain.from_iterable(rows[start : start + block])))
    connection.connection.executemany(statement + row, rows[whole:])


def insert_unless_there(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The same without the lock: what another has inserted meanwhile, under the same unique key, stays as it is."""
    marks = ", ".join(["%s"] * len(names))
    columns = ", ".join(_columns(model, names))
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    ready = _prepared(model, names, rows)
    with connection.cursor() as cursor:
        if len(ready) == 1:
            cursor.execute(statement, ready[0])
        else:
            cursor.executemany(statement, ready)


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows are found by their first value, the row's `id`."""
    if not rows:
        return
    columns = _columns(model, names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = [_field(model, name).db_type(connection) or "text" for name in names]
            types[0] = "bigint"
            arrays = ", ".join(f"%s::{_array_type(kind)}[]" for kind in types)
            setters = ", ".join(f"{column} = v.{column}" for column in columns[1:])
            cursor.execute(
                f"UPDATE {table} t SET {setters} FROM unnest({arrays}) AS v({', '.join(columns)}) WHERE t.id = v.{columns[0]}",  # noqa: S608
                [list(values) for values in zip(*_prepared(model, names, rows), strict=True)],
            )
        else:
            setters = ", ".join(f"{column} = %s" for column in columns[1:])
            turned = ((*row[1:], row[0]) for row in _prepared(model, names, rows))
            cursor.executemany(f"UPDATE {table} SET {setters} WHERE id = %s", list(turned))  # noqa: S608


def found(
    model: type[models.Model], owner: tuple[str, int], key: str, wanted: Sequence[str], names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """`names` of the owner's rows with one of the wanted keys; an index over owner and key is taken for granted.

    Plain columns only: on PostgreSQL the values are the driver's, not the fields'.
    """
    if connection.vendor != "postgresql":
        rows = model._default_manager.filter(**{owner[0]: owner[1], f"{key}__among": list(wanted)})
        return list(rows.values_list(*names))
    table, (by, of) = model._meta.db_table, _columns(model, (owner[0], key))
    columns = ", ".join(_columns(model, names))
    # LIMIT 1 keeps each key a search of its own in that index. Left to choose, the planner reads all of the owner's
    # rows instead: always while the table is young and has no statistics, which is when most rows arrive.
    each = f"SELECT {columns} FROM {table} WHERE {by} = %s AND {of} = wanted.key LIMIT 1"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            # As JSON, which is written in C; an array's elements the driver writes one by one.
            f"SELECT found.* FROM json_array_elements_text(%s::json) AS wanted(key) CROSS JOIN LATERAL ({each}) found",  # noqa: S608
            [json.dumps(wanted), owner[1]],
        )
        taken: list[tuple[Any, ...]] = cursor.fetchall()
    return taken


@models.Field.register_lookup
class Among(models.Lookup):
    """`column__among=list`: one parameter however long the list, so neither a limit nor a new plan for each length."""

    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        return self.rhs if hasattr(self.rhs, "resolve_expression") else list(self.rhs)

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [as_parameter(value, connection)]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        test = f"= ANY({right})" if connection.vendor == "postgresql" else f"IN (SELECT value FROM json_each({right}))"  # noqa: S608
        return f"{left} {test}", [*params, *more]


def as_parameter(values: list[Any], connection: Any) -> Any:
    """What `among` takes."""
    return values if connection.vendor == "postgresql" else json.dumps(values, default=str)


def latest[T](rows: Iterable[T], key: Callable[[T], Any]) -> dict[Any, T]:
    """Rows by key, the last of those that share one: a batch that names a row twice would insert it twice."""
    return {key(row): row for row in rows}


@cache
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if name in (field.attname, field.name))


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(str(_field(model, name).column)) for name in names]


def _array_type(kind: str) -> str:
    return {"bigint": "bigint", "serial": "bigint", "bigserial": "bigint"}.get(kind, kind)


def _prepared(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The rows as the database's driver takes them."""
    if not rows:
        return []
    columns = (_prepared_column(_field(model, name), values) for name, values in zip(names, zip(*rows, strict=True), strict=True))
    return list(zip(*columns, strict=True))


def _prepared_column(field: models.Field[Any, Any], values: Column) -> Column:
    if isinstance(values, repeat):
        return repeat(*_prepared_column(field, [next(values)]))
    if isinstance(field, (models.CharField, models.IntegerField, models.ForeignKey)):
        return values
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field and set(map(type, values)) == {str}:
        return values  # hex digits already, as they are kept
    if isinstance(field, models.JSONField):
        return [field.get_db_prep_save(value, connection) for value in values]
    # Days, moments and flags: a batch holds few different ones.
    ready = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [ready[value] for value in values]


def _copy_blocks(columns: Iterable[Column]) -> Iterator[str]:
    """PostgreSQL's COPY text format, column by column: each kind of value is turned by one pass in C where it can be.

    In blocks, so that the server is at work on the first while the next is written.
    """
    lines = map("\t".join, zip(*map(_copy_column, columns), strict=False))
    for block in batched(lines, BLOCK):  # the last one is shorter
        yield "\n".join(block) + "\n"


def _copy_column(values: Column) -> Iterable[str]:
    if isinstance(values, repeat):
        return repeat(_copy_value(next(values)))
    kinds = set(map(type, values))
    if kinds == {int}:
        return map(str, values)
    if kinds == {str}:
        return _copy_texts(values)
    if kinds & {dict, list}:
        return map(_copy_value, values)
    # Days, moments, flags and gaps: a batch holds few different ones.
    texts = {value: _copy_value(value) for value in set(values)}
    return [texts[value] for value in values]


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_texts(values: Sequence[str]) -> Iterable[str]:
    # One look at all of them together; almost never does a text hold anything to escape.
    together = "".join(values)
    if not any(mark in together for mark in "\\\t\n\r"):
        return values
    return [value.translate(_ESCAPES) for value in values]


def _copy_value(value: Any) -> str:
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        value = json.dumps(value)
    return str(value).translate(_ESCAPES)
