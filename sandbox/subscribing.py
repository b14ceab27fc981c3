"""Addresses to which the vendors deliver by themselves, as those do where somebody has put in a webhook: first what happened
lately, then what happens.

POST /_sandbox/subscribe {vendor, account, url, secret, since} adds one, or has the account's go elsewhere; `since` is the day it
begins with, where not all of it is wanted. Nothing is lost while nobody answers: the vendor tries again as it says, and the rest
waits behind.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from sandbox.answers import Json
from sandbox.hooks import Endpoint, Postman
from sandbox.vendor import Tells

if TYPE_CHECKING:
    from sandbox.server import Sandbox

ROUND = 1.0
"""Seconds between two looks for tries that are due."""
LOOKS = 20.0
"""Seconds between two looks for what has happened."""
PAUSE = 0.004
"""Seconds between two letters: whoever reads them has other work too."""


@dataclass
class _Subscription:
    vendor: Tells
    account: str
    endpoint: Endpoint
    postman: Postman
    since: str = ""
    ahead: deque[dict[str, Json]] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)
    looked: float = float("-inf")


class Subscriptions:
    """`lock`: held while vendors are asked, and not while letters are on their way: whoever gets one may ask meanwhile."""

    def __init__(self, box: Sandbox, lock: threading.RLock, stopping: threading.Event) -> None:
        self._box, self._lock, self._stopping = box, lock, stopping
        self._all: dict[tuple[str, str], _Subscription] = {}
        self._thread: threading.Thread | None = None

    def add(self, vendor: str, account: str, url: str, secret: str, since: str = "") -> None:
        """Raises KeyError, TypeError."""
        found = self._box.vendors[vendor]
        if not isinstance(found, Tells):
            raise TypeError("this vendor delivers nothing")
        found.serves(account)
        scheme, retries = found.delivers
        one = _Subscription(found, account, Endpoint(url, secret, scheme), Postman(self._box.clock, retries), since)
        self._all[vendor, account] = one

    def start(self) -> None:
        """Rounds by themselves; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="subscriptions")
            self._thread.start()

    def clear(self) -> None:
        self._all.clear()

    def go_on(self) -> None:
        """One round: tries that are due, then what is new."""
        for one in list(self._all.values()):
            one.postman.go_on()
            if not one.ahead and monotonic() - one.looked >= LOOKS:
                self._look(one)
            self._send(one)

    def _look(self, one: _Subscription) -> None:
        one.looked = monotonic()
        with self._lock:
            told = [event for event in one.vendor.told(one.account) if _at(event) >= one.since]
        fresh = [event for event in told if str(event["id"]) not in one.known]
        one.known |= {str(event["id"]) for event in fresh}
        one.ahead.extend(fresh)

    def _send(self, one: _Subscription) -> None:
        while one.ahead and one.endpoint.url not in one.postman.closed and not self._stopping.wait(PAUSE):
            if one.postman.send(one.endpoint, one.ahead.popleft()) is None:
                return

    def _run(self) -> None:
        while not self._stopping.wait(ROUND):
            # A story that breaks must not end the deliveries of the others for good.
            with contextlib.suppress(Exception):
                self.go_on()


def _at(event: dict[str, Json]) -> str:
    """In whichever dress it comes."""
    return str(next(event[name] for name in ("created_at", "createdAt", "timestamp") if name in event))
