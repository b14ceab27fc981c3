"""Beat's place in the embedded worker: a thread that finds what is due. (`worker -B` would start a process of its own, which
can't see `memory://`.)"""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

log = logging.getLogger(__name__)
_stop = threading.Event()
_thread: threading.Thread | None = None


def begin() -> None:
    global _thread  # noqa: PLW0603  (one per process, like the queue it feeds)
    _stop.clear()
    _thread = threading.Thread(target=_tick_until_stopped, name="dispatcher", daemon=True)
    _thread.start()


def end() -> None:
    """Returns at once: it is called from a signal's handler."""
    _stop.set()


def is_here() -> bool:
    """Whether this is the embedded worker's process."""
    return _thread is not None


def _tick_until_stopped() -> None:
    while not _stop.wait(settings.DISPATCH_SECONDS):
        _tick()
    connection.close()


def _tick() -> None:
    from agency.celery import TICK, app

    try:
        close_old_connections()
        # Called, not sent: with all threads at work a message would wait behind them.
        app.tasks[str(TICK["task"])]()
    except DatabaseError as error:
        log.warning("The database does not answer, the next tick tries again: %s", error)
        connection.close()
    except Exception:  # the thread is the only one that finds work: it outlives what it can't explain
        log.exception("A tick failed, the next one tries again")
