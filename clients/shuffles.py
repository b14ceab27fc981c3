"""Shuffles as people meet them: planned with a dry run, confirmed, and then on their way (`clients.shuffling`).

A plan is frozen with the mix it was made for, and is no longer taken after an hour or when that mix has changed.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from agency import audit
from agency.queue import announce
from clients import mixing, seedbook
from clients.models import Connection, MailboxProvider, Origin, SeedBook, Shuffle, ShuffleState
from clients.vendors.shuffles import BY_PROVIDER, IN_PLACE, Order

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
    stale(shuffle)
    connection = shuffle.connection
    if why := hindrance(connection, seedbook.book_of(connection)):
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
            record(shuffle, "shuffle.confirmed", by, after=said(shuffle), reason=shuffle.reason)
            announce("clients.run_shuffle", shuffle.pk)
    except IntegrityError:
        raise NotNow(UNDER_WAY) from None


UNDER_WAY = "Another shuffle of this account is under way. Wait for its end, and plan again."


def stale(shuffle: Shuffle) -> None:
    """Raises NotNow where the plan must be made again."""
    if shuffle.state != ShuffleState.PLANNED:
        raise NotNow("This plan has been used already.")
    if timezone.now() - shuffle.planned_at > KEEPS:
        raise NotNow("This plan is more than an hour old: make it again.")
    if seedbook.mix(shuffle.connection) != shuffle.mix_before:
        raise NotNow("The account's seeds have changed since this plan was made: make it again.")


def hindrance(connection: Connection, book: SeedBook) -> str:
    """Why the account can't be shuffled now, as far as we know; empty where nothing speaks against it."""
    if not seedbook.can_shuffle(connection):
        return f"{connection.vendor_class.label} offers no shuffles."
    if not seedbook.may_be_asked(connection):
        return unasked(connection)
    if Shuffle.objects.filter(connection=connection).under_way().exists():
        return UNDER_WAY
    until = cooldown_until(book)
    return f"In cooldown until {moment(until)}." if until else ""


def unasked(connection: Connection) -> str:
    why = "removed" if connection.removed_at else connection.get_health_display().lower()
    return f"{connection.label} can't be asked: {why}. {connection.health_reason}".strip()


def cooldown_until(book: SeedBook) -> datetime | None:
    """None where a shuffle is allowed, or where nobody has told yet."""
    until = book.next_allowed_at
    return until if until and until > timezone.now() and book.allowed is not True else None


def said(shuffle: Shuffle) -> dict[str, Any]:
    """What the audit log keeps of it."""
    return {"how": how(shuffle.order), "clients": [client.name for client in shuffle.clients.all()]}


def how(order: Order) -> str:
    """'50 % of all seeds', '75 % at Gmail, 25 % at Yahoo', 'new mix: 60 % Gmail, 40 % Yahoo'."""
    if order.method == IN_PLACE:
        return f"{order.percentage} % of all seeds" if order.percentage else "a part of all seeds"
    labels = dict(MailboxProvider.choices)
    parts = [(share, labels.get(provider, provider)) for provider, share in order.shares.items() if share]
    if order.method == BY_PROVIDER:
        return ", ".join(f"{share} % at {name}" for share, name in parts) or "a part at each mailbox provider"
    return "new mix" + (f": {', '.join(f'{share} % {name}' for share, name in parts)}" if parts else "")


def who(shuffle: Shuffle) -> str:
    """On whose behalf, in words."""
    words = {Origin.VENDOR: "somebody at the vendor", Origin.SCHEDULE: "the monthly schedule", Origin.COMMAND: "a command"}
    return words.get(Origin(shuffle.origin), shuffle.actor)


def moment(then: datetime) -> str:
    """'5 Dec 2026, 10:00 UTC'."""
    return f"{then:%-d %b %Y, %H:%M} UTC"


def record(shuffle: Shuffle, action: str, by: By = None, **said: Any) -> None:
    """One entry for what happened to the whole account: its subject is the only client served, or the account itself."""
    connection = shuffle.connection
    audit.record(
        by, action, connection.label, agency=connection.agency, subject=subject_of(connection),
        user=shuffle.user, actor=shuffle.actor or "terminal", **said,
    )  # fmt: skip


def subject_of(connection: Connection) -> uuid.UUID:
    served = list(seedbook.served(connection)[:2])
    return served[0].uuid if len(served) == 1 else connection.uuid


def _actor(by: By, actor: str) -> dict[str, Any]:
    if by is not None and by.user.is_authenticated:
        return {"user": by.user, "actor": str(by.user)[:254]}
    return {"user": None, "actor": actor}
