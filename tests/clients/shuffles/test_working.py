"""A confirmed shuffle on its way: sent once, read back rather than believed, and waited for where the vendor takes its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Connection, Feed, ShuffleState
from clients.shuffles import seedbook
from clients.vendors.inboxally import InboxAlly
from clients.vendors.shuffles import BY_PROVIDER, CUSTOM, Order
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    addresses,
    at_the_vendor,
    confirmed,
    go_on,
    read_seeds,
    sent,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_it_is_sent_once_and_done_when_the_new_seeds_are_read(account: Connection, box: Sandbox) -> None:
    before = addresses(account)
    shuffle = go_on(confirmed(account))
    assert shuffle.state == ShuffleState.READING
    feed = account.feeds.get(resource="seeds")
    assert feed.requested_at is not None, "the seeds are asked for at once"
    read_seeds(account)
    go_on(shuffle)
    assert (shuffle.state, shuffle.added, shuffle.removed, shuffle.replaced) == (ShuffleState.DONE, 120, 120, 120)
    assert shuffle.outcome == "120 of 240 seeds went, 120 came."
    assert addresses(account) == at_the_vendor(box)
    assert len(addresses(account) & before) == 120
    assert len(sent(box)) == 1
    assert actions() == ["shuffle.confirmed", "shuffle.done"]
    book = seedbook.book_of(account)
    assert (book.allowed, book.next_allowed_at) == (False, box.clock.now() + timedelta(days=30))


@pytest.mark.parametrize(
    "order",
    [Order(BY_PROVIDER, shares={"gmail": 75, "outlook": 25}), Order(CUSTOM, shares={"gmail": 70, "yahoo": 20, "outlook": 10})],
    ids=["by provider", "custom"],
)
def test_the_mix_read_back_is_the_one_of_the_dry_run(account: Connection, box: Sandbox, order: Order) -> None:
    shuffle = to_its_end(confirmed(account, order))
    assert shuffle.state == ShuffleState.DONE
    assert seedbook.mix(account) == shuffle.mix_expected


def test_a_pass_that_began_before_the_answer_is_not_taken_for_the_new_seeds(account: Connection) -> None:
    shuffle = go_on(confirmed(account))
    Feed.objects.filter(connection=account).update(
        watermark=shuffle.answered_at - timedelta(seconds=1), last_ok_at=timezone.now()
    )
    assert go_on(shuffle).state == ShuffleState.READING


def test_no_call_is_made_inside_a_transaction(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    depth = len(database.atomic_blocks)
    seen: list[int] = []
    send = InboxAlly.shuffle
    monkeypatch.setattr(InboxAlly, "shuffle", lambda v, order: (seen.append(len(database.atomic_blocks)), send(v, order))[1])
    go_on(confirmed(account))
    assert seen == [depth]
