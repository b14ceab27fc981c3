"""Scratch databases and folders: made for one chapter, gone after it, never the user's own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

HERE = Path(__file__).resolve().parent.parent
POSTGRESQL, SQLITE = "PostgreSQL", "SQLite"


@dataclass(frozen=True)
class Place:
    """One database of the product, with the environment in which its processes run."""

    lane: str
    database_url: str  # empty on SQLite
    folder: Path
    environment: Mapping[str, str]

    @property
    def file(self) -> Path:
        return self.folder / "inboxdeck.sqlite3"


@contextmanager
def scratch(lane: str, server: str, **settings: str) -> Iterator[Place]:
    """A migrated, empty database. `server` is a PostgreSQL URL: another database beside the one it names is made."""
    made = database(server, f"inboxdeck_bench_{os.getpid()}") if lane == POSTGRESQL else nullcontext("")
    with tempfile.TemporaryDirectory(prefix="inboxdeck-bench-") as folder, made as url:
        place = Place(lane, url, Path(folder), _environment(url, folder, settings))
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=HERE, env=place.environment, check=True)
        yield place


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """The URL of an empty one on PostgreSQL, which is gone afterwards."""
    dropped = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    _on_server(server, dropped, f"CREATE DATABASE {name}")
    try:
        yield beside(server, name)
    finally:
        _on_server(server, dropped)


def _environment(url: str, folder: str, settings: dict[str, str]) -> dict[str, str]:
    ours = {
        "DATA_DIR": folder,
        "DATABASE_URL": url,
        "CELERY_BROKER_URL": "",
        "DJANGO_SETTINGS_MODULE": "agency.settings",
        "PRODUCTION": "0",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "of a bench, with nothing to hide behind it; long enough for Django's checks",
        "CREDENTIAL_KEYS": "YmVuY2gtb25seS1rZXktb2YtMzItYnl0ZXMtMDEyMzQ=",
        **settings,
    }
    # As on a machine where nobody forbids it, an interpreter finds its modules compiled: everybody's, from the second start on.
    return {name: value for name, value in {**os.environ, **ours}.items() if name != "PYTHONDONTWRITEBYTECODE"}


def beside(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _on_server(server: str, *statements: str) -> None:
    with psycopg.connect(beside(server, "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
