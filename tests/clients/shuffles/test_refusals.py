"""A vendor that refuses a shuffle, fails it, or cannot be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Connection, Health, Shuffle, ShuffleState
from clients.shuffles import asking, seedbook, wording
from clients.vendors.inboxally import InboxAlly
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    HALF,
    addresses,
    at_the_vendor,
    by_hand,
    confirmed,
    go_on,
    sent,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_in_cooldown_it_is_refused_with_the_end_of_it_and_nothing_is_sent(account: Connection, box: Sandbox) -> None:
    made = asking.plan(account, HALF, None)
    by_hand(account)
    asking.confirm(made, None)
    shuffle = go_on(made)
    until = box.clock.now() + timedelta(days=30)
    assert (shuffle.state, shuffle.next_allowed_at) == (ShuffleState.REFUSED, until)
    assert shuffle.outcome == f"In cooldown until {wording.moment(until)}. Nothing was shuffled."
    assert len(sent(box)) == 1, "the one by hand"
    assert actions() == ["shuffle.confirmed", "shuffle.refused"]
    assert seedbook.book_of(account).next_allowed_at == until


@pytest.mark.parametrize("status", [400, 403, 409, 422, 429])
def test_a_refusal_means_cooldown_where_the_status_says_so(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Somebody was quicker: between our look and our sending the account was shuffled."""
    until = box.clock.now() + timedelta(days=30)
    if status == 429:
        box.faults.add("busy", "/v3/seeds/shuffle", method="POST", after=1, retry_after=86400)
    else:
        box.faults.add("error", "/v3/seeds/shuffle", method="POST", after=1, status=status)
    look = InboxAlly.last_shuffle

    def looked(vendor: InboxAlly) -> Any:
        last = look(vendor)
        vendor.shuffle(HALF)
        return last

    monkeypatch.setattr(InboxAlly, "last_shuffle", looked)
    shuffle = go_on(confirmed(account))
    assert (shuffle.state, shuffle.next_allowed_at) == (ShuffleState.REFUSED, until)
    assert len(sent(box)) == 2


@pytest.mark.parametrize("kind", [("busy", {"retry_after": 1}), ("error", {"status": 422}), ("revoked", {})])
def test_another_refusal_fails_in_the_vendors_words(account: Connection, box: Sandbox, kind: tuple[str, dict[str, Any]]) -> None:
    box.faults.add(kind[0], "/v3/seeds/shuffle", **kind[1])
    shuffle = go_on(confirmed(account))
    assert shuffle.state == ShuffleState.FAILED
    assert shuffle.outcome.endswith("Nothing was shuffled.")
    assert len(sent(box)) == 1
    seedbook.ask(account)
    assert Shuffle.objects.count() == 1


def test_a_vendor_that_is_down_is_asked_again_before_anything_is_sent(account: Connection, box: Sandbox) -> None:
    box.faults.add("error", times=None, status=503)
    shuffle = go_on(confirmed(account))
    assert (shuffle.state, bool(sent(box))) == (ShuffleState.READY, False)
    assert "Nothing has been sent yet" in shuffle.outcome
    box.faults.clear()
    assert to_its_end(shuffle).state == ShuffleState.DONE


def test_after_an_hour_a_vendor_that_is_down_fails_it_unsent(account: Connection, box: Sandbox) -> None:
    box.faults.add("error", times=None, status=503)
    shuffle = confirmed(account)
    Shuffle.objects.filter(pk=shuffle.pk).update(confirmed_at=timezone.now() - timedelta(minutes=61))
    assert go_on(shuffle).state == ShuffleState.FAILED
    assert shuffle.outcome.endswith("Nothing was sent.")


def test_a_paused_account_sends_nothing(account: Connection, box: Sandbox) -> None:
    shuffle = confirmed(account)
    Connection.objects.update(health=Health.PAUSED, health_reason="Paused by Ann.")
    assert go_on(shuffle).state == ShuffleState.FAILED
    assert "Paused by Ann" in shuffle.outcome
    assert not sent(box)


def test_one_that_takes_its_time_is_waited_for(account: Connection, box: Sandbox) -> None:
    box.switches.shuffle_seconds = 60
    shuffle = go_on(confirmed(account))
    assert go_on(shuffle).state == ShuffleState.PENDING
    box.clock.forward(60)
    assert to_its_end(shuffle).state == ShuffleState.DONE
    assert len(sent(box)) == 1


def test_one_that_the_vendor_fails_is_failed(account: Connection, box: Sandbox) -> None:
    box.switches.shuffle_seconds, box.switches.shuffle_fails = 60, True
    shuffle = go_on(confirmed(account))
    box.clock.forward(60)
    assert go_on(shuffle).state == ShuffleState.FAILED
    assert "says that it failed" in shuffle.outcome
    assert addresses(account) == at_the_vendor(box)
