"""Runs that die, stop, or lose their lease: nothing lost, nothing doubled, nothing fetched in vain."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.utils import timezone

from clients import leases, sync, tasks
from clients.models import Connection, Feed, RunState, SyncRun
from clients.passes import BroadcastPass
from clients.vendors.records import Page
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.killing import free, killed_often, start
from tests.clients.sync.syncing import assert_true, bring, feed
from tests.waiting import wait_until

KILLS = int(os.environ.get("SYNC_KILLS", "10"))


@pytest.mark.slow
def test_a_worker_killed_again_and_again_loses_nothing_doubles_nothing_and_fetches_no_page_in_vain(
    box: Sandbox, people: Cast
) -> None:
    account = box.add_account("long", senders=7, broadcasts=100 * (KILLS + 2))
    connection = connect(people.north, key=account.key, client=people.acme)
    tally = killed_often(box, connection, KILLS)
    assert_true(box, "long", connection)
    pages = 7 * (KILLS + 2)  # the list, and one for each of six mailbox providers
    assert pages <= tally.fetched <= pages + KILLS
    states = list(SyncRun.objects.filter(feed__connection=connection).order_by("pk").values_list("state", flat=True))
    assert states == [RunState.LOST] * KILLS + [RunState.OK]
    # Each row is counted in the one run that read it: all runs together have what one that is never killed has.
    counts = list(SyncRun.objects.filter(feed__connection=connection).values_list("pages", "rows", "new"))
    assert [sum(column) for column in zip(*counts, strict=True)] == [pages, 100 * pages, 100 * pages]


@pytest.mark.slow
def test_a_worker_told_to_stop_does_so_in_ten_seconds_with_no_half_page(box: Sandbox, people: Cast) -> None:
    account = box.add_account("long", senders=7, broadcasts=1000)
    connection = connect(people.north, key=account.key, client=people.acme)
    box.faults.add("stall", "/v3/broadcasts", after=3, seconds=60)
    process = start(box, connection, "-c", WORKER.format(pk=feed(connection).pk))
    wait_until(lambda: len(box.requests) >= 4, 30)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert time.monotonic() - began < 10
    run = SyncRun.objects.get()
    assert (run.state, run.rows, run.pages, feed(connection).claim) == (RunState.WAITING, 300, 3, None)
    assert feed(connection).checkpoint["pages"] == 3
    assert Feed.objects.due().filter(pk=feed(connection).pk).exists()
    box.faults.clear()
    assert bring(connection).state == RunState.OK
    assert_true(box, "long", connection)


@pytest.mark.slow
def test_a_worker_told_to_stop_again_and_again_parks_each_time_and_reads_no_page_in_vain(box: Sandbox, people: Cast) -> None:
    stops = 2 * KILLS
    account = box.add_account("long", senders=7, broadcasts=100 * (stops + 2))
    connection = connect(people.north, key=account.key, client=people.acme)
    worker = WORKER.format(pk=feed(connection).pk)
    tally = killed_often(box, connection, stops, "-c", worker, number=signal.SIGTERM)
    assert tally.slowest < 10
    assert_true(box, "long", connection)
    pages = 7 * (stops + 2)
    assert pages <= tally.fetched <= pages + stops
    states = list(SyncRun.objects.filter(feed__connection=connection).order_by("pk").values_list("state", flat=True))
    assert states == [RunState.WAITING] * stops + [RunState.OK]


#: What Celery's signal does, without a queue: the run is in a thread, and the process asks it to stop.
WORKER = """
import os, signal, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
import django
django.setup()
from clients import sync, tasks
signal.signal(signal.SIGTERM, lambda *_: tasks._park_at_the_next_checkpoint())
work = threading.Thread(target=sync.run, args=({pk},))
work.start()
while work.is_alive():
    work.join(0.1)
