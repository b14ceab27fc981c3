from __future__ import annotations

from typing import Any

from django.core.management import call_command

from clients.models import Connection
from tests.cast import Cast, connect


def test_an_account_from_before_gets_the_feeds_that_its_vendor_has_by_now(cast: Cast) -> None:
    before, removed = (connect(cast.north, key=label * 12, label=label, client=cast.acme) for label in "ab")
    removed.removed_at = removed.created_at
    removed.save()
    for one in (before, removed):
        one.feeds.filter(resource="broadcasts").delete()
    kept = set(before.feeds.values_list("pk", flat=True))
    call_command("migrate", verbosity=0)
    assert {feed.resource for feed in before.feeds.all()} == set(before.vendor_class.feeds)
    assert kept < set(before.feeds.values_list("pk", flat=True))
    assert "broadcasts" not in _names(removed)


def _names(connection: Connection) -> set[Any]:
    return set(connection.feeds.values_list("resource", flat=True))
