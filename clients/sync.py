"""One run of one feed: lease → page → store + checkpoint → … → mark gone → outcome.

A batch of pages is one transaction with its checkpoint, so a killed worker loses at most what it had in hand. No HTTP
happens inside a transaction.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction
from django.utils import timezone

from agency.queue import announce
from agency.secrets import Unreadable
from clients import checkpointing, leases, meeting, outcomes
from clients.calling import open_vendor
from clients.models import Connection, Feed, Health, RunState, SyncRun
from clients.outcomes import Stopped, Withdrawn
from clients.passes import Checkpoint, Pass, begin, kind, resume
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.errors import StaleCursor, VendorDown, VendorError
from clients.vendors.records import Page
from clients.walking import Walk

log = logging.getLogger(__name__)

#: Set when the worker is asked to stop: a run parks at its checkpoint after the batch in hand.
stopping = threading.Event()


def run(feed_id: int, trigger: str = "schedule") -> SyncRun | None:
    """Brings one feed up to date. None when another worker has it, or when its connection may not be asked now."""
    token = leases.take_feed(feed_id)
    if token is None:
        return None
    feed = Feed.objects.select_related("connection__agency").get(pk=feed_id)
    if not _may_be_asked(feed.connection):
        leases.release(Feed, feed_id, token)
        return None
    return _Run(feed, token, trigger).go()


def request(connection: Connection, *, by_a_person: bool = True) -> int:
    """'Sync now': makes the connection's idle feeds due at once. How many there are; a running one is already at it."""
    now = timezone.now()
    ids = list(Feed.objects.unclaimed().filter(connection=connection).values_list("pk", flat=True))
    Feed.objects.filter(pk__in=ids).update(next_at=now, **({"requested_at": now} if by_a_person else {}))
    for pk in ids:
        announce("clients.sync_feed", pk)
    return len(ids)


def _may_be_asked(connection: Connection | checkpointing.Locked) -> bool:
    return connection.health == Health.OK and connection.removed_at is None


