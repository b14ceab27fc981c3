"""What web and worker do when they start and when they stop."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: A stop that takes longer is ended: what was under way is found again by its row and its lease.
STOP_SECONDS = 8.0


def refuse_bad_ring() -> None:
    """Exits, saying why, when CREDENTIAL_KEYS can't open what is stored."""
    from agency.secrets import verify_ring  # the apps must have been loaded

    try:
        verify_ring()
    except ImproperlyConfigured as error:
        raise SystemExit(f"Not started: {error}") from None


def say_ready() -> None:
    """For whoever started this process and named a file to be made."""
    if named := os.environ.get("READY_FILE"):
        Path(named).touch()


def be_gone_within(seconds: float) -> None:
    threading.Thread(target=_exit_after, args=(seconds,), name="last-resort", daemon=True).start()


def _exit_after(seconds: float) -> None:
    time.sleep(seconds)
    os._exit(1)
