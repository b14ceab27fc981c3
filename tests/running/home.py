"""A folder in which the product runs for a test, as processes of its own."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psycopg
from django.conf import settings
from psycopg import conninfo, sql

from tests.waiting import wait_until

MANAGE = [sys.executable, "manage.py"]


@contextmanager
def place(folder: Path, name: str) -> Iterator[Home]:
    """A place of its own for processes: folder, database, and nothing left of them afterwards. `name`: unlike any other's."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        with Home(folder, "") as home:
            yield home
        return
    database = f"{conninfo.conninfo_to_dict(url)['dbname']}_{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(url, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        with Home(folder, url.rpartition("/")[0] + f"/{database}") as home:
            yield home
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


class Started:
    """A process and what it has said so far."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def until_it_says(self, pattern: str, seconds: float = 180) -> re.Match[str]:
        def said() -> re.Match[str] | None:
            assert self.process.poll() is None or re.search(pattern, self.said), self.said
            return re.search(pattern, self.said)

        return wait_until(said, seconds, what=f"{pattern!r} in {self.said}")

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self, seconds: float = 60) -> int:
        """Its exit status. Who is told to stop has a deadline of its own and ends with another status when that has passed."""
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        return status

    def drop(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(60)
        self._reader.join(60)

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            self.lines.extend(lines)


class Home:
    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        self.started: list[Started] = []

    def run(self, *options: str, **environment: str) -> Started:
        """`manage.py run` on any free port."""
        return self.start(*MANAGE, "run", "--port", "0", *options, **environment)

    def start(self, *command: str, **environment: str) -> Started:
        given = {**os.environ, "DATA_DIR": str(self.folder), "WEB_CONCURRENCY": "1", **environment}
        if self.database_url:
            given["DATABASE_URL"] = self.database_url
        self.started.append(Started(list(command), given))
        return self.started[-1]

    def rows(self, query: str) -> list[Any]:
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.folder / "inboxdeck.sqlite3", timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def change(self, query: str) -> None:
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                connection.execute(query.encode())
            return
        with closing(sqlite3.connect(self.folder / "inboxdeck.sqlite3", timeout=20)) as file, file:
            file.execute(query)

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def processes(self, *words: str) -> list[int]:
        """Those that run here, and have all the words in their command."""
        mine = f"DATA_DIR={self.folder}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (entry / "cmdline").read_text()
                if mine in (entry / "environ").read_bytes().split(b"\0") and all(word in command for word in words):
                    found.append(int(entry.name))
        return sorted(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for started in self.started:
            started.drop()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
