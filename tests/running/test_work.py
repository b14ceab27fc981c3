"""The worker and its dispatcher as processes: what is due is done, whatever becomes of queue and connections."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator

import psycopg
import pytest
import redis
from django.conf import settings
from psycopg import conninfo

from agency import start, supervisor
from sandbox.server import Sandbox
from tests.running.home import Home, place
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to see what is left"),
]
BROKER = os.environ.get("CELERY_BROKER_URL", "")
CELERY = [sys.executable, "-m", "celery", "-A", "agency", "-q"]
WORKING = "FROM clients_feed f JOIN clients_connection c ON c.id = f.connection_id WHERE c.health = 'ok'"
AN_ACCOUNT = """
from agency.models import Agency
from tests.cast import connect
connect(Agency.objects.create(name="North", slug="north"), key="{key}")
"""
BROADCASTS = "SELECT {} FROM clients_feed f JOIN clients_syncrun r ON r.id = f.last_run_id WHERE f.resource = 'broadcasts'"


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """All of the demo is read."""
    with place(tmp_path_factory.mktemp("work"), "work") as home:
        started = home.run(DISPATCH_SECONDS="1", INBOXALLY_RATE="0", INSTANTLY_RATE="0", IMAIL_RATE="0", INBOX_RATE="0")
        started.until_it_says("Ctrl-C stops everything")
        _until_all_done(home)
        yield home


def test_what_becomes_due_is_run_even_after_the_queue_was_wiped(at_work: Home) -> None:
    """By real processes. That one tick is enough for all, `tests/clients/test_dispatching.py` counts."""
    if BROKER.startswith("redis"):
        with redis.Redis.from_url(BROKER) as server:
            # All that this installation has there; other tests use the same server.
            assert server.delete(*server.scan_iter(f"{settings.QUEUE_PREFIX}*")) > 0
    _until_all_done(at_work, since=_all_due_again(at_work))


@pytest.mark.skipif(not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="SQLite has no server to lose")
def test_work_goes_on_after_the_database_dropped_every_connection(at_work: Home) -> None:
    with psycopg.connect(at_work.database_url, dbname="postgres", autocommit=True) as server:
        name = conninfo.conninfo_to_dict(at_work.database_url)["dbname"]
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    _until_all_done(at_work, since=_all_due_again(at_work))


def test_a_worker_stops_within_ten_seconds_of_sigterm(home: Home) -> None:
    assert home.start(sys.executable, "manage.py", "prepare").ends(120) == 0
    worker = home.start(*CELERY, "worker", "--without-gossip", "--without-mingle", READY_FILE=str(home.folder / "ready"))
    wait_until((home.folder / "ready").exists, 120, what=worker.said)
    worker.tell(signal.SIGTERM)
    # By itself: its last resort, after so many seconds, would end it with status 1.
    assert worker.ends() == 0
    assert start.STOP_SECONDS < 10
    assert home.processes() == []


def test_a_worker_that_is_told_to_stop_in_the_middle_of_a_sync_is_gone_in_ten_seconds_and_leaves_no_half_page(home: Home) -> None:
    with Sandbox() as box:
        asked = {"INBOXALLY_URL": box.url, "INBOXALLY_RATE": "0", "DISPATCH_SECONDS": "1"}
        key = box.add_account("long", senders=7, broadcasts=1000).key
        box.faults.add("stall", "/v3/broadcasts", after=3, seconds=60)
        assert home.start(sys.executable, "manage.py", "prepare").ends(120) == 0
        made = home.start(sys.executable, "manage.py", "shell", "--no-imports", "-c", AN_ACCOUNT.format(key=key))
        assert made.ends(120) == 0, made.said
        worker = home.start(*CELERY, "worker", "--without-gossip", "--without-mingle", **asked)
        beat = home.start(*CELERY, "beat", **asked) if BROKER else None  # without a broker the worker ticks by itself
        wait_until(lambda: home.rows(BROADCASTS.format("r.pages")) == [(3,)], 120, what="three pages to be kept")
        if beat:
            beat.tell(signal.SIGTERM)
            beat.ends()
        worker.tell(signal.SIGTERM)
        assert worker.ends(10) == 0
    [(state, pages, rows, kept, checkpoint, claim)] = home.rows(
        BROADCASTS.format("r.state, r.pages, r.rows, (SELECT count(*) FROM clients_broadcast), f.checkpoint, f.claim")
    )
    assert (state, pages, rows, kept, claim) == ("waiting", 3, 300, 300, None)
    assert (json.loads(checkpoint) if isinstance(checkpoint, str) else checkpoint)["pages"] == 3
    assert home.processes() == []


def test_a_worker_with_a_damaged_key_ring_does_not_start_and_says_why(home: Home) -> None:
    worker = home.start(*CELERY, "worker", CREDENTIAL_KEYS="not-a-key")
    assert worker.ends() != 0
    assert "CREDENTIAL_KEYS" in worker.said
    assert "not-a-key" not in worker.said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_web_server_with_a_damaged_key_ring_gives_up_and_its_first_line_says_why(home: Home, workers: str) -> None:
    command = [sys.executable, "-m", *supervisor.web_command(0)]
    command[command.index("fd://0")] = "127.0.0.1:0"
    web = home.start(*command, CREDENTIAL_KEYS="not-a-key", WEB_CONCURRENCY=workers)
    status = web.ends()
    why = "Not started: CREDENTIAL_KEYS: each key must be 32 bytes in url-safe base64 (44 characters)."
    assert web.said.splitlines()[0] == why, web.said
    assert "not-a-key" not in web.said
    assert home.processes() == []
    # Of two that end in the same moment gunicorn may trip over the second, in words of its own, and ends with 1.
    assert status == start.BOOT_ERROR or (workers == "2" and status == 1), web.said
    assert workers == "2" or "Traceback" not in web.said


def _until_all_done(home: Home, since: str = "") -> None:
    """Each feed whose key is not refused has had a complete pass (since then)."""
    undone = f"SELECT count(*) {WORKING} AND (f.last_ok_at IS NULL OR f.last_ok_at <= '{since or '2000-01-01'}')"
    wait_until(lambda: home.number(undone) == 0, 240, what="every feed to be done")


def _all_due_again(home: Home) -> str:
    """When, as the database writes times."""
    home.change("UPDATE clients_feed SET next_at = '2001-01-01 00:00:00'")
    return str(home.rows(f"SELECT max(f.last_ok_at) {WORKING}")[0][0])
