"""What is known of an account: shuffles made elsewhere, when it was asked, which seeds were in use when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients import tasks
from clients.models import Connection, Origin, SeedBook, Shuffle, ShuffleState
from clients.shuffles import seedbook
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    ACCOUNT,
    addresses,
    at_the_vendor,
    by_hand,
    confirmed,
    everything,
    go_on,
    to_its_end,
)

pytestmark = pytest.mark.django_db


def test_shuffles_made_elsewhere_are_kept_once(account: Connection, box: Sandbox) -> None:
    by_hand(account)
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
