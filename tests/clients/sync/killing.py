"""`manage.py sync` as a process of its own on the test's database, killed and begun again until it comes to its end.

The bench calls `killed_often` with more kills than the suite has patience for.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection as database

from clients.models import Connection, Feed
from clients.vendors import VENDORS
from sandbox.server import Sandbox
from tests.waiting import wait_until

#: Calls a second: slow enough that the vendor is what a run waits for, as in earnest.
RATE = 12


@dataclass
class Tally:
    kills: int
    fetched: int
    starts: int
    slowest: float


def killed_often(
    box: Sandbox, connection: Connection, kills: int, *command: str, number: signal.Signals = signal.SIGKILL, seed: int = 1
) -> Tally:
    """Runs the feed of broadcasts, or of tests, to its end, killed so often on the way. `fetched` counts the pages the vendor
    served, `slowest` the seconds that the slowest took to end."""
    rng, starts, slowest = random.Random(seed), 0, 0.0
    box.requests.clear()
    for left in range(kills, -1, -1):
        process = start(box, connection, *command)
        starts += 1
        if left == 0:
            output = process.communicate(timeout=600)[0]
            assert process.returncode == 0, output
            break
        served = len(box.requests)
        pages = rng.randint(1, 6)
        wait_until(lambda: len(box.requests) >= served + pages or process.poll() is not None, 180, what="pages to be fetched")  # noqa: B023
        assert process.poll() is None, f"it came to its end before the kills did: {process.communicate()[0]}"
        time.sleep(rng.uniform(0, 2 / RATE))
        told = time.monotonic()
        process.send_signal(number)
        process.communicate(timeout=60)
        slowest = max(slowest, time.monotonic() - told)
        free(connection)
    return Tally(kills, len(box.requests), starts, slowest)


def start(box: Sandbox, connection: Connection, *command: str) -> subprocess.Popen[str]:
    feed = next(name for name in ("broadcasts", "tests") if name in connection.vendor_class.feeds)
    arguments = command or ("manage.py", "sync", "--connection", str(connection.uuid), "--feed", feed)
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment(box),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def environment(box: Sandbox) -> dict[str, str]:
    return {
        **on_this_database(),
        "SANDBOX_URL": box.url,
        **{f"{slug.upper()}_URL": box.url for slug in VENDORS},
        **{f"{slug.upper()}_RATE": str(RATE) for slug in VENDORS},
    }


def on_this_database() -> dict[str, str]:
    """The test's own, and its keys."""
    name = str(database.settings_dict["NAME"])
    given = os.environ.get("DATABASE_URL", "")
    url = f"{given.rpartition('/')[0]}/{name}" if given.startswith("postgres") else f"sqlite:///{Path(name).resolve()}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "CREDENTIAL_KEYS": ",".join(settings.CREDENTIAL_KEYS),
        "DATA_DIR": str(settings.DATA_DIR),
        "PRODUCTION": "0",
    }


def free(connection: Connection) -> None:
    """As if the dead worker's lease had ended."""
    Feed.objects.filter(connection=connection).update(claimed_until=None)
