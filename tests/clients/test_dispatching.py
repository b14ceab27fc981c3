from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from agency import dispatcher
from agency.celery import ASKED, SCHEDULED, app
from agency.queue import announce, waiting
from clients import sync, tasks
from clients.dispatching import BATCH, FEW, hand_out
from clients.models import Connection, Feed, Health, RunState, SyncRun
from sandbox.server import Sandbox
from tests.canary import Canary
from tests.cast import Cast, connect


@pytest.fixture(autouse=True)
def queues(db: None) -> Iterator[None]:
    """Empty ones; this process counts as the worker's own, so that it may send without a broker."""
    _purge()
    yield
    _purge()


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """Three feeds, due at once."""
    return connect(cast.north, key="k" * 20)


def test_due_feeds_are_handed_out_and_others_are_not(cast: Cast, connection: Connection) -> None:
    later, claimed, _due = connection.feeds.order_by("pk")
    soon = timezone.now() + timedelta(minutes=1)
    Feed.objects.filter(pk=later.pk).update(next_at=soon)
    Feed.objects.filter(pk=claimed.pk).update(claimed_until=soon)
    Connection.objects.filter(pk=connect(cast.north, key="p" * 20).pk).update(health=Health.PAUSED)
    assert hand_out() == 1
    assert waiting(SCHEDULED) == 1


def test_the_queue_carries_ids_and_no_secret(cast: Cast, canary: Canary) -> None:
    connect(cast.north, key=canary.api_key)
    assert hand_out() == 3
    assert canary.sightings() == []
    app.send_task("clients.sync_feed", args=[canary.api_key], queue=SCHEDULED)
    assert canary.sightings() == ["api key in the queue"], "it would have been seen"


def test_a_wiped_queue_is_full_again_at_the_next_tick(connection: Connection) -> None:
    hand_out()
    _purge()
    assert waiting(SCHEDULED) == 0
    hand_out()
    assert waiting(SCHEDULED) == 3


def test_after_the_queue_was_wiped_one_tick_has_every_due_sync_run(cast: Cast, vendor: Sandbox) -> None:
    for account in ("petit", "halden", "brunnen"):
        connect(cast.north, key=vendor.key(account))
    tasks.dispatch()
    _purge()
    assert (_work_off(), SyncRun.objects.count()) == (0, 0), "nothing is left of the first tick"
    tasks.dispatch()
    assert _work_off() >= 9
    assert list(SyncRun.objects.values_list("state", flat=True)) == [RunState.OK] * 9
    assert not Feed.objects.due().exists()


def test_a_queue_with_enough_in_it_is_left_alone(cast: Cast) -> None:
    for number in range(FEW // 3 + 1):
        connect(cast.north, key=f"key-number-{number:010}")
    hand_out()
    before = waiting(SCHEDULED)
    assert FEW <= before <= BATCH
    assert hand_out() == 0
    assert waiting(SCHEDULED) == before


def test_what_a_person_asked_for_does_not_wait_behind_the_schedule(cast: Cast, connection: Connection) -> None:
    for number in range(FEW // 3 + 1):
        connect(cast.north, key=f"key-number-{number:010}")
    hand_out()
    connection.feeds.update(requested_at=timezone.now())
    assert hand_out() == 3
    assert waiting(ASKED) == 3


def test_of_two_dispatchers_each_due_feed_runs_once(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def run(feed_id: int, trigger: str) -> None:
        ran.append(feed_id)
        Feed.objects.filter(pk=feed_id).update(next_at=timezone.now() + timedelta(minutes=15))

    monkeypatch.setattr(sync, "run", run)
    hand_out()
    hand_out()
    messages = _purge()
    assert len(messages) == 6
    for feed_id in messages:
        tasks.sync_feed(feed_id)
    assert sorted(ran) == sorted(connection.feeds.values_list("pk", flat=True))


def test_a_run_knows_whether_a_person_asked_for_it(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    triggers: list[str] = []
    monkeypatch.setattr(sync, "run", lambda _, trigger: triggers.append(trigger))
    first, second, _ = connection.feeds.order_by("pk")
    Feed.objects.filter(pk=first.pk).update(requested_at=timezone.now())
    tasks.sync_feed(first.pk)
    tasks.sync_feed(second.pk)
    assert triggers == ["person", "schedule"]


def test_a_worker_that_stops_takes_nothing_up(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "run", lambda *_: pytest.fail("a run was started"))
    monkeypatch.setattr(sync.stopping, "is_set", lambda: True)
    tasks.sync_feed(connection.feeds.first().pk)


def test_an_announcement_waits_for_the_commit(settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    settings.EMBEDDED_QUEUE = False
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        announce("clients.sync_feed", 1)
        assert waiting(ASKED) == 0
    assert waiting(ASKED) == 1


def test_a_broker_that_is_away_does_not_fail_who_announces(
    settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMBEDDED_QUEUE = False
    monkeypatch.setattr(app, "send_task", _broken)
    with django_capture_on_commit_callbacks(execute=True):
        announce("clients.sync_feed", 1)
    assert "the broker is away" in caplog.text


def test_without_a_broker_nothing_is_announced_and_no_task_can_be_sent(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMBEDDED_QUEUE = True
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        announce("clients.sync_feed", 1)
    assert callbacks == []
    assert not dispatcher.is_here()
    with pytest.raises(RuntimeError, match="announce"):
        tasks.sync_feed.delay(1)


def _broken(*_: Any, **__: Any) -> None:
    raise ConnectionError("the broker is away")


def _work_off() -> int:
    """What a worker does with the messages that wait; how many they were."""
    done = 0
    with app.connection_for_read() as connection, connection.channel() as channel:
        queue = app.amqp.queues[SCHEDULED].bind(channel)
        while message := queue.get(no_ack=True):
            app.tasks[message.headers["task"]](*message.payload[0])
            done += 1
    return done


def _purge() -> list[int]:
    """Takes all messages out; the feeds they name."""
    found: list[int] = []
    with app.connection_for_read() as broker:
        for name in (ASKED, SCHEDULED):
            with broker.SimpleQueue(app.amqp.queues[name]) as queue:
                while waiting(name):
                    message = queue.get(timeout=30)
                    found += message.payload[0]
                    message.ack()
    return found
