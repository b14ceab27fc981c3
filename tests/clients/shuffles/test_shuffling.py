"""A confirmed shuffle on its way: sent once whatever happens, and read back rather than believed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from agency.models import AuditEntry
from clients import seedbook, shuffles, shuffling, tasks
from clients.models import Connection, Feed, Health, Origin, SeedBook, Shuffle, ShuffleState
from clients.vendors.inboxally import InboxAlly
from clients.vendors.shuffles import BY_PROVIDER, CUSTOM, Order
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    ACCOUNT,
    HALF,
    addresses,
    at_the_vendor,
    confirmed,
    died,
    everything,
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
    monkeypatch.setattr(shuffling, "SURE_AFTER", timedelta(0))
    go_on(shuffle)
    assert shuffle.state == ShuffleState.FAILED
    assert "did not happen" in shuffle.outcome
    assert len(sent(box)) == 1
    assert not box.world.account(ACCOUNT).shuffles


def test_one_that_happens_later_than_we_waited_is_taken_for_ours(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", method="POST")
    monkeypatch.setattr(shuffling, "SURE_AFTER", timedelta(0))
    shuffle = go_on(confirmed(account))
    _by_hand(account)
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
    _by_hand(account, Order(CUSTOM, shares={"gmail": 100}))
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
    monkeypatch.setattr(shuffling, "SURE_AFTER", timedelta(0))
    assert to_its_end(shuffle).state == (ShuffleState.DONE if acted else ShuffleState.FAILED)
    assert len(sent(box)) == int(acted)


def test_while_a_worker_holds_it_another_leaves_at_once(account: Connection, box: Sandbox) -> None:
    shuffle = confirmed(account)
    assert shuffling._take(shuffle.pk)
    assert shuffling.run(shuffle.pk) is None
    assert not sent(box)


def test_who_lost_the_lease_sends_nothing(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    shuffle = confirmed(account)
    look = InboxAlly.last_shuffle

    def looked(vendor: InboxAlly) -> Any:
        Shuffle.objects.filter(pk=shuffle.pk).update(claim=None)
        return look(vendor)

    monkeypatch.setattr(InboxAlly, "last_shuffle", looked)
    assert shuffling.run(shuffle.pk) is None
    assert not sent(box)


def test_in_cooldown_it_is_refused_with_the_end_of_it_and_nothing_is_sent(account: Connection, box: Sandbox) -> None:
    made = shuffles.plan(account, HALF, None)
    _by_hand(account)
    shuffles.confirm(made, None)
    shuffle = go_on(made)
    until = box.clock.now() + timedelta(days=30)
    assert (shuffle.state, shuffle.next_allowed_at) == (ShuffleState.REFUSED, until)
    assert shuffle.outcome == f"In cooldown until {shuffles.moment(until)}. Nothing was shuffled."
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


def test_shuffles_made_elsewhere_are_kept_once(account: Connection, box: Sandbox) -> None:
    _by_hand(account)
    for _ in range(2):
        seedbook.ask(account)
    found = Shuffle.objects.get()
    assert (found.origin, found.state, found.method, found.percentage) == (Origin.VENDOR, ShuffleState.DONE, "in_place", 50)
    assert found.happened_at == box.clock.now()
    assert [client.name for client in found.clients.all()] == ["Acme"]
    book = seedbook.book_of(account)
    assert (book.allowed, book.next_allowed_at) == (False, box.clock.now() + timedelta(days=30))


def test_nothing_is_taken_in_while_one_of_ours_is_under_way(account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    box.faults.add("error", "/v3/seeds/shuffle/last", after=1, times=3, status=503)
    shuffle = go_on(confirmed(account))
    assert shuffle.state == ShuffleState.SENT
    seedbook.ask(account)
    assert Shuffle.objects.get() == shuffle
    assert to_its_end(shuffle).state == ShuffleState.DONE


def test_one_of_ours_that_was_taken_for_the_vendors_is_kept_once(account: Connection, box: Sandbox) -> None:
    """Two workers: one took in the vendor's list just before the other learnt that the newest in it was ours."""
    box.faults.add("lost", method="POST")
    box.faults.add("error", "/v3/seeds/shuffle/last", after=1, times=3, status=503)
    shuffle = go_on(confirmed(account))
    made = box.world.account(ACCOUNT).shuffles[-1].id
    Shuffle.objects.create(connection=account, state="done", origin="vendor", method="in_place", external_id=made)
    assert to_its_end(shuffle).state == ShuffleState.DONE
    assert Shuffle.objects.get() == shuffle


