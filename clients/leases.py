"""One worker at a time on one row: a lease, taken by a conditional UPDATE and renewed while the work goes on.

Whoever has lost it may write nothing more, and above all send nothing: another worker has taken over, or the row is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from clients.models import Feed, RunState, SyncRun
from clients.models.leased import LEASE, Leased

#: A holder renews its lease so often, in seconds.
HEARTBEAT = 10.0


class Lost(Exception):
    """The lease is no longer ours."""


def take(free: QuerySet[Any], **values: Any) -> uuid.UUID | None:
    """A token for the one row of `free`, those that may be taken; None when it is not among them."""
    token = uuid.uuid4()
    return token if free.order_by().update(claim=token, claimed_until=Now() + LEASE, **values) else None


def take_feed(feed_id: int) -> uuid.UUID | None:
    """None when another worker holds the feed (or it does not exist)."""
    free = Feed.objects.unclaimed().filter(pk=feed_id)
    # A look before the leap: reading waits for nobody, while the UPDATE would wait for the holder's page.
    token = take(free, requested_at=None) if free.exists() else None
    if token:
        _bury_lost_runs(feed_id)
    return token


def renew(model: type[Leased], pk: int, token: uuid.UUID, **values: Any) -> None:
    """Sets `values` with it, and takes the row's lock until the transaction ends. Raises `Lost`."""
    if not _held(model, pk, token).update(claimed_until=Now() + LEASE, **values):
        raise Lost


def write(row: Leased, token: uuid.UUID, **values: Any) -> None:
    """Renews it, and sets `values` in the database and on `row`. Raises `Lost`."""
    renew(type(row), row.pk, token, **values)
    _set(row, values)


def give_back(row: Leased, token: uuid.UUID, **values: Any) -> bool:
    """Sets the last `values`, in the database and on `row`, and lets go. False where it was lost before."""
    if not release(type(row), row.pk, token, **values):
        return False
    _set(row, {**values, "claim": None, "claimed_until": None})
    return True


def release(model: type[Leased], pk: int, token: uuid.UUID, **values: Any) -> bool:
    return bool(_held(model, pk, token).update(claim=None, claimed_until=None, **values))


def carried[R: Leased](row: R, token: uuid.UUID, step: Callable[[], bool | None], *, broken: timedelta) -> R | None:
    """Takes one step after another until there is none, and lets go; None where it was lost on the way.

    Work that breaks is due again `broken` later: what broke it would break it each time.
    """
    try:
        while step():
            pass
    except Lost:
        return None
    except Exception:
        _held(type(row), row.pk, token).update(next_at=timezone.now() + broken)
        raise
    finally:
        release(type(row), row.pk, token)
    return row


def _held(model: type[Leased], pk: int, token: uuid.UUID) -> QuerySet[Any]:
    return model._base_manager.filter(pk=pk, claim=token)


def _set(row: Leased, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _bury_lost_runs(feed_id: int) -> None:
    left = SyncRun.objects.filter(feed_id=feed_id, state=RunState.RUNNING)
    said = "Its worker ended before the run did. The next one goes on from there."
    left.update(state=RunState.LOST, finished_at=F("started_at"), outcome=said)
