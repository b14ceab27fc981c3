from __future__ import annotations

import time
from collections.abc import Callable

#: So many milliseconds may a browser take for what it should do at once: a loaded machine is no failure.
PATIENCE = 60_000


def wait_until[T](condition: Callable[[], T], seconds: float = 60.0, *, what: str = "") -> T:
    """What the condition gives once that is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what or condition}"
        time.sleep(0.03)
    return found
