"""The whole product as processes, for a browser to walk in."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.running.home import MANAGE, Home, Started, place
from tests.waiting import wait_until

PASSWORD = "correct horse battery"

#: Feeds that have not had a complete pass yet and still may.
UNREAD = """SELECT count(*) FROM clients_feed f JOIN clients_connection c ON c.id = f.connection_id
            WHERE c.health = 'ok' AND f.last_ok_at IS NULL"""


@dataclass
class House:
    home: Home
    address: str
    started: Started
    environment: dict[str, str] = field(default_factory=dict)

    def manage(self, *command: str, **environment: str) -> str:
        """What it prints; a command that fails fails the test."""
        given = {**os.environ, "DATA_DIR": str(self.home.folder), **self.environment, **environment}
        if self.home.database_url:
            given["DATABASE_URL"] = self.home.database_url
        done = subprocess.run([*MANAGE, *command], cwd=settings.BASE_DIR, env=given, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def until_all_is_read(self, seconds: float = 300) -> None:
        wait_until(lambda: self.home.number(UNREAD) == 0, seconds, what="a complete pass of every feed")

    def demo_password(self) -> str:
        return (self.home.folder / "demo-password").read_text().strip()

    def ask_sandbox(self, path: str, **body: Any) -> Any:
        """Its control door: `sandbox/control.py` says what it knows."""
        url = f"{self.environment['SANDBOX_URL']}/_sandbox/{path}"
        request = urllib.request.Request(url, json.dumps(body).encode() if body else None)  # noqa: S310  (loopback)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def house(folder: Path, name: str, *options: str, **environment: str) -> Iterator[House]:
    """`manage.py run`, ready. Its queue is its own: another house may stand beside it on the same Redis."""
    environment = {
        "INBOXALLY_RATE": "0",
        "INSTANTLY_RATE": "0",
        "IMAIL_RATE": "0",
        "INBOX_RATE": "0",
        "DEMO_PASSWORD": "",
        "DEMO_EVENT_DAYS": "2",  # a month of webhooks would keep both cores busy for minutes
        "QUEUE_PREFIX": f"{os.environ['QUEUE_PREFIX']}{name}-",
    } | environment
    with place(folder, name) as home:
        started = home.run(*options, **environment)
        address = started.until_it_says(r"Inboxdeck is ready: (http://\S+)").group(1)
        started.until_it_says("Ctrl-C stops everything")
        yield House(home, address, started, environment)
