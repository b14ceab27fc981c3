"""What web and worker do when they start and when they stop."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: A stop that takes longer is ended: what was under way is found again by its row and its lease.
STOP_SECONDS = 8.0
#: gunicorn gives up when a worker ends with this (`Arbiter.WORKER_BOOT_ERROR`); after any other it starts one more, for ever.
BOOT_ERROR = 3


def refuse_bad_ring(status: int = 1) -> None:
    """Exits, saying why in one line, when CREDENTIAL_KEYS can't open what is stored."""
    from agency.secrets import verify_ring  # the apps must have been loaded

    try:
        verify_ring()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Not started: {error}\n")
        raise SystemExit(status) from None


def say_ready() -> None:
    """For whoever started this process and named a file to be made."""
    if named := os.environ.get("READY_FILE"):
        Path(named).touch()


def be_gone_within(seconds: float) -> None:
    threading.Thread(target=_exit_after, args=(seconds,), name="last-resort", daemon=True).start()


def _exit_after(seconds: float) -> None:
    time.sleep(seconds)
    os._exit(1)
