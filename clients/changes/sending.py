"""The calls of one part of a connection, paced and a few at a time; then the truth is read back.

An item is written down as 'being sent' before its call leaves, and what came of it as soon as it is known: a worker that dies
leaves no more in between than its crew had in hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils import timezone

from clients import lacking, pacing, sync
from clients.changes import calls, ending, jobs, judging
from clients.changes.calls import CAMPAIGN, SENDER
from clients.changes.crew import Crew, Send, Sent, size
from clients.changes.ending import Park
from clients.changes.holding import Hold
from clients.changes.reading import Part, read
from clients.models import Change, ChangeItem, ItemState
from clients.vendors import waiting
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, ScopeLacks, UnexpectedAnswer, VendorDown, VendorError

#: How often, in seconds, it is looked whether somebody wants it stopped while nothing comes back.
POLL = 0.5
#: After so many refusals for being too fast, one after the other, the change rests for a minute.
PATIENCE = 3 * 8
REST = 60.0
#: So often a key that refuses a change is asked whether it is good at all.
DOUBTS = 3
WORKER_STOPPED = "The worker was stopped; goes on where it was."


@dataclass
class _Halt:
    """Why nothing more is handed out: the last error, or None for somebody who wants it stopped."""

    error: VendorError | None = None


class Sending:
    """`queued` may be sent: they have just been read, and are as the plan says."""

    def __init__(self, hold: Hold, part: Part, vendor: Vendor, queued: list[ChangeItem]) -> None:
        self.hold, self.part, self.vendor = hold, part, vendor
        self.items = queued
        self.rate = vendor.rate()
        self.halt: _Halt | None = None
        self.busy = self.lost = 0  # in a row
        self.doubts = 0
        self.parks: list[Park] = []

    def go(self) -> list[Park]:
        """What is left for later. Raises `Lost`, and `VendorError` where the result can't be read."""
        while self._queued() and not self.halt:
            self._send_all()
            if self.halt and isinstance(self.halt.error, AccessDenied) and self.doubts < DOUBTS:
                # One refusal among many may be the sender's own: who may read has a good key.
                self.vendor.check()
                self.doubts, self.halt = self.doubts + 1, None
        try:
            self._read_back()
        except Busy:
            # The vendor has said 'not now' to a write already, in its own words: those are for the page.
            if not self.halt or not isinstance(self.halt.error, Busy):
                raise
        return self.parks + (self._parks(self.halt.error) if self.halt else [])

    def _queued(self) -> list[ChangeItem]:
        return [item for item in self.items if item.state == ItemState.QUEUED]

    def _parks(self, error: VendorError | None) -> list[Park]:
        if error is None:
            if sync.stopping.is_set() and not self._stop_requested():
                return [Park(timezone.now(), WORKER_STOPPED)]
            ending.leave(self.hold.change)
            return []
        park = ending.fault(self.hold.change, self.part.connection, self._queued(), error)
        return [park] if park else []

    def _send_all(self) -> None:
        left = self._sends()
        width = size(self.rate)
        with Crew(self.part, self.vendor, width) as crew:
            flying = self._hand_out(crew, left, [], width)
            while flying:
                answered = crew.answers(POLL)
                flying -= len(answered)
                if answered:
                    flying += self._hand_out(crew, left, answered, width - flying)
                else:
                    self.hold.keep()

    def _sends(self) -> Iterator[Send]:
        queued = self._queued()
        groups: dict[int, list[ChangeItem]] = defaultdict(list)
        for item in queued:
            if item.call is not None:
                groups[item.call].append(item)
        for call in self.hold.change.calls:
            if call["number"] in groups:
                yield Send(call["kind"], call["value"], groups[call["number"]])
        named = [item for item in queued if item.call is None]
        if self.part.campaigns:
            yield from (Send(CAMPAIGN, "", [item]) for item in named)
        else:
            yield from (Send(SENDER, "", some) for some in calls.together(type(self.vendor), named))

    def _hand_out(self, crew: Crew, sends: Iterator[Send], answered: list[Sent], room: int) -> int:
        """Writes down what came back and what leaves next, then lets it leave; how many do."""
        pause = 0.0
        with transaction.atomic():
            self.hold.renew()
            for one in answered:
                pause = max(pause, self._answered(one))
            self._look_for_a_stop()
            leaving = [] if self.halt else list(islice(sends, room))
            for send in leaving:
                self._write(send.items, ItemState.SENDING)
        if pause and not self.rate:
            # Without a budget nobody else waits.
            waiting.pause(pause)
        for send in leaving:
            crew.give(send)
        return len(leaving)

    def _answered(self, one: Sent) -> float:
        """Seconds to wait before the next."""
        items, error = one.send.items, one.error
        if error is None:
            self.busy = self.lost = 0
            lacking.allow(self.part.connection, self._acts_on)
            refused = {address.lower() for address in one.handed.refused}
            self._write([item for item in items if item.email.lower() not in refused], ItemState.SENT, job=one.handed.job)
            self._write(
                [item for item in items if item.email.lower() in refused],
                ItemState.FAILED,
                f"{self.vendor.label} did not take it.",
            )
        elif isinstance(error, Busy):
            return self._too_fast(items, error)
        elif isinstance(error, (VendorDown, UnexpectedAnswer)):
            # Nobody knows whether it was carried out; `judging` finds out.
            self._write(items, ItemState.SENDING, str(error))
            self.lost += 1
            if self.lost >= size(self.rate):
                self.halt = self.halt or _Halt(error)
        else:
            self._write(items, ItemState.FAILED, str(error))
            lacking.refuse(self.part.connection, self._acts_on, error)
            # A key that lacks the scope for one lacks it for all.
            if isinstance(error, ScopeLacks) or (isinstance(error, AccessDenied) and self.doubts < DOUBTS):
                self.halt = self.halt or _Halt(error)
        return 0.0

    @property
    def _acts_on(self) -> str:
        return lacking.CAMPAIGNS if self.part.campaigns else lacking.SENDERS

    def _too_fast(self, items: list[ChangeItem], error: Busy) -> float:
        self._write(items, ItemState.QUEUED)
        self.busy += 1
        if error.retry_after > pacing.LONGEST or self.busy > PATIENCE:
            self.halt = self.halt or _Halt(Busy(str(error), max(error.retry_after, REST if self.busy > PATIENCE else 0)))
        return 0.0 if self.halt else error.retry_after

    def _write(self, items: list[ChangeItem], state: ItemState, why: str = "", job: str = "") -> None:
        if not items:
            return
        sent_at = None if state == ItemState.QUEUED else timezone.now()
        for item in items:
            item.state, item.why, item.job = state, why[:300], job
            item.sent_at = sent_at if state in (ItemState.QUEUED, ItemState.SENDING) else item.sent_at
        rows = ChangeItem.objects.filter(pk__in=[item.pk for item in items])
        rows.update(state=state, why=why[:300], job=job, sent_at=items[0].sent_at)

    def _look_for_a_stop(self) -> None:
        if sync.stopping.is_set() or self._stop_requested():
            self.halt = self.halt or _Halt()

    def _stop_requested(self) -> bool:
        return Change.objects.filter(pk=self.hold.change.pk, stop_requested=True).exists()

    def _read_back(self) -> None:
        between = [item for item in self.items if item.state in (ItemState.SENDING, ItemState.SENT)]
        at_work = jobs.look(self.vendor, between)
        if at_work.under_way:
            self.parks.append(at_work.park(self.vendor.label))
        between = [item for item in between if item not in at_work.under_way]
        if not between:
            return
        found = read(self.part, self.vendor, [item.key for item in between], self.hold.beat)
        judging.settle(between, found, self.vendor.label, at_work.ends)
        with transaction.atomic():
            self.hold.renew()
            ChangeItem.objects.bulk_update(between, ["state", "why", "found"], batch_size=500)
