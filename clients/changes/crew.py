"""Several calls to one vendor at a time, on the key's one budget: while one waits for its answer, the next is on its way.

The threads do nothing but call; what becomes of items is written by whoever holds the change.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from queue import Empty, Queue, SimpleQueue
from typing import Self

from django.db import connection as database

from clients.changes import payloads
from clients.changes.calls import CAMPAIGN, DOMAIN, TAG
from clients.changes.reading import Part
from clients.models import ChangeItem
from clients.vendors.base import Vendor
from clients.vendors.errors import UnexpectedAnswer, VendorError
from clients.vendors.records import Handed

log = logging.getLogger(__name__)

MOST = 8


@dataclass(frozen=True)
class Send:
    """One call: what it is told, and the items it carries."""

    kind: str
    value: str
    items: list[ChangeItem]

    def __call__(self, vendor: Vendor, part: Part) -> Handed:
        what, keys = payloads.order(self.items[0].after), [part.own(item.key) for item in self.items]
        if self.kind in (DOMAIN, TAG):
            vendor.edit_all(self.kind, self.value, what)
        elif self.kind == CAMPAIGN:
            vendor.edit_campaign(keys[0], str(what))
        elif vendor.at_once(what) > 1:
            return vendor.edit_several(keys, what)
        else:
            vendor.edit(keys[0], what)
        return Handed()


@dataclass(frozen=True)
class Sent:
    send: Send
    error: VendorError | None
    handed: Handed = field(default_factory=Handed)


def size(rate: float) -> int:
    """So many that a slow answer does not hold up the pace, and few enough to stop soon."""
    return MOST if not rate else max(2, min(MOST, int(rate)))


class Crew:
    """To be used in a `with`, which ends when every call that was given has its answer."""

    def __init__(self, part: Part, vendor: Vendor, size: int) -> None:
        self._part, self._vendor = part, vendor
        self._given: SimpleQueue[Send | None] = SimpleQueue()
        self._answered: Queue[Sent] = Queue()
        self._threads = [threading.Thread(target=self._work, name=f"send-{n}", daemon=True) for n in range(size)]
        for thread in self._threads:
            thread.start()

    def give(self, send: Send) -> None:
        self._given.put(send)

    def answers(self, seconds: float) -> list[Sent]:
        """What has come back; waits so long for the first."""
        try:
            found = [self._answered.get(timeout=seconds)]
        except Empty:
            return []
        while True:
            try:
                found.append(self._answered.get_nowait())
            except Empty:
                return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads:
            self._given.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while send := self._given.get():
                self._answered.put(self._try(send))
        finally:
            # The budget is in the database, and each thread has a connection of its own.
            database.close()

    def _try(self, send: Send) -> Sent:
        try:
            return Sent(send, None, send(self._vendor, self._part))
        except VendorError as error:
            return Sent(send, error)
        except Exception as error:
            log.exception("A call to %s broke", self._vendor.slug)
            return Sent(send, UnexpectedAnswer(f"An error of our own ({type(error).__name__})."))
