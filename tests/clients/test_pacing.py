from __future__ import annotations

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clients import pacing
from clients.models import Budget
from clients.vendors.errors import Busy


@pytest.mark.django_db
def test_calls_are_spaced_evenly() -> None:
    waits, ends = zip(*((pacing.take("key", 0.5), Budget.objects.get().next_at) for _ in range(5)), strict=True)

    assert waits[0] == 0
    assert [later - sooner for sooner, later in pairwise(ends)] == [timedelta(seconds=2)] * 4
    # By the time that the calls themselves took, the waits are shorter.
    assert waits == pytest.approx([0, 2, 4, 6, 8], abs=1.5)


@pytest.mark.django_db
def test_keys_do_not_wait_for_each_other() -> None:
    for _ in range(8):
        pacing.take("one", 1)

    assert pacing.take("other", 1) == 0


@pytest.mark.django_db
def test_who_would_wait_too_long_is_sent_back_and_reserves_nothing() -> None:
    Budget.objects.create(fingerprint="key", next_at=timezone.now() + timedelta(seconds=50))
    before = Budget.objects.get().next_at

    with pytest.raises(Busy) as caught:
        pacing.take("key", 0.1)
    assert 10 < caught.value.retry_after <= 50.1
    assert Budget.objects.get().next_at == before


@pytest.mark.django_db
def test_a_persons_call_overtakes_and_the_others_pay_for_it() -> None:
    for _ in range(9):
        pacing.take("key", 2)
    before = Budget.objects.get().next_at

    in_line, ahead = 4.5, pacing.take("key", 2, foreground=True)

    assert ahead < in_line - 1
    assert Budget.objects.get().next_at == before + timedelta(seconds=0.5)


@pytest.mark.django_db
def test_persons_too_keep_to_the_rate_in_the_long_run() -> None:
    waits = [pacing.take("key", 2, foreground=True) for _ in range(20)]

    # Less what the calls themselves took.
    assert waits[-1] > (20 - 1 - pacing.AHEAD) / 2 - 4


@pytest.mark.django_db
def test_a_block_holds_for_everybody() -> None:
    pacing.block("key", 9)

    assert 4 < pacing.take("key", 100) <= 9
    assert 4 < pacing.take("key", 100, foreground=True) <= 9.1
    until = pacing.blocked_until("key")
    assert until is not None
    assert 4 < (until - timezone.now()).total_seconds() <= 9.1


@pytest.mark.django_db
def test_a_long_block_sends_back() -> None:
    pacing.block("key", 86400)

    with pytest.raises(Busy) as caught:
        pacing.take("key", 4)
    assert caught.value.retry_after == pytest.approx(86400, abs=60)


@pytest.mark.django_db
def test_a_shorter_block_does_not_lift_a_longer_one() -> None:
    pacing.block("key", 100)
    pacing.block("key", 1)

    until = pacing.blocked_until("key")
    assert until is not None
    assert (until - timezone.now()).total_seconds() > 50


@pytest.mark.django_db
def test_what_the_vendor_said_is_said_of_each_call_until_then_and_our_own_pace_is_not_laid_to_it() -> None:
    pacing.block("key", 3600)
    with pytest.raises(Busy, match=r"^InboxAlly asks us to wait 60 min\.$"):
        pacing.KeyPace("key", 4, vendor="InboxAlly").take()
    Budget.objects.update(blocked_until=None, next_at=timezone.now() + timedelta(seconds=11))
    with pytest.raises(Busy, match=r"^Inboxdeck has as many calls"):
        pacing.KeyPace("key", 4, vendor="InboxAlly").take()


@pytest.mark.django_db
def test_a_block_that_is_over_is_none() -> None:
    then = timezone.now() - timedelta(seconds=1)
    Budget.objects.create(fingerprint="key", next_at=then, blocked_until=then)

    assert pacing.blocked_until("key") is None
    assert pacing.take("key", 4) == 0


@pytest.mark.django_db
def test_a_clock_that_was_set_back_stops_nobody() -> None:
    Budget.objects.create(fingerprint="key", next_at=timezone.now() + timedelta(hours=3))

    assert pacing.take("key", 4) == 0


def test_no_rate_is_no_limit_and_no_query() -> None:
    # Without the database fixture any query fails.
    assert pacing.take("key", 0) == 0
    pacing.KeyPace("key", 0).block(5)


@pytest.mark.django_db(transaction=True)
def test_no_budget_is_taken_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        pacing.take("key", 4)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_together_keep_the_rate() -> None:
    # So slow that the last reservation is still ahead when all are made.
    rate, each = 9, 10
    waits: list[float] = []

    def work() -> None:
        waits.extend(pacing.take("key", rate) for _ in range(each))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)

    assert len(waits) == 8 * each
    assert Budget.objects.count() == 1
    # All reservations are one after the other, however the threads interleave.
    next_at = Budget.objects.get().next_at
    assert (next_at - timezone.now()).total_seconds() + (time.monotonic() - began) >= 8 * each / rate - 0.1


@pytest.mark.parametrize(
    ("calls", "seconds", "wait"),
    [
        (239, 1, 1 / 240),
        (100, 84, 84 / 101),
        (20, 132, 132 / 21),
        (1, 144, 8),
        (239, 86400, 8),
        (0, 30, 30),
        (0, 3600, 60),
        (0, 0, 0),
    ],
)
def test_the_less_the_vendor_has_left_the_slower_we_go(calls: int, seconds: float, wait: float) -> None:
    assert pacing.spacing(calls, seconds) == pytest.approx(wait)


@pytest.mark.django_db
def test_what_is_left_of_the_vendors_budget_is_heeded() -> None:
    pace = pacing.KeyPace("key", 2)
    pace.heed(100, 20)
    assert not Budget.objects.exists(), "our own pace is slower: nothing is written"
    pace.heed(9, 90)
    assert 4 < pace.take() <= 9
    pace.heed(239, 86400)
    assert pace.take() < pacing.LONGEST, "whoever has begun waits for the next call, and comes to the end"
    pacing.KeyPace("other", 0).heed(0, 90)
    assert not Budget.objects.filter(fingerprint="other").exists(), "no pace, by the settings"


@pytest.mark.django_db
def test_a_lifted_block_lets_one_call_through_and_stands_for_the_others() -> None:
    pacing.take("key", 10)
    pacing.block("key", 3600)
    assert pacing.lift("key")
    assert pacing.take("key", 10) == 0
    with pytest.raises(Busy) as caught:
        pacing.take("key", 10)
    assert 10 < caught.value.retry_after <= pacing.ANSWERED, "by then it has its answer"


@pytest.mark.django_db
def test_only_a_block_that_lasts_is_lifted_and_a_new_one_ends_that() -> None:
    assert not pacing.lift("key")
    pacing.block("key", 20)
    assert not pacing.lift("key")
    pacing.block("key", 3600)
    assert pacing.lift("key")
    pacing.block("key", 7200)
    with pytest.raises(Busy):
        pacing.take("key", 10)


@pytest.mark.django_db
def test_what_the_vendor_says_is_left_is_kept_with_its_time() -> None:
    pacing.take("key", 2)
    assert pacing.left("key") is None
    pacing.KeyPace("key", 2).heed(100, 20)
    told = pacing.left("key")
    assert told is not None
    assert (told[0], abs(told[1] - timezone.now()) < timedelta(minutes=1)) == (100, True)
