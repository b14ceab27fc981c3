"""What the queue carries: ids. Names are pinned, so that moving code strands no message.

What is handed out twice is no longer due for the second, or another worker has it: each finds that out by itself."""

from __future__ import annotations

from typing import Any

from celery import signals
from django.db.models import QuerySet

from agency.celery import app
from clients import dispatching, rooms, sync
from clients.changes import selecting
from clients.changes.working import work
from clients.leads import working as leads
from clients.models import Change, Connection, Feed, LeadUpload, Mail, Message, Shuffle, ShuffleSchedule, TestOrder
from clients.ordering import working as ordering
from clients.sending import working as sending
from clients.shuffles import scheduling, seedbook, working
from clients.talking import working as talking
from clients.webhooks import forgetting
from clients.webhooks.working import process


@app.task(name="clients.dispatch", soft_time_limit=20, time_limit=30)  # a few queries; the next tick does what this one left
def dispatch() -> None:
    dispatching.hand_out()
    dispatching.hand_out_shuffles()
    dispatching.hand_out_mails()
    dispatching.hand_out_messages()
    dispatching.hand_out_tests()
    dispatching.hand_out_leads()
    dispatching.hand_out_events()
    dispatching.hand_out_forgetting()


@app.task(name="clients.sync_feed")
def sync_feed(feed_id: int) -> None:
    # Handed out twice, or while another worker had it: no longer due. A worker that stops leaves it to the next.
    feed = Feed.objects.due().select_related("connection").filter(pk=feed_id).first()
    if feed and not sync.stopping.is_set():
        rooms.run(feed)


@app.task(name="clients.apply_change")
def apply_change(change_id: int) -> None:
    change = Change.objects.due().filter(pk=change_id).first()
    if change:
        rooms.act(selecting.vendors(change), work, change_id)


@app.task(name="clients.run_shuffle")
def run_shuffle(shuffle_id: int) -> None:
    rooms.act(_vendors(Shuffle.objects.all(), shuffle_id), working.run, shuffle_id)


@app.task(name="clients.make_test")
def make_test(order_id: int) -> None:
    rooms.act(_vendors(TestOrder.objects.all(), order_id), ordering.run, order_id)


@app.task(name="clients.upload_leads")
def upload_leads(upload_id: int) -> None:
    rooms.act(_vendors(LeadUpload.objects.all(), upload_id), leads.run, upload_id)


@app.task(name="clients.carry_out_schedule")
def carry_out_schedule(schedule_id: int) -> None:
    rooms.act(_vendors(ShuffleSchedule.objects.all(), schedule_id), scheduling.carry_out, schedule_id)


@app.task(name="clients.send_mail")
def send_mail(mail_id: int) -> None:
    rooms.act(_vendors(Mail.objects.all(), mail_id), sending.send, mail_id)


@app.task(name="clients.send_message")
def send_message(message_id: int) -> None:
    rooms.act(_vendors(Message.objects.all(), message_id), talking.send, message_id)


@app.task(name="clients.keep_seed_book")
def keep_seed_book(connection_id: int) -> None:
    rooms.act(_vendors(Connection.objects.all(), connection_id, "vendor"), seedbook.bring_up, connection_id)


def _vendors(rows: QuerySet[Any], pk: int, name: str = "connection__vendor") -> list[str]:
    """Of a row that is no longer there, none: its work finds nothing to do."""
    return list(rows.order_by().filter(pk=pk).values_list(name, flat=True))


@app.task(name="clients.process_events")
def process_events(hook_id: int) -> None:
    # Handed out twice, or while another worker had it: nothing waits any more.
    if not sync.stopping.is_set():
        process(hook_id)


@app.task(name="clients.forget_payloads")
def forget_payloads() -> None:
    # Handed out twice: each forgets some.
    if not sync.stopping.is_set():
        forgetting.forget()


@signals.worker_shutting_down.connect
def _park_at_the_next_checkpoint(**_: Any) -> None:
    sync.stopping.set()
