"""A placement test as people meet it: asked for in a form, looked at in a preview, confirmed, and then on its way (`working`)."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from agency.models import User
from agency.queue import announce
from clients.models import Client, OrderState, TestOrder
from clients.ordering import choosing, history
from clients.ordering.choosing import Place

KEEPS = timedelta(hours=1)  # a preview
FORGOTTEN = timedelta(days=1)  # one that nobody confirmed, with its mail
#: Two that are alike in everything are one that was sent twice, unless so much time lies between.
ALIKE = timedelta(minutes=10)
TASK = "clients.make_test"

SUCH_A_ONE = "Just such a test was sent a moment ago: look for it in the list. To send another, wait ten minutes, or change it."


class NotNow(Exception):
    """The text says why this can't be confirmed, and what helps."""


def plan(client: Client, place: Place, wanted: dict[str, Any], by: HttpRequest) -> TestOrder:
    """Kept, and nothing sent."""
    TestOrder.objects.filter(client=client, state=OrderState.PLANNED, planned_at__lt=timezone.now() - FORGOTTEN).delete()
    chosen = choosing.choose(client, place.connection, place.workspace, wanted)
    return TestOrder.objects.create(
        client=client,
        connection=place.connection,
        workspace=place.workspace,
        wanted=wanted,
        senders=chosen.sending,
        fingerprint=_fingerprint(place, wanted, chosen.sending),
        code=f"ptid_{secrets.token_hex(8)}" if wanted["method"] == "outside" else "",
        user=by.user if isinstance(by.user, User) else None,
        actor=str(by.user)[:254],
    )


def confirm(order: TestOrder, by: HttpRequest) -> None:
    """On its way: a worker sends it. Raises NotNow."""
    if why := stale(order):
        raise NotNow(why)
    now = timezone.now()
    alike = TestOrder.objects.filter(connection=order.connection, fingerprint=order.fingerprint).exclude(pk=order.pk)
    if alike.filter(state=OrderState.MADE, finished_at__gt=now - ALIKE).exists():
        raise NotNow(SUCH_A_ONE)
    who = {"user": by.user if isinstance(by.user, User) else None, "actor": str(by.user)[:254]}
    try:
        with transaction.atomic():
            planned = TestOrder.objects.filter(pk=order.pk, state=OrderState.PLANNED)
            if not planned.update(state=OrderState.READY, confirmed_at=now, next_at=now, **who):
                raise NotNow("This test has been sent already.")
            order.refresh_from_db()
            history.record(order, "test.confirmed", by, after=history.said(order))
            announce(TASK, order.pk)
    except IntegrityError:
        raise NotNow(SUCH_A_ONE) from None


def stale(order: TestOrder) -> str:
    """Why the preview no longer says what would be sent; '' where it does."""
    if order.state != OrderState.PLANNED:
        return "This test has been sent already."
    if why := choosing.barred(order.connection, order.workspace):
        return why
    if order.client.is_archived:
        return f"{order.client} is archived."
    if timezone.now() - order.planned_at > KEEPS:
        return "This preview is more than an hour old: make it again."
    chosen = choosing.choose(order.client, order.connection, order.workspace, order.wanted)
    if chosen.sending != order.senders:
        return "The senders have changed since this preview was made: make it again."
    if not chosen.sending:
        return "None of the senders would send."
    return ""


def _fingerprint(place: Place, wanted: dict[str, Any], senders: list[str]) -> str:
    said = json.dumps([place.workspace, wanted, sorted(senders)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
