"""A vendor that hangs while it is asked to do something: the others' acts and syncs find a thread all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connections

from clients import rooms, sync, tasks
from clients.changes import planning, selecting
from clients.models import ChangeState, Feed, Mail, MessageState, Sender
from clients.vendors import VENDORS, waiting
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sending import mailing
from tests.clients.talking import told
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

type Hand = Callable[[Callable[[], object]], Future[None]]


@pytest.fixture
def hangs() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def answers() -> Iterator[Sandbox]:
    with Sandbox(seed=8) as box:
        box.inbox.add_account(name=told.TEAM, a_day=0.5)
        yield box


@pytest.fixture
def hand(settings: Any) -> Iterator[Hand]:
    """To a worker of eight threads."""
    settings.WORKER_THREADS = 8

    def work(task: Callable[[], object]) -> None:
        try:
            task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(settings.WORKER_THREADS) as pool:
        yield lambda task: pool.submit(work, task)
    assert not rooms._acts.total()
    assert not rooms._acting


def test_acts_and_syncs_of_another_vendor_go_on(
    cast: Cast, hangs: Sandbox, answers: Sandbox, hand: Hand, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INBOXBASE_URL, settings.INBOXBASE_RATE = hangs.url, 0
    settings.INBOX_URL, settings.INBOX_RATE = answers.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    monkeypatch.setattr(VENDORS[told.VENDOR], "sends_a_minute", 0)
    mailing.account_of(cast, hangs)
    team = connect(cast.north, key=answers.key(told.TEAM, told.VENDOR), client=cast.acme, vendor=told.VENDOR, label="Talks")
    assert sync.run(Feed.objects.get(connection=team, resource="senders").pk)
    feed = Feed.objects.get(connection=team, resource="labels")
    word = told.begun(team, "20000000000000001")

    mails = mailing.asked(cast.acme, *(f"p{number}@there.example" for number in range(12)))
    stalled = hangs.faults.add("stall", method="POST", times=None, seconds=60)
    handed = [hand(lambda pk=mail.pk: tasks.send_mail(pk)) for mail in mails]
    wait_until(lambda: stalled.struck == 4, 30, what="half of the threads to hang")
    try:
        hand(lambda: tasks.send_message(word.pk)).result(30)
        hand(lambda: tasks.sync_feed(feed.pk)).result(30)
        word.refresh_from_db()
        feed.refresh_from_db()
        assert word.state == MessageState.SENT, word.why
        assert feed.last_ok_at
        assert stalled.struck == 4
    finally:
        hangs.stop()
    for one in handed:
        one.result(60)
    # Who was turned away was not left to the next tick.
    assert not Mail.objects.filter(attempts=0).exists()


def test_a_change_is_of_those_vendors_that_it_calls(cast: Cast) -> None:
    ours, theirs = connect(cast.north, key="a" * 12), connect(cast.north, key="c" * 12, vendor="instantly")
    made = [
        Sender.objects.create(connection=one, external_id="1", email="a@acme.example", domain="acme.example")
        for one in (ours, theirs)
    ]
    change = planning.ask(cast.north, selecting.by_senders([str(made[0].uuid)]), {"preset": "repair"}, None)
    assert selecting.vendors(change) == {"inboxally"}
    for row, state in zip(made, ("done", "queued"), strict=True):
        change.items.create(sender=row, connection=row.connection, email=row.email, state=state)
    change.state = ChangeState.APPLYING
    assert selecting.vendors(change) == {"instantly"}


@pytest.mark.parametrize("threads", range(2, 17))
@pytest.mark.parametrize("order", ["acts first", "syncs first"])
def test_however_many_threads_one_vendor_holds_never_all(settings: Any, threads: int, order: str) -> None:
    settings.WORKER_THREADS = threads
    fill = [_fill_acts, _fill_syncs]
    with ExitStack() as held:
        for room in fill if order == "acts first" else fill[::-1]:
            room("a", held)
        assert rooms._syncs["a"] + rooms._acts["a"] < threads
        assert _fill_acts("b", held)
        if threads > 2:
            _fill_syncs("b", held)
            assert _fill_acts("c", held), "the last thread is for a vendor that holds none"


def _fill_acts(vendor: str, held: ExitStack) -> int:
    whose = frozenset([vendor])
    count = 0
    while token := rooms._begin(whose, print, 0):
        held.callback(rooms._end, whose, token)
        count += 1
    rooms._acts_turned_away.clear()
    return count


def _fill_syncs(vendor: str, held: ExitStack) -> None:
    while rooms._enter(vendor):
        held.callback(rooms._leave, vendor)
    rooms._turned_away.clear()
