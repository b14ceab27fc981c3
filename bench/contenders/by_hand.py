"""The limit: fetch, typed decode, COPY to a stage, upsert, commit per page; nothing else.

Options: mode (clear or run), url, key, page, and database: a PostgreSQL URL, or the path of an SQLite file.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import httpx
import msgspec
import psycopg

TABLE = """
    CREATE TABLE by_hand (
        id text PRIMARY KEY, subject text, from_email text, sender_id text, day date,
        primary_inbox int, promotions int, spam int, total_emails int
    )
"""
UPSERT = """
    INSERT INTO by_hand SELECT * FROM stage ON CONFLICT (id) DO UPDATE SET (
        subject, from_email, sender_id, day, primary_inbox, promotions, spam, total_emails
    ) = (
        excluded.subject, excluded.from_email, excluded.sender_id, excluded.day,
        excluded.primary_inbox, excluded.promotions, excluded.spam, excluded.total_emails
    )
"""


class Row(msgspec.Struct, gc=False):
    id: str
    subject: str
    from_email: str
    sender_id: str | None
    date: date
    primary_inbox: int
    promotions: int
    spam: int
    total_emails: int


class Body(msgspec.Struct):
    broadcasts: list[Row]
    next_page_token: str | None = None


UPSERT_VALUES = UPSERT.replace("SELECT * FROM stage", "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")


def clear(database: str) -> dict[str, Any]:
    with closing(open_database(database)) as connection:
        connection.execute("DROP TABLE IF EXISTS by_hand")
        connection.execute(TABLE)
        connection.commit()
    return {}


def run(url: str, key: str, page: int, database: str) -> dict[str, Any]:
    rows = 0
    with closing(open_database(database)) as connection:
        store = _store_sqlite if isinstance(connection, sqlite3.Connection) else _store_postgresql
        if store is _store_postgresql:
            connection.execute("CREATE TEMPORARY TABLE stage (LIKE by_hand) ON COMMIT DELETE ROWS")
            connection.commit()
        for body in _bodies(url, key, page):
            store(connection, body)
            connection.commit()
            rows += len(body)
    return {"rows": rows, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def open_database(database: str) -> Any:
    if database.startswith("postgres"):
        return psycopg.connect(database)
    connection = sqlite3.connect(database)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;")
    return connection


def _store_postgresql(connection: Any, rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY stage FROM STDIN") as copy:
            for row in rows:
                copy.write_row(msgspec.structs.astuple(row))
        cursor.execute(UPSERT)


def _store_sqlite(connection: Any, rows: list[Row]) -> None:
    connection.executemany(
        UPSERT_VALUES, [(*each[:4], each[4].isoformat(), *each[5:]) for each in map(msgspec.structs.astuple, rows)]
    )


def _bodies(url: str, key: str, page: int) -> Iterator[list[Row]]:
    decoder, cursor = msgspec.json.Decoder(Body), None
    with httpx.Client(base_url=url, headers={"X-API-KEY": key}, trust_env=False) as client:
        while True:
            asked = {"limit": str(page), **({"page_token": cursor} if cursor else {})}
            body = decoder.decode(client.get("/v3/broadcasts", params=asked).raise_for_status().content)
            yield body.broadcasts
            cursor = body.next_page_token
            if not cursor:
                return


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(clear(given["database"]) if given.pop("mode") == "clear" else run(**given)))
