from __future__ import annotations

import time
from collections.abc import Callable

#: So many milliseconds may a browser take for what it should do at once: a loaded machine is no failure.
PATIENCE = 60_000


def wait_until[T](condition: Callable[[], T], seconds: float = 60.0, *, what: str = "") -> T:
    """What the condition gives once that is true; fails after so many seconds."""
    began = time.monotonic()
    while not (found := condition()):
        waited = time.monotonic() - began
        assert waited < seconds, f"not within {seconds:g} s: {what or condition}"
        # Each look takes from what is waited for: a connection, or all of /proc.
        time.sleep(min(0.1, 0.03 + waited / 50))
    return found