"""


def test_a_run_that_is_stopped_between_two_phases_reads_neither_again(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sync._Run._store

    def stopped(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        sync.stopping.set()

    monkeypatch.setattr(sync._Run, "_store", stopped)
    runs = 0
    while bring(connection).state == RunState.WAITING:
        sync.stopping.clear()
        runs += 1
    # One page for each of seven lists; every run does one.
    assert (runs, len(box.requests)) == (7, 7)
    assert_true(box, "petit", connection)


@pytest.mark.parametrize("workers", [2, 8])
def test_of_many_workers_one_works_and_the_others_leave_before_its_first_page_and_ask_for_the_claim_alone(
    box: Sandbox, connection: Connection, held: threading.Event, workers: int
) -> None:
    box.switches.short_pages = 5
    one = feed(connection)
    together, threads = threading.Barrier(workers), []
    results: list[tuple[SyncRun | None, list[str]]] = []

    def work() -> None:
        try:
            together.wait(30)
            with _queries() as asked:
                results.append((sync.run(one.pk), asked))
        finally:
            connections.close_all()

    try:
        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(results) == workers - 1, 60, what="all but one to leave while its first page is held")
        assert [run for run, _ in results] == [None] * (workers - 1)
        for _, asked in results:
            # A look, and where it was too early by a hair, the claim that fails.
            assert [sql.split()[0] for sql in asked] in (["SELECT"], ["SELECT", "UPDATE"])
            assert all("clients_feed" in sql for sql in asked)
        # The machine may be busy for a second, but not five times.
        assert sorted(_left_after(one.pk) for _ in range(5))[2] < 1
    finally:
        held.set()
        for thread in threads:
            thread.join(60)
    worked = [run for run, _ in results if run]
    assert [run.state for run in worked] == [RunState.OK]
    assert len({(asked.path, str(asked.query)) for asked in box.requests}) == len(box.requests) == worked[0].pages
    assert_true(box, "petit", connection)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """No page of broadcasts arrives before it is set."""
    real, let_go = BroadcastPass.read, threading.Event()

    def read(work: BroadcastPass, cursor: str | None) -> Page[Any]:
        page = real(work, cursor)
        assert let_go.wait(120)
        return page

    monkeypatch.setattr(BroadcastPass, "read", read)
    return let_go


@contextmanager
def _queries() -> Iterator[list[str]]:
    """Of this thread."""
    asked: list[str] = []
    with database.execute_wrapper(lambda execute, sql, *rest: (asked.append(sql), execute(sql, *rest))[1]):
        yield asked


def _left_after(feed_id: int) -> float:
    """The seconds that a worker stays who finds the feed taken."""
    began = time.monotonic()
    assert sync.run(feed_id) is None
    return time.monotonic() - began


def test_a_dead_holder_is_followed_when_its_lease_ends_and_not_before(box: Sandbox, connection: Connection) -> None:
    one = feed(connection)
    assert leases.take_feed(one.pk)
    dead = SyncRun.objects.create(feed=one)
    held = feed(connection)
    assert timezone.now() < held.claimed_until <= timezone.now() + timedelta(seconds=46)
    assert leases.take_feed(one.pk) is None
    assert not Feed.objects.due().filter(pk=one.pk).exists()
    Feed.objects.update(claimed_until=held.claimed_until - timedelta(seconds=46))
    assert Feed.objects.due().filter(pk=one.pk).exists()
    tasks.sync_feed(one.pk)
    dead.refresh_from_db()
    assert (dead.state, feed(connection).last_run.state) == (RunState.LOST, RunState.OK)
    assert_true(box, "petit", connection)


def test_a_holder_that_was_followed_writes_nothing_more(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.switches.short_pages = 5
    real = sync._Run._store
    other: list[Any] = []

    def followed(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        if not other:
            free(connection)
            other.extend((leases.take_feed(self.feed.pk), len(batch)))

    monkeypatch.setattr(sync._Run, "_store", followed)
    run = bring(connection)
    # The first batch stands, of however many pages had arrived by then.
    assert (run.state, run.pages, run.outcome) == (RunState.LOST, other[1], "Another worker took over.")
    assert (feed(connection).claim, feed(connection).checkpoint["pages"]) == (other[0], other[1])
    monkeypatch.undo()
    free(connection)
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


def test_a_lease_is_renewed_while_a_run_waits_for_the_vendor(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "HEARTBEAT", 0.1)
    monkeypatch.setattr("clients.walking.POLL", 0.05)
    box.faults.add("stall", "/v3/seeds", seconds=6)
    one = feed(connection, "seeds")
    thread = threading.Thread(target=lambda: (sync.run(one.pk), connections.close_all()))
    thread.start()
    wait_until(lambda: len(box.requests) == 1)
    before = feed(connection, "seeds").claimed_until
    wait_until(lambda: feed(connection, "seeds").claimed_until > before, 5, what="the lease to move on")
    thread.join(30)
    assert SyncRun.objects.get().state == RunState.OK


def test_a_lease_from_a_clock_that_was_set_back_does_not_hold_for_ever(connection: Connection) -> None:
    Feed.objects.update(claimed_until=timezone.now() + timedelta(hours=1), next_at=timezone.now() + timedelta(days=400))
    assert Feed.objects.due().count() == 3
    assert leases.take_feed(feed(connection).pk)


def test_a_feed_that_was_deleted_meanwhile_ends_its_run_quietly(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sync._Run._store

    def deleted(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        Connection.objects.all().delete()

    monkeypatch.setattr(sync._Run, "_store", deleted)
    assert bring(connection).state == RunState.LOST
    assert not SyncRun.objects.exists()
