"""The queue. What is due lives in the database (`clients.dispatching`); a message only says 'look now', so losing one costs a
tick and getting one twice finds the claim taken.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery, signals
from celery.contrib.django.task import DjangoTask
from celery.exceptions import SecurityWarning
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

from django.conf import settings

#: Asked for by a person; by the clock; and the clock itself. A worker takes from all three in turn, so a person's request waits
#: for one task, never for the schedule's backlog.
ASKED, SCHEDULED, TICKS = "asked", "scheduled", "ticks"

TICK = {
    "task": "clients.dispatch",
    "schedule": settings.DISPATCH_SECONDS,
    # A tick that nobody took in time is followed by the next.
    "options": {"queue": TICKS, "expires": settings.DISPATCH_SECONDS},
}


class Task(DjangoTask):
    """A task whose message, without a broker, can't be sent from where no worker would ever see it."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        from agency import dispatcher

        if settings.EMBEDDED_QUEUE and not dispatcher.is_here():
            raise RuntimeError("Without a broker only the worker's own process can send a task: use agency.queue.announce().")
        return super().apply_async(*args, **options)


app = Celery("inboxdeck", task_cls=Task, broker=settings.CELERY_BROKER_URL or "memory://localhost/")
app.conf.update(
    task_queues=[Queue(name) for name in (ASKED, SCHEDULED, TICKS)],
    task_default_queue=SCHEDULED,
    task_create_missing_queues=False,
    # Runs, changes and events are the record of what happened; nobody asks Celery.
    task_ignore_result=True,
    result_backend=None,
    accept_content=["json"],
    task_serializer="json",
    # Celery's defaults lose tasks when a worker is killed. Doing one twice is harmless here, losing one costs a tick.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={
        "visibility_timeout": 120,  # a killed worker's messages come back; a long run's second message finds the claim taken
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "global_keyprefix": settings.QUEUE_PREFIX,  # of Redis' keys; RabbitMQ has virtual hosts
        "polling_interval": 0.1,  # memory:// sleeps a second otherwise
        "socket_connect_timeout": 3,
        "socket_timeout": 30,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a broker that is away for an hour is no reason to give up
    # Whoever announces has written the row already: two quick tries, then the tick finds it.
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
    # Threads: work waits for vendors, and `sync.stopping` must be seen by all of it. More processes, not more pools.
    worker_pool="threads",
    worker_concurrency=settings.WORKER_THREADS,
    # Only a pool of processes enforces these; threads are bound by the vendor door's timeouts and deadlines.
    task_soft_time_limit=45 * 60,  # a first sync of 120 days at the slowest pace
    task_time_limit=50 * 60,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_schedule={"dispatch": TICK},
    beat_schedule_filename=str(settings.DATA_DIR / "beat"),
    beat_max_loop_interval=min(5, settings.DISPATCH_SECONDS),
)
app.autodiscover_tasks()
# That root runs it: where that is wrong, it is as wrong for the web process, which says nothing either.
warnings.filterwarnings("ignore", category=SecurityWarning)


@signals.setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """That someone listens keeps Celery from setting up its own: LOGGING holds, one event is one line."""


@signals.worker_init.connect
def _worker_starts(**_: Any) -> None:
    from agency import start

    start.refuse_bad_ring()


@signals.worker_ready.connect
def _worker_ready(**_: Any) -> None:
    from agency import dispatcher, start

    if settings.EMBEDDED_QUEUE:
        dispatcher.begin()
    start.say_ready()


@signals.worker_shutting_down.connect
def _worker_stops(**_: Any) -> None:
    from agency import dispatcher, start

    dispatcher.end()
    start.be_gone_within(start.STOP_SECONDS)
