"""As many rows and mailboxes as there may be."""

from __future__ import annotations

import json
import sys

import pytest

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.killing import start
from tests.clients.tests.testing import connect

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
#: Rows of a test for each sender: a sent and a received one for each of its seeds.
ROWS = 80


@pytest.mark.parametrize(
    ("resource", "few", "many"),
    [
        ("tests", {"tests": 4, "senders": 10}, {"tests": 12, "senders": 20}),
        ("senders", {"tests": 0, "mailboxes": 2_000}, {"tests": 0, "mailboxes": 10_000}),
    ],
)
def test_memory_does_not_grow_with_the_rows(
    box: Sandbox, people: Cast, resource: str, few: dict[str, int], many: dict[str, int]
) -> None:
    grown = []
    for name, size in (("few", few), ("many", many)):
        box.instantly.add(name, **size)
        told = measured(box, connect(people.north, box, name, people.acme), resource)
        assert told["rows"] >= 0.9 * size.get("mailboxes", size["tests"] * size.get("senders", 0) * ROWS)
        grown.append(told["peak"] - told["idle"])
    assert grown[1] < 60
    assert grown[1] - grown[0] < 6, grown


def measured(box: Sandbox, connection: Connection, resource: str) -> dict[str, float]:
    """A first sync in a process of its own: rows, and megabytes idle and at most."""
    feed = connection.feeds.get(resource=resource)
    process = start(box, connection, "-c", MEASURED.format(pk=feed.pk))
    output = process.communicate(timeout=600)[0]
    assert process.returncode == 0, output
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


MEASURED = """
import os
os.environ.update(DJANGO_SETTINGS_MODULE="agency.settings", INSTANTLY_RATE="0")
import django
django.setup()
import json
from django.conf import settings
# SQLite's cache fills up to a size of its own, which is not what is asked here.
if settings.EMBEDDED_DATABASE:
    settings.DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA cache_size=-1000;"
from clients import sync
peak = lambda: int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) / 1024
idle = peak()
run = sync.run({pk})
assert run.state == "ok", run.outcome
print(json.dumps({{"rows": run.rows, "idle": idle, "peak": peak()}}))
"""
