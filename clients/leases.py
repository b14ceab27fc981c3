"""One worker at a time on one feed: a lease, taken by a conditional UPDATE and renewed while the work goes on.

Times are the database's: workers whose clocks disagree must not take feeds from each other.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from clients.models import Feed, RunState, SyncRun
from clients.models.operations import LEASE

#: A holder renews its lease so often, in seconds.
HEARTBEAT = 10.0


class Lost(Exception):
    """The lease is no longer ours: somebody took over. Nothing more may be written."""


def take(feed_id: int) -> uuid.UUID | None:
    """A token, or None when another worker holds the feed (or it does not exist)."""
    free = Feed.objects.unclaimed().filter(pk=feed_id)
    # A look before the leap: reading waits for nobody, while the UPDATE would wait for the holder's page.
    if not free.exists():
        return None
    token = uuid.uuid4()
    if not free.update(claim=token, claimed_until=Now() + LEASE, requested_at=None):
        return None
    _bury_lost_runs(feed_id)
    return token


def renew(feed_id: int, token: uuid.UUID, **values: Any) -> None:
    """Sets the feed's `values` with it, and takes its row lock until the transaction ends. Raises `Lost`."""
    if not Feed.objects.filter(pk=feed_id, claim=token).update(claimed_until=Now() + LEASE, **values):
        raise Lost


def release(feed_id: int, token: uuid.UUID) -> None:
    Feed.objects.filter(pk=feed_id, claim=token).update(claim=None, claimed_until=None)


def _bury_lost_runs(feed_id: int) -> None:
    left = SyncRun.objects.filter(feed_id=feed_id, state=RunState.RUNNING)
    said = "Its worker ended before the run did. The next one goes on from there."
    left.update(state=RunState.LOST, finished_at=F("started_at"), outcome=said)