class _Run:
    def __init__(self, feed: Feed, token: uuid.UUID, trigger: str) -> None:
        self.feed = feed
        self.token = token
        good = feed.runs.filter(state__in=[RunState.OK, RunState.PARTIAL]).order_by("-started_at")
        self.row = SyncRun.objects.create(feed=feed, trigger=trigger, pages_expected=good.values_list("pages", flat=True).first())
        Feed.objects.filter(pk=feed.pk).update(last_run=self.row)
        self._renewed = time.monotonic()

    def go(self) -> SyncRun:
        try:
            with open_vendor(self.feed.connection) as vendor:
                if why := meeting.refusal(self.feed.connection, vendor):
                    raise Withdrawn(why)
                self._whole(vendor)
        except (leases.Lost, Connection.DoesNotExist):
            outcomes.lose(self.row)
        except (VendorError, Unreadable, Stopped, Withdrawn, DatabaseError) as error:
            outcomes.park(self.row, self.feed, self.token, error)
        except Exception as error:
            log.exception("Run %s of %s broke", self.row.uuid, self.feed)
            outcomes.park(self.row, self.feed, self.token, error)
        return self.row

    def _whole(self, vendor: Vendor) -> None:
        at = resume(self.feed)
        if at is None:
            return self._pass(vendor, begin(self.feed, self.row.pk))
        try:
            # What a killed worker heard last may be better now: a broken promise is asked for again before it is judged.
            return self._pass(vendor, at.before_hollow(), resumed=True)
        except StaleCursor:
            # Once, and only for a cursor that was kept: who refuses one that is seconds old would refuse the next as well.
            self._note("warning", "The vendor no longer takes our cursor: the pass starts again.")
            # Before anything else: should the first call of the new pass have to wait, the next run must not try it once more.
            self._renew(checkpoint=None)
        return self._pass(vendor, begin(self.feed, self.row.pk))

    def _pass(self, vendor: Vendor, at: Checkpoint, *, resumed: bool = False) -> None:
        work = kind(self.feed)(self.feed.connection, vendor, at)
        self._note(
            "info",
            f"Goes on at page {at.pages + 1}: those before it are counted in the runs that read them."
            if resumed
            else _opening(at),
        )
        while True:
            if not work.at.over:
                self._phase(work)
            following = work.following()
            if following is None:
                break
            self._begin_phase(work, following)
        self._doubt(work)
        if resumed or self._has_news():
            self._afterwards(work)
        with self._together(work):
            self._renew()
            self.row.gone, remark = work.finish()
            if remark:
                self._note("warning", remark)
            outcomes.complete(self.row, self.feed, work.at, remark)

    def _has_news(self) -> bool:
        """Something may have changed since a run last ended well; a new day is news as well."""
        ok = self.feed.last_ok_at
        return bool(self.row.new or self.row.changed or self.feed.failures) or ok is None or ok.date() != timezone.now().date()

    def _afterwards(self, work: Pass) -> None:
        for step in work.afterwards():
            with self._together(work):
                self._renew()
                step()

    def _doubt(self, work: Pass) -> None:
        """A list that ends too early is asked for again, from there: see `outcomes.believed`."""
        said = work.doubt(first=self.feed.last_ok_at is None)
        if not said or outcomes.believed(self.feed, said):
            return
        self._renew(checkpoint=work.at.before_hollow().as_json() if work.at.hollow else None)
        raise VendorDown(said)

    def _phase(self, work: Pass) -> None:
        paced = bool(work.vendor.rate())
        for batch in Walk(work.read, work.at.cursor, self._beat, work.ended, stopping, paced).batches():
            self._store(work, batch)
        if stopping.is_set():
            raise Stopped

    def _begin_phase(self, work: Pass, phase: str) -> None:
        with self._together(work):
            work.at.list_pages = work.at.list_pages or work.at.pages
            work.at.phase, work.at.cursor, work.at.rows, work.at.over = phase, None, 0, False
            self._note("info", f"Next: {_words(phase)}.")
            self._save(work)

    def _store(self, work: Pass, batch: list[Page[Any]]) -> None:
        try:
            self._keep(work, batch)
        except IntegrityError:
            # A pass may take rows for new until their key says otherwise: it looks for each of them the second time.
            self._keep(work, batch)

    def _keep(self, work: Pass, batch: list[Page[Any]]) -> None:
        records = [record for page in batch for record in page.records]
        with self._together(work):
            self._count(work, batch, work.store(records))
            self._save(work)

    def _count(self, work: Pass, batch: list[Page[Any]], stored: Stored) -> None:
        work.at.rows += stored.rows
        self.row.pages += len(batch)
        self.row.rows += stored.rows
        self.row.new += stored.new
        self.row.changed += stored.changed
        for page in batch:
            work.arrived(page)
            self._odd(page)

    @contextmanager
    def _together(self, work: Pass) -> Iterator[None]:
        """One transaction under the connection's lock: what it changes in the run and in the checkpoint is forgotten with it
        when it fails, and it fails unless the lease is still ours when the checkpoint is written."""
        row, at = copy.copy(self.row), replace(work.at)
        try:
            with transaction.atomic():
                self._lock(work)
                yield
        except BaseException:
            self.row, work.at = row, at
            raise

    def _lock(self, work: Pass) -> None:
        """Connection before feed, everywhere, so that no two transactions wait for each other."""
        locked = checkpointing.lock(self.feed.connection_id, unhurried=True)
        if why := outcomes.why_withdrawn(locked, self.feed.connection.fingerprint):
            raise Withdrawn(why)
        work.connection.scopes_version = locked.scopes_version
        work.refresh_scopes()

    def _save(self, work: Pass) -> None:
        self._renew_in_time()
        checkpointing.keep(self.feed.pk, self.token, work.at.as_json())
        expected = work.expected_pages()
        if expected:
            # Pages of this run, where a resumed pass has some behind it.
            self.row.pages_expected = max(self.row.pages, expected - (work.at.pages - self.row.pages))
        checkpointing.count(self.row)

    def _odd(self, page: Page[Any]) -> None:
        self.row.set_aside += len(page.set_aside)
        for text in page.set_aside[:20]:
            self._note("warning", f"Row set aside: {text}")
        for text in page.notes[:5]:
            self._note("info", text)

    def _note(self, level: str, text: str) -> None:
        outcomes.note(self.row, level, text)

    def _beat(self) -> None:
        if stopping.is_set():
            raise Stopped
        self._renew_in_time()

    def _renew_in_time(self) -> None:
        if time.monotonic() - self._renewed > leases.HEARTBEAT:
            self._renew()

    def _renew(self, **values: Any) -> None:
        leases.renew(Feed, self.feed.pk, self.token, **values)
        self._renewed = time.monotonic()


def _opening(at: Checkpoint) -> str:
    return f"Reads what is newer than {at.since}." if at.since else "Reads everything."


def _words(phase: str) -> str:
    phase, _, workspace = phase.partition("@")
    phase = {"list": "the list", "": "the list", "results": "results of tests"}.get(phase, phase)
    if workspace:
        return f"{phase} of workspace {workspace}"
    return phase.replace("split:", "placement at ").replace("_", " ").replace("detail", "placement of single broadcasts")
