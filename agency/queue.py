"""Saying that a row has become due, to those who would find it at the next tick anyway."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction


def announce(task: str, *ids: int) -> None:
    """Sends the task of that pinned name once the transaction is committed; without a broker, does nothing.

    A broker that is away is logged and else ignored: the row is written, and the next tick finds it."""
    if settings.EMBEDDED_QUEUE:
        return
    from agency.celery import ASKED, app

    transaction.on_commit(partial(app.send_task, task, args=ids, queue=ASKED), robust=True)


def waiting(queue: str) -> int:
    """Messages that no worker has taken yet."""
    from agency.celery import app

    with app.connection_for_write() as connection, connection.channel() as channel:
        return int(app.amqp.queues[queue].bind(channel).queue_declare().message_count)