def test_the_book_is_due_after_each_pass_and_after_some_hours(account: Connection, box: Sandbox) -> None:
    assert seedbook.due() == [account.pk], "nobody has asked for its shuffles yet"
    tasks.keep_seed_book(account.pk)
    assert seedbook.due() == []
    SeedBook.objects.update(next_at=timezone.now())
    assert seedbook.due() == [account.pk]
    tasks.keep_seed_book(account.pk)
    account.feeds.filter(resource="seeds").update(last_ok_at=timezone.now())
    assert seedbook.due() == [account.pk]


def test_trouble_with_asking_is_written_down_and_not_repeated_at_once(account: Connection, box: Sandbox) -> None:
    box.faults.add("revoked", times=None)
    tasks.keep_seed_book(account.pk)
    assert "refuses the API key" in seedbook.book_of(account).trouble
    assert seedbook.due() == []


def test_which_seeds_were_in_use_is_known_for_each_moment(account: Connection, box: Sandbox) -> None:
    before, first = addresses(account), timezone.now()
    to_its_end(confirmed(account))
    middle, second = addresses(account), timezone.now()
    box.clock.forward(31 * 86400)
    seedbook.ask(account)
    to_its_end(confirmed(account))
    for then, wanted in ((first, before), (second, middle), (timezone.now(), at_the_vendor(box))):
        assert {seed.email for seed in seedbook.at(account, then)} == wanted
    assert everything(account) == 480


def test_only_one_shuffle_of_an_account_is_under_way(account: Connection) -> None:
    second = shuffles.plan(account, HALF, None)
    confirmed(account)
    with pytest.raises(shuffles.NotNow, match="under way"):
        shuffles.confirm(second, None)
    assert Shuffle.objects.under_way().count() == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda made: Shuffle.objects.filter(pk=made.pk).update(planned_at=timezone.now() - timedelta(minutes=61)), "an hour"),
        (lambda made: made.connection.seeds.filter(mailbox_provider="gmail").first().delete(), "changed"),
        (lambda made: shuffles.confirm(made, None), "used already"),
        (lambda made: Connection.objects.update(health=Health.REFUSED), "key refused"),
        (
            lambda made: SeedBook.objects.update(allowed=False, next_allowed_at=timezone.now() + timedelta(days=3)),
            "In cooldown until",
        ),
    ],
)
def test_a_plan_that_no_longer_holds_is_not_confirmed(
    account: Connection, box: Sandbox, spoil: Callable[[Shuffle], object], words: str
) -> None:
    made = shuffles.plan(account, HALF, None)
    spoil(made)
    made = Shuffle.objects.select_related("connection").get(pk=made.pk)
    with pytest.raises(shuffles.NotNow, match=words):
        shuffles.confirm(made, None)
    assert not sent(box)


def test_no_call_is_made_inside_a_transaction(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    depth = len(database.atomic_blocks)
    seen: list[int] = []
    send = InboxAlly.shuffle
    monkeypatch.setattr(InboxAlly, "shuffle", lambda v, order: (seen.append(len(database.atomic_blocks)), send(v, order))[1])
    go_on(confirmed(account))
    assert seen == [depth]


def _by_hand(account: Connection, order: Order = HALF) -> None:
    """Somebody shuffles in the vendor's own app."""
    with seedbook.open_vendor(account) as vendor:
        vendor.shuffle(order)


def _killed_while_sending(monkeypatch: pytest.MonkeyPatch, shuffle: Shuffle, acted: bool) -> None:
    send = InboxAlly.shuffle

    def killed(vendor: InboxAlly, order: Order) -> Any:
        if acted:
            send(vendor, order)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(InboxAlly, "shuffle", killed)
        patched.setattr(shuffling, "_release", lambda *_: None)
        with pytest.raises(Killed):
            shuffling.run(shuffle.pk)
    shuffle.refresh_from_db()
