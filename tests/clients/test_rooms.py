"""A vendor that hangs holds half of a worker's threads and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from clients import dispatching, rooms, sync, tasks
from clients.models import Connection, Feed
from tests.cast import Cast, connect
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4


class Hanging:
    """A vendor whose syncs end when they are let go; those of the others end at once."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool, self.slow, self.let_go = pool, set[int](), threading.Event()
        self.begun: list[int] = []

    def run(self, feed_id: int, trigger: str) -> None:
        self.begun.append(feed_id)
        if feed_id in self.slow:
            assert self.let_go.wait(60)
        Feed.objects.filter(pk=feed_id).update(next_at=timezone.now() + timedelta(hours=1))

    def hand(self, feed: Feed) -> Future[None]:
        return self.pool.submit(_work, feed.pk)


def _work(pk: int) -> None:
    try:
        tasks.sync_feed(pk)
    finally:
        connections.close_all()


@pytest.fixture
def hanging(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    settings.WORKER_THREADS = THREADS
    with ThreadPoolExecutor(THREADS) as pool:
        found = Hanging(pool)
        monkeypatch.setattr(sync, "run", found.run)
        try:
            yield found
        finally:
            found.let_go.set()


def feeds_of(connection: Connection) -> list[Feed]:
    return list(connection.feeds.order_by("pk"))


def test_another_vendor_and_whoever_else_asks_find_a_thread(cast: Cast, hanging: Hanging, settings: Any) -> None:
    settings.WORKER_THREADS = 6
    slow = feeds_of(connect(cast.north, key="a" * 12)) + feeds_of(connect(cast.north, key="b" * 12))
    hanging.slow = {feed.pk for feed in slow}
    handed = [hanging.hand(feed) for feed in slow]
    wait_until(lambda: sum(one.done() for one in handed) == len(slow) - 3, 30, what="those without room to be turned away")
    assert len(hanging.begun) == 3
    other, *_ = feeds_of(connect(cast.north, key="c" * 12, vendor="instantly"))
    hanging.hand(other).result(30)
    assert other.pk in hanging.begun


def test_who_was_turned_away_is_taken_along(cast: Cast, hanging: Hanging) -> None:
    slow = feeds_of(connect(cast.north, key="a" * 12))
    hanging.slow = {feed.pk for feed in slow}
    handed = [hanging.hand(feed) for feed in slow]
    wait_until(lambda: sum(one.done() for one in handed) == 1, 30, what="the third to be turned away")
    hanging.let_go.set()
    for one in handed:
        one.result(30)
    # Of two who leave at once both may look for the same one: its lease is one worker's.
    assert set(hanging.begun) == hanging.slow
    assert not rooms._syncs.total()


def test_hundreds_that_a_vendor_holds_up_do_not_stand_before_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(dispatching, "_send", lambda task, ids, queue: sent.extend(ids) or 0)
    monkeypatch.setattr(dispatching, "waiting", lambda queue: 0)
    for number in range(4):
        connect(cast.north, key=f"key-number-{number:010}")
    others = feeds_of(connect(cast.north, key="c" * 12, vendor="instantly"))
    Feed.objects.exclude(pk__in=[feed.pk for feed in others]).update(next_at=timezone.now() - timedelta(days=1))
    dispatching.hand_out()
    due = set(Feed.objects.due().filter(pk__in=[feed.pk for feed in others]).values_list("pk", flat=True))
    assert due
    assert due <= set(sent[: 2 * len(due)])
