"""Plans that are confirmed, and those that no longer hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Connection, Health, SeedBook, Shuffle
from clients.shuffles import asking
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import (
    HALF,
    confirmed,
    sent,
)

pytestmark = pytest.mark.django_db


def test_only_one_shuffle_of_an_account_is_under_way(account: Connection) -> None:
    second = asking.plan(account, HALF, None)
    confirmed(account)
    with pytest.raises(asking.NotNow, match="under way"):
        asking.confirm(second, None)
    assert Shuffle.objects.under_way().count() == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda made: Shuffle.objects.filter(pk=made.pk).update(planned_at=timezone.now() - timedelta(minutes=61)), "an hour"),
        (lambda made: made.connection.seeds.filter(mailbox_provider="gmail").first().delete(), "changed"),
        (lambda made: asking.confirm(made, None), "used already"),
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
    made = asking.plan(account, HALF, None)
    spoil(made)
    made = Shuffle.objects.select_related("connection").get(pk=made.pk)
    with pytest.raises(asking.NotNow, match=words):
        asking.confirm(made, None)
    assert not sent(box)
