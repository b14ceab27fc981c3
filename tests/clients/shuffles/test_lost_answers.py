"""What becomes of a shuffle whose answer was lost, or whose worker died: looked for at the vendor, never sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import leases
from clients.models import Connection, Origin, Shuffle, ShuffleState
from clients.shuffles import seedbook, working
from clients.vendors.inboxally import InboxAlly
from clients.vendors.shuffles import CUSTOM, Order
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    ACCOUNT,
    by_hand,
    confirmed,
    died,
    go_on,
    sent,
    to_its_end,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", [("lost", {}), ("lost", {"reset": True}), ("cut", {}), ("cut", {"honest": False})])
def test_an_answer_lost_after_the_act_is_one_effect_and_no_second_send(
    account: Connection, box: Sandbox, fault: tuple[str, dict[str, Any]]
) -> None:
    box.faults.add(fault[0], method="POST", **fault[1])
    shuffle = to_its_end(confirmed(account))
    assert (shuffle.state, shuffle.removed) == (ShuffleState.DONE, 120)
    assert len(sent(box)) == 1
    assert len(box.world.account(ACCOUNT).shuffles) == 1


def test_what_never_arrived_fails_once_that_is_sure_and_is_not_sent_again(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    shuffle = go_on(confirmed(account))
    assert shuffle.state == ShuffleState.SENT, "it may yet happen"
    assert "being found out" in shuffle.outcome
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    go_on(shuffle)
    assert shuffle.state == ShuffleState.FAILED
    assert "did not happen" in shuffle.outcome
    assert len(sent(box)) == 1
    assert not box.world.account(ACCOUNT).shuffles


def test_one_that_happens_later_than_we_waited_is_taken_for_ours(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    shuffle = go_on(confirmed(account))
    by_hand(account)
    seedbook.ask(account)
    shuffle.refresh_from_db()
    assert (shuffle.state, shuffle.external_id != "") == (ShuffleState.DONE, True)
    assert "after all" in shuffle.outcome
    assert Shuffle.objects.count() == 1


def test_while_the_vendor_cannot_be_asked_it_is_neither_done_nor_failed(account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    box.faults.add("error", "/v3/seeds/shuffle/*", after=2, times=None, status=503)
    shuffle = go_on(confirmed(account))
    assert shuffle.state == ShuffleState.SENT
    assert shuffle.next_at > timezone.now()
    box.faults.clear()
    assert to_its_end(shuffle).state == ShuffleState.DONE
    assert len(sent(box)) == 1


def test_what_cannot_be_found_out_for_a_day_asks_for_a_person(account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    box.faults.add("error", "/v3/seeds/shuffle/*", after=2, times=None, status=503)
    shuffle = go_on(confirmed(account))
    Shuffle.objects.filter(pk=shuffle.pk).update(sent_at=timezone.now() - timedelta(hours=25))
    shuffle.refresh_from_db()
    assert go_on(shuffle).state == ShuffleState.UNCLEAR
    assert "look at the vendor" in shuffle.outcome


def test_another_shuffle_that_came_between_is_not_taken_for_ours(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    shuffle = go_on(confirmed(account))
    by_hand(account, Order(CUSTOM, shares={"gmail": 100}))
    go_on(shuffle)
    assert shuffle.state == ShuffleState.FAILED
    assert "came between" in shuffle.outcome
    seedbook.ask(account)
    assert Shuffle.objects.get(origin=Origin.VENDOR).method == CUSTOM


class Killed(BaseException):
    """As abrupt as kill -9: nothing of ours runs after it."""


@pytest.mark.parametrize("acted", [True, False], ids=["after the vendor acted", "before it was sent"])
def test_a_worker_killed_between_sent_and_answered_is_followed_by_one_that_reads(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch, acted: bool
) -> None:
    shuffle = confirmed(account)
    _killed_while_sending(monkeypatch, shuffle, acted)
    assert shuffle.state == ShuffleState.SENT
    died(shuffle)
    assert Shuffle.objects.due().get() == shuffle
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    assert to_its_end(shuffle).state == (ShuffleState.DONE if acted else ShuffleState.FAILED)
    assert len(sent(box)) == int(acted)


def test_while_a_worker_holds_it_another_leaves_at_once(account: Connection, box: Sandbox) -> None:
    shuffle = confirmed(account)
    assert leases.take(Shuffle.objects.filter(pk=shuffle.pk))
    assert working.run(shuffle.pk) is None
    assert not sent(box)


def test_who_lost_the_lease_sends_nothing(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    shuffle = confirmed(account)
    look = InboxAlly.last_shuffle

    def looked(vendor: InboxAlly) -> Any:
        Shuffle.objects.filter(pk=shuffle.pk).update(claim=None)
        return look(vendor)

    monkeypatch.setattr(InboxAlly, "last_shuffle", looked)
    assert working.run(shuffle.pk) is None
    assert not sent(box)


def _killed_while_sending(monkeypatch: pytest.MonkeyPatch, shuffle: Shuffle, acted: bool) -> None:
    send = InboxAlly.shuffle

    def killed(vendor: InboxAlly, order: Order) -> Any:
        if acted:
            send(vendor, order)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(InboxAlly, "shuffle", killed)
        patched.setattr(leases, "release", lambda *_: None)
        with pytest.raises(Killed):
            working.run(shuffle.pk)
    shuffle.refresh_from_db()
