"""What a page writes beside its rows is written by the lease's holder alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from clients import checkpointing, leases
from clients.models import Connection, Feed, SyncRun
from tests.cast import Cast, connect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed(cast: Cast) -> Feed:
    connection = connect(cast.north, key="a key of some length", label="North", client=cast.acme)
    return Feed.objects.filter(connection=connection).first() or Feed.objects.create(connection=connection, resource="broadcasts")


def test_a_checkpoint_is_the_holders(feed: Feed) -> None:
    token, kept = leases.take_feed(feed.pk), {"cursor": "a 'quote' and ü", "rows": 3, "hollow": None}
    assert token
    checkpointing.keep(feed.pk, token, kept)
    feed.refresh_from_db()
    assert (feed.checkpoint, feed.claim) == (kept, token)
    with pytest.raises(leases.Lost):
        checkpointing.keep(feed.pk, uuid.uuid4(), {"cursor": "another's"})
    feed.refresh_from_db()
    assert feed.checkpoint == kept


def test_a_runs_counts_are_kept_with_its_log_and_lost_with_its_feed(feed: Feed) -> None:
    run = SyncRun.objects.create(feed=feed)
    run.pages, run.rows, run.new, run.changed, run.set_aside, run.log = 1, 20, 3, 4, 5, [["2026-09-01T10:00:00", "info", "‘ü’"]]
    checkpointing.count(run)
    kept = SyncRun.objects.get(pk=run.pk)
    assert (kept.pages, kept.rows, kept.new, kept.changed, kept.set_aside) == (1, 20, 3, 4, 5)
    assert (kept.pages_expected, kept.log) == (None, run.log)
    SyncRun.objects.all().delete()
    with pytest.raises(leases.Lost):
        checkpointing.count(run)


def test_what_a_lock_tells_is_what_the_row_says_now(feed: Feed) -> None:
    of = Connection.objects.filter(pk=feed.connection_id)
    told = checkpointing.lock(feed.connection_id)
    assert told == of.values_list("scopes_version", "health", "health_reason", "removed_at", "fingerprint").get()
    of.update(removed_at=timezone.now() - timedelta(days=1), scopes_version=told.scopes_version + 1)
    later = checkpointing.lock(feed.connection_id)
    assert later.removed_at is not None
    assert later.scopes_version == told.scopes_version + 1
    of.delete()
    with pytest.raises(Connection.DoesNotExist):
        checkpointing.lock(feed.connection_id)
