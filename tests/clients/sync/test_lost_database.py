"""Runs that lose their database: they fail visibly, and the next one loses and doubles nothing."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from clients import leases, sync
from clients.models import Connection, RunState, SyncRun
from clients.passes import BroadcastPass
from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.clients.sync.killing import free
from tests.clients.sync.syncing import assert_true, bring, feed

on_postgresql = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="SQLite has no server to lose"
)


@on_postgresql
@pytest.mark.parametrize("where", ["fetching", "storing", "waiting"])
def test_a_run_whose_database_went_away_fails_visibly_and_is_tried_again(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    box.switches.short_pages = 5
    drop = _Dropper(where, monkeypatch)
    began = time.monotonic()
    run = bring(connection)
    assert drop.dropped
    assert time.monotonic() - began < 20
    assert (run.state, feed(connection).claim) == (RunState.FAILED, None)
    assert "database" in run.outcome
    assert timezone.now() < feed(connection).next_at < timezone.now() + timedelta(minutes=2)
    stored = SyncRun.objects.get()
    assert (stored.state, stored.pages) == (RunState.FAILED, (feed(connection).checkpoint or {"pages": 0})["pages"])
    monkeypatch.undo()
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


@on_postgresql
def test_a_database_that_stays_away_leaves_the_feed_to_the_lease(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.switches.short_pages = 5

    def gone(*_: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr("clients.outcomes._park", gone)
    monkeypatch.setattr(sync._Run, "_store", gone)
    with pytest.raises(OperationalError):
        sync.run(feed(connection).pk)
    assert feed(connection).claim is not None
    monkeypatch.undo()
    free(connection)
    assert bring(connection).state == RunState.OK
    assert SyncRun.objects.order_by("pk")[0].state == RunState.LOST
    assert_true(box, "petit", connection)


class _Dropper:
    """Ends the run's own connections from outside, once, as a server that restarts does."""

    def __init__(self, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dropped = False
        self._calls = 0
        if where == "storing":
            real = sync._Run._save
            monkeypatch.setattr(sync._Run, "_save", lambda run, work: (self.drop(), real(run, work)))
        elif where == "waiting":
            monkeypatch.setattr(leases, "HEARTBEAT", 0.0)
            monkeypatch.setattr("clients.walking.POLL", 0.05)
            monkeypatch.setattr(waiting, "pause", time.sleep)
            real_beat = sync._Run._beat
            monkeypatch.setattr(sync._Run, "_beat", lambda run: (self.drop(), real_beat(run)))
            real_read = BroadcastPass.read
            monkeypatch.setattr(BroadcastPass, "read", lambda work, cursor: (time.sleep(0.15), real_read(work, cursor))[1])
        else:
            real_phase = sync._Run._store
            monkeypatch.setattr(sync._Run, "_store", lambda run, work, batch: (self.drop(), real_phase(run, work, batch)))

    def drop(self) -> None:
        self._calls += 1
        if self._calls == 3:
            mine = database.connection.info.backend_pid
            with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres") as server:
                server.execute("SELECT pg_terminate_backend(%s)", [mine])
            self.dropped = True
