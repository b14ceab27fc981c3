"""What becomes of a test whose answer was lost, or whose worker died: looked for at the vendor, never sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from clients.calling import open_vendor
from clients.models import Connection, OrderState, PlacementTest, TestOrder
from clients.ordering import recipes, working
from clients.vendors.instantly import Instantly
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.ordering.ordering import PATH, at_the_vendor, confirmed, died, go_on, sent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", [("lost", {}), ("lost", {"reset": True}), ("cut", {}), ("cut", {"honest": False})])
def test_an_answer_lost_after_the_act_is_one_test_and_no_second_send(
    cast: Cast, account: Connection, box: Sandbox, fault: tuple[str, dict[str, Any]]
) -> None:
    box.faults.add(fault[0], method="POST", **fault[1])
    order = go_on(confirmed(cast.mo, account))
    assert order.state == OrderState.MADE, order.outcome
    assert (len(sent(box)), len(at_the_vendor(box)), PlacementTest.objects.count()) == (1, 1, 1)


def test_what_never_arrived_fails_once_that_is_sure_and_is_not_sent_again(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    order = go_on(confirmed(cast.mo, account))
    assert order.state == OrderState.SENT, "it may yet happen"
    assert "being found out" in order.outcome
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    assert go_on(order).state == OrderState.FAILED
    assert "was not made" in order.outcome
    assert (len(sent(box)), at_the_vendor(box)) == (1, [])


@pytest.mark.parametrize("after_the_call", [True, False])
def test_a_worker_that_dies_at_the_call_makes_no_second_test(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch, after_the_call: bool
) -> None:
    """Killed, it writes nothing more; the next one finds that it was sent."""
    truly = Instantly.create_test

    def killed(self: Instantly, new: Any) -> Any:
        if after_the_call:
            truly(self, new)
        raise SystemExit

    order = confirmed(cast.mo, account)
    with monkeypatch.context() as patched:
        patched.setattr(Instantly, "create_test", killed)
        with pytest.raises(SystemExit):
            working.run(order.pk)
    died(order)
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    assert go_on(order).state == (OrderState.MADE if after_the_call else OrderState.FAILED)
    assert len(sent(box)) == len(at_the_vendor(box)) == int(after_the_call)


def test_a_worker_that_dies_between_the_answer_and_our_commit_makes_no_second_test(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = confirmed(cast.mo, account)

    def killed(*_: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(working.storing, "keep", killed)
        with pytest.raises(SystemExit):
            working.run(order.pk)
    died(order)
    assert go_on(order).state == OrderState.MADE
    assert (len(sent(box)), len(at_the_vendor(box))) == (1, 1)


def test_another_test_of_the_same_words_is_not_taken_for_ours(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    order = go_on(confirmed(cast.mo, account))
    with open_vendor(account) as vendor:
        vendor.create_test(recipes.new_test(TestOrder(wanted=order.wanted, senders=order.senders)))
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    assert go_on(order).state == OrderState.FAILED


def test_where_the_vendor_gives_no_mark_back_all_that_was_asked_for_tells(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly = Instantly.create_test
    monkeypatch.setattr(Instantly, "create_test", lambda self, new: truly(self, msgspec.structs.replace(new, mark="")))
    first = go_on(confirmed(cast.mo, account))
    TestOrder.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    box.faults.add("close", method="POST")
    lost = go_on(confirmed(cast.mo, account))
    assert (first.state, lost.state) == (OrderState.MADE, OrderState.SENT), "the first was there before"
    TestOrder.objects.filter(pk=lost.pk).update(state=OrderState.FAILED)
    box.faults.add("lost", method="POST")
    order = go_on(confirmed(cast.mo, account))
    assert order.state == OrderState.MADE
    assert order.test != first.test


def test_while_the_vendor_cannot_be_asked_it_is_neither_made_nor_failed(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    box.faults.add("lost", method="POST")
    box.faults.add("error", PATH, method="GET", after=1, times=None, status=503)
    order = go_on(confirmed(cast.mo, account))
    assert (order.state, order.next_at > timezone.now()) == (OrderState.SENT, True)
    TestOrder.objects.filter(pk=order.pk).update(sent_at=timezone.now() - timedelta(days=2))
    assert go_on(order).state == OrderState.UNCLEAR
    assert "look at the vendor" in order.outcome
    assert len(sent(box)) == 1


def test_before_it_is_sent_a_vendor_that_is_away_is_asked_again_and_not_for_ever(
    cast: Cast, account: Connection, box: Sandbox
) -> None:
    order = confirmed(cast.mo, account)
    box.faults.add("error", PATH, method="GET", times=None, status=503)
    assert go_on(order).state == OrderState.READY
    assert "Nothing has been sent yet" in order.outcome
    TestOrder.objects.update(confirmed_at=timezone.now() - timedelta(hours=1))
    assert go_on(order).state == OrderState.FAILED
    assert not sent(box)


def test_what_another_worker_holds_is_left_alone(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = confirmed(cast.mo, account)
    TestOrder.objects.update(claim="0" * 32, claimed_until=timezone.now() + timedelta(minutes=1))
    assert working.run(order.pk) is None
    assert not sent(box)
