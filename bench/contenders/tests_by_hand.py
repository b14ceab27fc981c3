"""The limit of placement tests' rows: fetch, typed decode, COPY to a stage, upsert, commit per page; nothing else.

Options: mode (clear or run), url, key, and database: a PostgreSQL URL, or the path of an SQLite file; `only_read` stores nothing.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx
import msgspec

from bench.contenders.by_hand import open_database

COLUMNS = (
    "id", "timestamp_created", "test_id", "sender_email", "recipient_email", "recipient_esp", "recipient_type", "recipient_geo",
    "record_type", "is_spam", "has_category", "spf_pass", "dkim_pass", "dmarc_pass",
)  # fmt: skip
TABLE = """
    CREATE TABLE tests_by_hand (
        id text PRIMARY KEY, timestamp_created timestamptz, test_id text, sender_email text, recipient_email text,
        recipient_esp int, recipient_type int, recipient_geo int, record_type int,
        is_spam boolean, has_category boolean, spf_pass boolean, dkim_pass boolean, dmarc_pass boolean
    )
"""
LATER = ", ".join(COLUMNS[1:])
UPSERT = f"""
    INSERT INTO tests_by_hand SELECT * FROM stage ON CONFLICT (id) DO UPDATE
    SET ({LATER}) = ({", ".join(f"excluded.{name}" for name in COLUMNS[1:])})
"""
UPSERT_VALUES = UPSERT.replace("SELECT * FROM stage", f"VALUES ({', '.join('?' * len(COLUMNS))})")


class Row(msgspec.Struct, gc=False):
    id: str
    timestamp_created: datetime
    test_id: str
    sender_email: str
    recipient_email: str
    recipient_esp: int
    recipient_type: int | None = None
    recipient_geo: int | None = None
    record_type: int | None = None
    is_spam: bool | None = None
    has_category: bool | None = None
    spf_pass: bool | None = None
    dkim_pass: bool | None = None
    dmarc_pass: bool | None = None


class Test(msgspec.Struct):
    id: str


class Body[R](msgspec.Struct):
    items: list[R]
    next_starting_after: str | None = None


def clear(database: str) -> dict[str, Any]:
    with closing(open_database(database)) as connection:
        connection.execute("DROP TABLE IF EXISTS tests_by_hand")
        connection.execute(TABLE)
        connection.commit()
    return {}


def run(url: str, key: str, database: str, *, only_read: bool = False) -> dict[str, Any]:
    rows = 0
    with (
        closing(open_database(database)) as connection,
        httpx.Client(base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client,
    ):
        store = _store_sqlite if isinstance(connection, sqlite3.Connection) else _store_postgresql
        if store is _store_postgresql:
            connection.execute("CREATE TEMPORARY TABLE stage (LIKE tests_by_hand) ON COMMIT DELETE ROWS")
            connection.commit()
        for page in _rows_of_all(client):
            if not only_read:
                store(connection, page)
                connection.commit()
            rows += len(page)
    return {"rows": rows, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _store_postgresql(connection: Any, rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY stage FROM STDIN") as copy:
            for row in rows:
                copy.write_row(msgspec.structs.astuple(row))
        cursor.execute(UPSERT)


def _store_sqlite(connection: Any, rows: list[Row]) -> None:
    values = [(each[0], each[1].isoformat(), *each[2:]) for each in map(msgspec.structs.astuple, rows)]
    connection.executemany(UPSERT_VALUES, values)


def _rows_of_all(client: httpx.Client) -> Iterator[list[Row]]:
    tests = [test.id for page in _pages(client, msgspec.json.Decoder(Body[Test]), "inbox-placement-tests", {}) for test in page]
    decoder = msgspec.json.Decoder(Body[Row])
    for test in tests:
        yield from _pages(client, decoder, "inbox-placement-analytics", {"test_id": test})


def _pages(client: httpx.Client, decoder: msgspec.json.Decoder[Any], path: str, asked: dict[str, str]) -> Iterator[list[Any]]:
    cursor: str | None = None
    while True:
        more = {"starting_after": cursor} if cursor else {}
        answer = client.get(f"/{path}", params={"limit": "100", **asked, **more})
        body = decoder.decode(answer.raise_for_status().content)
        yield body.items
        cursor = body.next_starting_after
        if not cursor:
            return


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(clear(given["database"]) if given.pop("mode") == "clear" else run(**given)))
