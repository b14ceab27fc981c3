"""How often, and after how long, a read is tried again. Nothing else in the product repeats a call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from clients.vendors import waiting
from clients.vendors.errors import AccessDenied, Busy, UnexpectedAnswer, VendorDown, VendorError


@dataclass(frozen=True)
class Patience:
    """All in seconds. `tries`: how long each try may take, from connecting to the last byte of its body."""

    tries: tuple[float, ...] = (30, 20, 20, 20, 20)
    waits: tuple[float, ...] = (0.5, 1, 2, 4)  # after each failed try but the last, less a random part
    whole: float = 120  # all tries and waits together
    busy: float = 10  # a longer 'not now' goes back to the queue instead of holding a worker
    refusals: int = 3
    denials: int = 1  # so often a refused key is tried again: gateways refuse good ones while they restart


#: For a person who waits in front of a page.
QUICK = Patience(tries=(10, 5, 5), waits=(0.3, 0.6), whole=20, busy=2, refusals=1)
#: For a page that is shown to somebody: it comes without the vendor then.
GLANCE = Patience(tries=(5, 3), waits=(0.3,), whole=5, busy=1, refusals=1)


def patiently[T](attempt: Callable[[float], T], patience: Patience) -> T:
    """`attempt` is given the seconds it may take. Raises what the last try raised."""
    end = time.monotonic() + patience.whole
    faults = denials = refusals = 0
    while True:
        problem: VendorError
        try:
            return attempt(min(patience.tries[faults], max(0.1, end - time.monotonic())))
        except (VendorDown, UnexpectedAnswer) as error:
            problem, faults = error, faults + 1
            given_up = faults >= len(patience.tries)
            wait = 0 if given_up else patience.waits[faults - 1] * random.uniform(0.5, 1)  # noqa: S311
        except AccessDenied as error:
            problem, denials, wait = error, denials + 1, 1
            given_up = denials > patience.denials
        except Busy as error:
            problem, refusals, wait = error, refusals + 1, error.retry_after
            given_up = refusals > patience.refusals or wait > patience.busy
        if given_up or time.monotonic() + wait >= end:
            raise problem from None
        waiting.pause(wait)
