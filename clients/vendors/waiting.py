"""The one place that sleeps between two calls to a vendor; tests put their own `pause` here."""

from __future__ import annotations

import time


def pause(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)
