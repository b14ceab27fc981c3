"""Late, failing and refused accounts, and the vendors behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Connection, Feed, Health, SyncRun
from reports.queries import freshness
from reports.scope import Scope
from tests.cast import Cast, connect


def north(cast: Cast) -> Scope:
    return Scope.of_member(cast.ann.memberships.select_related("agency").get(), {})


def at_work(cast: Cast) -> list[freshness.FeedAtWork]:
    return freshness.feeds_at_work(north(cast), freshness.accounts(north(cast)))


def set_feeds(connection: Connection, **fields: Any) -> None:
    Feed.objects.filter(connection=connection).update(**fields)


@pytest.mark.parametrize("minutes", [0, 44, 46, 500])
@pytest.mark.parametrize("ever", [True, False], ids=["after a pass", "before the first"])
def test_the_database_calls_late_what_the_feed_does(cast: Cast, minutes: int, ever: bool) -> None:
    connection = connect(cast.north, key="a" * 40, client=cast.acme)
    then = timezone.now() - timedelta(minutes=minutes)
    Connection.objects.filter(pk=connection.pk).update(created_at=timezone.now() - timedelta(days=3) if ever else then)
    set_feeds(connection, last_ok_at=then if ever else None, interval=timedelta(minutes=15))
    (account,) = freshness.accounts(north(cast))
    feeds = Feed.objects.select_related("connection").filter(connection=connection)
    assert account.late == sum(feed.is_late for feed in feeds) == (3 if minutes > 45 else 0)


def test_feeds_that_may_not_be_asked_are_not_late(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, client=cast.acme)
    set_feeds(connection, last_ok_at=timezone.now() - timedelta(days=3))
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED, health_reason="Replace it.")
    (account,) = freshness.accounts(north(cast))
    assert (account.late, account.refused, account.reason) == (0, True, "Replace it.")


def test_an_account_is_as_old_as_its_stalest_feed(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, client=cast.acme)
    old = timezone.now() - timedelta(hours=9)
    set_feeds(connection, last_ok_at=timezone.now())
    Feed.objects.filter(connection=connection, resource="senders").update(last_ok_at=old)
    (account,) = freshness.accounts(north(cast))
    assert account.last_ok == old
    assert account.feeds_done == 3
    assert account.late == 1


def test_removed_accounts_are_history(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, client=cast.acme)
    Connection.objects.filter(pk=connection.pk).update(removed_at=timezone.now())
    assert freshness.accounts(north(cast)) == []


def failing(cast: Cast, number: int) -> None:
    connection = connect(cast.north, key=f"{number}" * 40, label=f"Account {number}", client=cast.acme)
    for feed in connection.feeds.all():
        feed.last_run = SyncRun.objects.create(feed=feed, state="failed", outcome="InboxAlly did not answer.")
        feed.failures, feed.last_ok_at = 2, timezone.now() - timedelta(hours=2)
        feed.save()


@pytest.mark.parametrize(("broken", "well", "down"), [(1, 0, 1), (2, 1, 1), (1, 1, 0), (1, 5, 0), (0, 3, 0)])
def test_a_vendor_is_down_when_most_of_its_accounts_fail(cast: Cast, broken: int, well: int, down: int) -> None:
    for at in range(broken):
        failing(cast, at)
    for at in range(broken, broken + well):
        connect(cast.north, key=f"{at}" * 40, label=f"Account {at}")
    accounts, feeds = freshness.accounts(north(cast)), at_work(cast)
    found = freshness.outages(accounts, feeds)
    assert len(found) == down
    if found:
        assert (found[0].vendor, found[0].failing, found[0].of) == ("InboxAlly", broken, broken + well)
        assert found[0].outcome == "InboxAlly did not answer."


def test_a_feed_at_work_tells_how_far_it_is_and_whether_it_is_the_first_time(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="North", client=cast.acme)
    feed = connection.feeds.get(resource="broadcasts")
    feed.last_run = SyncRun.objects.create(feed=feed, pages=3, pages_expected=35, rows=300, trigger="person")
    feed.claimed_until, feed.checkpoint = timezone.now() + timedelta(seconds=30), {"phase": "detail", "rows": 300}
    feed.save()
    (found,) = at_work(cast)
    assert (found.label, found.resource, found.pages, found.pages_expected) == ("North", "broadcasts", 3, 35)
    assert found.running
    assert found.first
    assert found.asked
    Feed.objects.filter(pk=feed.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert at_work(cast) == []
