"""An export's own query, emptied by hand: COPY to nowhere on PostgreSQL, cursor and csv.writer on SQLite. Options: days.

`seconds` is the query's alone, without the start of the interpreter.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import django
from django.db import connection


def main(days: int) -> dict[str, Any]:
    from agency.models import Membership
    from reports.exports import mail
    from reports.scope import Scope

    scope = Scope.of_member(Membership.objects.get(agency__slug="north"), {"window": str(days)})
    questions = [part.query.sql_with_params() for part in mail.placement(scope)]
    begun = time.perf_counter()
    count = _copied if connection.vendor == "postgresql" else _written
    rows = size = 0
    for sql, params in questions:
        for lines, length in count(sql, params):
            rows += lines
            size += length
    return {"seconds": time.perf_counter() - begun, "rows": rows, "bytes": size}


def _copied(sql: str, params: Any) -> Iterator[tuple[int, int]]:
    from django.db.backends.postgresql.psycopg_any import mogrify

    with connection.cursor() as cursor, cursor.copy(f"COPY ({mogrify(sql, params, connection)}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            yield bytes(block).count(b"\n"), len(block)


class _Nowhere:
    rows = size = 0

    def write(self, line: str) -> None:
        self.rows += 1
        self.size += len(line)


def _written(sql: str, params: Any) -> Iterator[tuple[int, int]]:
    nowhere = _Nowhere()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        csv.writer(nowhere, lineterminator="\n").writerows(cursor)
    yield nowhere.rows, nowhere.size


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(**json.loads(sys.argv[1]))))
