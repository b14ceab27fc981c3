"""Fetching ahead: while one page is written, the next is already on its way.

One thread fetches into a small buffer; the caller takes what has arrived. Where the vendor is slower than the database,
each page is handed over alone; where it is faster, small pages come together, up to BATCH_ROWS. A key with a pace is not
read ahead: the wait for its next call is longer than the write, and a killed worker has one page in vain, never two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any

from django.db import connection as database

from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.records import Page, Record

BATCH_ROWS = 1000
#: Pages without a new row, one after the other, before the vendor's cursors are called broken.
EMPTY_PAGES = 20
#: How often, in seconds, a caller that waits for a page looks whether it should go on waiting.
POLL = 0.5

#: The field that a broken walk is blamed on: its pass starts anew (`clients.outcomes`).
CURSOR = "next_page_token"

type Read = Callable[[str | None], Page[Any]]
type Ended = Callable[[Page[Any]], bool]
type Beat = Callable[[], None]
type Arrivals = Queue[Page[Any] | BaseException | None]


class Guard:
    """Cursors that go in circles or nowhere end with a named error instead of never."""

    def __init__(self, first: str | None) -> None:
        self._seen: set[int] = {hash(first)}
        self._contents: set[int] = set()
        self._idle = 0

    def check(self, page: Page[Any]) -> None:
        self._idle = 0 if self._is_new(page) else self._idle + 1
        if self._idle >= EMPTY_PAGES:
            raise UnexpectedAnswer(f"The vendor sent {EMPTY_PAGES} pages in a row with nothing new, and promised more.", CURSOR)
        if page.cursor is None:
            return
        if hash(page.cursor) in self._seen:
            raise UnexpectedAnswer("The vendor's list goes in a circle: a cursor came back.", CURSOR)
        self._seen.add(hash(page.cursor))

    def _is_new(self, page: Page[Any]) -> bool:
        """Whether it holds rows, and is not one of the earlier pages over again."""
        if not page.records:
            return bool(page.set_aside)
        known = len(self._contents)
        self._contents.add(hash((len(page.records), _key(page.records[0]), _key(page.records[-1]))))
        return len(self._contents) > known


def _key(record: Record) -> object:
    """What names a record is its first field."""
    return getattr(record, record.__struct_fields__[0])


def _never(page: Page[Any]) -> bool:
    return False


@dataclass(frozen=True)
class Walk:
    """A list from `cursor` on. `beat()` is called every POLL seconds of waiting. `ended(page)`: the rest need not be read.
    `stop` is looked at before each read: what has arrived by then is still handed over, and the walk ends early without a
    word. `paced`: see above."""

    read: Read
    cursor: str | None
    beat: Beat
    ended: Ended = _never
    stop: threading.Event = field(default_factory=threading.Event)
    paced: bool = False

    def batches(self) -> Iterator[list[Page[Any]]]:
        if database.in_atomic_block:
            # A second database connection would not see the caller's rows.
            yield from ([page] for page in _pages(self))
        else:
            yield from _ahead(self)


def _pages(walk: Walk) -> Iterator[Page[Any]]:
    guard = Guard(walk.cursor)
    cursor = walk.cursor
    while not walk.stop.is_set():
        page = walk.read(cursor)
        guard.check(page)
        if walk.ended(page):
            page = Page(page.records, None, page.set_aside, page.notes)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


def _ahead(walk: Walk) -> Iterator[list[Page[Any]]]:
    arrived: Arrivals = Queue()
    room = _Room(1 if walk.paced else 2 * BATCH_ROWS)

    def fetch() -> None:
        try:
            for page in _pages(walk):
                arrived.put(page)
                if not room.take(_weight(page)):
                    return
            arrived.put(None)
        except BaseException as error:  # noqa: BLE001  (handed to the caller, whatever it is)
            arrived.put(error)
        finally:
            database.close()

    thread = threading.Thread(target=fetch, name="fetch", daemon=True)
    thread.start()
    try:
        yield from _batches(arrived, room, walk.beat)
    finally:
        room.close()
        # After the last page it ends by itself; one that still waits for the vendor finds nobody to read on.
        thread.join(POLL)


def _batches(arrived: Arrivals, room: _Room, beat: Beat) -> Iterator[list[Page[Any]]]:
    while True:
        item = _next(arrived, beat)
        batch: list[Page[Any]] = []
        rows = 0
        while isinstance(item, Page):
            batch.append(item)
            rows += _weight(item)
            if rows >= BATCH_ROWS or item.cursor is None:
                item = None if item.cursor is None else item
                break
            try:
                item = arrived.get_nowait()
            except Empty:
                break
        if batch:
            yield batch
            room.give(rows)
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return


def _next(arrived: Queue[Any], beat: Beat) -> Any:
    while True:
        try:
            return arrived.get(timeout=POLL)
        except Empty:
            beat()


def _weight(page: Page[Any]) -> int:
    """Rows; an empty page takes room as well."""
    return max(1, len(page.records))


class _Room:
    """How many rows may be in hand and wait, so that memory does not grow with the list."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()

    def take(self, rows: int) -> bool:
        """Waits until there is room for more; False when nobody will read on."""
        with self._changed:
            self._waiting += rows
            self._changed.wait_for(lambda: self._closed or self._waiting < self._most)
            return not self._closed

    def give(self, rows: int) -> None:
        with self._changed:
            self._waiting -= rows
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
