"""Several who do something in the same moment, in threads of their own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from django.db import connection


def meet(gate: threading.Barrier, seconds: float = 2) -> None:
    """Those whom a lock keeps out never come; the other goes on."""
    with contextlib.suppress(threading.BrokenBarrierError):
        gate.wait(timeout=seconds)


def at_once(act: Callable[[], object], several: int = 2) -> None:
    def one() -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(several)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
