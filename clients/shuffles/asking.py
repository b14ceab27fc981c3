"""Shuffles as people meet them: planned with a dry run, confirmed, and then on their way (`working`).

A plan is frozen with the mix it was made for, and is no longer taken after an hour or when that mix has changed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from agency.queue import announce
from clients.models import Connection, Origin, Shuffle, ShuffleState
from clients.shuffles import hindering, history, mixing, seedbook
from clients.vendors.shuffles import Order

KEEPS = timedelta(hours=1)  # a plan

type By = HttpRequest | None  # a member's request, or None for a command or the schedule


class NotNow(Exception):
    """The text says why this can't be confirmed, and what helps."""


def plan(
    connection: Connection, order: Order, by: By, *, origin: Origin = Origin.PERSON, actor: str = "terminal", reason: str = ""
) -> Shuffle:
    """A plan, from the seeds as they were last read. Raises `mixing.NoSense`."""
    mix = seedbook.mix(connection)
    run = mixing.dry_run(order, mix)
    return Shuffle.objects.create(
        connection=connection, origin=origin, method=order.method, percentage=order.percentage, shares=dict(order.shares),
        mix_before=mix, mix_expected=run.after, reason=reason[:500], **_actor(by, actor),
    )  # fmt: skip


def confirm(shuffle: Shuffle, by: By, *, actor: str = "terminal") -> None:
    """On its way: a worker sends it. Raises NotNow."""
    if why := stale(shuffle):
        raise NotNow(why)
    connection = shuffle.connection
    if why := hindering.hindrance(connection, seedbook.book_of(connection)):
        raise NotNow(why)
    served = list(seedbook.served(connection))
    now = timezone.now()
    try:
        with transaction.atomic():
            planned = Shuffle.objects.filter(pk=shuffle.pk, state=ShuffleState.PLANNED)
            if not planned.update(state=ShuffleState.READY, confirmed_at=now, next_at=now, **_actor(by, actor)):
                raise NotNow("This plan has been used already.")
            shuffle.clients.set(served)
            shuffle.refresh_from_db()
            history.record(shuffle, "shuffle.confirmed", by, after=history.said(shuffle), reason=shuffle.reason)
            announce("clients.run_shuffle", shuffle.pk)
    except IntegrityError:
        raise NotNow(hindering.UNDER_WAY) from None


def stale(shuffle: Shuffle) -> str:
    """Why the plan must be made again; '' where it need not."""
    if shuffle.state != ShuffleState.PLANNED:
        return "This plan has been used already."
    if timezone.now() - shuffle.planned_at > KEEPS:
        return "This plan is more than an hour old: make it again."
    if seedbook.mix(shuffle.connection) != shuffle.mix_before:
        return "The account's seeds have changed since this plan was made: make it again."
    return ""


def _actor(by: By, actor: str) -> dict[str, Any]:
    if by is not None and by.user.is_authenticated:
        return {"user": by.user, "actor": str(by.user)[:254]}
    return {"user": None, "actor": actor}
