"""A query's rows as bytes of CSV, in blocks, whatever their number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

BLOCK_BYTES = 64 * 1024
BLOCK_ROWS = 2_000


def blocks(rows: QuerySet[Any, Any]) -> Iterator[bytes]:
    """Closing the iterator early ends the query."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # Django can tell without asking: a member without clients, say
        return iter(())
    return _copied(sql, params) if connection.vendor == "postgresql" else _fetched(sql, params)


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _copied(sql: str, params: Sequence[Any]) -> Iterator[bytes]:
    """The server writes the CSV; what is left here is to gather its lines into blocks."""
    from django.db.backends.postgresql.psycopg_any import mogrify

    with connection.cursor() as cursor:
        statement = f"COPY ({mogrify(sql, params, connection)}) TO STDOUT (FORMAT csv)"
        with cursor.copy(statement) as copy:
            yield from _gathered(copy)


def _gathered(pieces: Iterable[Any]) -> Iterator[bytes]:
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _fetched(sql: str, params: Sequence[Any]) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while block := cursor.fetchmany(BLOCK_ROWS):
            yield lines(block)
