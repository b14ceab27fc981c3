"""Finding what is due, and handing it to the workers without flooding them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from agency.celery import ASKED, SCHEDULED, app
from agency.queue import waiting
from clients.models import Change, Feed, Hook, LeadUpload, Mail, Message, Shuffle, TestOrder
from clients.models.changes import ChangeQuerySet
from clients.models.operations import FeedQuerySet
from clients.shuffles import scheduling, seedbook
from clients.webhooks import forgetting

#: Handed out at once, per queue; and so few left waiting that the workers need more.
BATCH = 200
FEW = 50


def hand_out() -> int:
    """Announces due feeds and changes; how many.

    Nothing is remembered: a queue that still has enough is left alone, else the first due feeds are handed out again. So the
    queue never holds more than BATCH + FEW, a wiped queue is full again at the next tick, and a feed handed out twice is
    no longer due for the second worker."""
    due = Feed.objects.due()
    return (
        _fill(ASKED, "clients.apply_change", Change.objects.due())
        + _fill(ASKED, "clients.sync_feed", _in_turn(due.exclude(requested_at=None)))
        + _fill(SCHEDULED, "clients.sync_feed", _in_turn(due.filter(requested_at=None)))
    )


def _in_turn(due: FeedQuerySet) -> FeedQuerySet:
    """One of each vendor, then the next of each: hundreds that one vendor holds up do not stand before the others'."""
    order = (F("requested_at").asc(nulls_last=True), "next_at", "pk")
    place = Window(RowNumber(), partition_by=F("connection__vendor"), order_by=order)
    return due.annotate(place=place).order_by("place", *order)


def _fill(queue: str, task: str, due: FeedQuerySet | ChangeQuerySet) -> int:
    if waiting(queue) >= FEW:
        return 0
    return _send(task, due.values_list("pk", flat=True)[:BATCH], queue)


def hand_out_shuffles() -> int:
    """Announces shuffles and schedules that are due, and accounts whose seeds were read or whose cooldown is to be asked for."""
    found = 0
    if waiting(ASKED) < FEW:
        found += _send("clients.run_shuffle", Shuffle.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)
        found += _send("clients.carry_out_schedule", scheduling.due(), ASKED)
    if waiting(SCHEDULED) < FEW:
        found += _send("clients.keep_seed_book", seedbook.due(), SCHEDULED)
    return found


def hand_out_mails() -> int:
    """Announces mails whose time has come."""
    if waiting(ASKED) >= FEW:
        return 0
    return _send("clients.send_mail", Mail.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)


def hand_out_messages() -> int:
    """Announces messages into conversations that are to be sent, or looked for."""
    if waiting(ASKED) >= FEW:
        return 0
    return _send("clients.send_message", Message.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)


def hand_out_tests() -> int:
    """Announces tests that are to be made."""
    if waiting(ASKED) >= FEW:
        return 0
    return _send("clients.make_test", TestOrder.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)


def hand_out_leads() -> int:
    """Announces leads that are to be sent on, and those that are to be forgotten."""
    if waiting(ASKED) >= FEW:
        return 0
    return _send("clients.upload_leads", LeadUpload.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)


def hand_out_events() -> int:
    """Announces connections whose events wait to be processed."""
    if waiting(ASKED) >= FEW:
        return 0
    return _send("clients.process_events", Hook.objects.due().values_list("pk", flat=True)[:BATCH], ASKED)


def hand_out_forgetting() -> int:
    """Announces, once a day, that bodies of events are older than they are kept."""
    if waiting(SCHEDULED) >= FEW or not forgetting.is_due():
        return 0
    app.send_task("clients.forget_payloads", queue=SCHEDULED)
    return 1


def _send(task: str, ids: Iterable[int], queue: str) -> int:
    sent = 0
    for pk in ids:
        app.send_task(task, args=[pk], queue=queue)
        sent += 1
    return sent
