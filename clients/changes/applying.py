"""Applying a plan: just its items, each sent once, in the background; parked and gone on with, stopped, read back.

One run reads what the vendor has now, sends what is left, and reads again. Whatever ends it, a run that follows starts by
reading: an item that was on its way when a worker died is never sent blindly.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import DatabaseError, transaction

from agency.secrets import Unreadable
from clients.changes import calls, ending, jobs, judging, payloads, selecting
from clients.changes.ending import Park
from clients.changes.holding import Hold, Stopped
from clients.changes.planning import barred_from
from clients.changes.reading import Part, Reading, read, selected
from clients.changes.sending import WORKER_STOPPED, Sending
from clients.models import UNSETTLED, ChangeItem, ChangeState, ItemState
from clients.vendors.base import Vendor
from clients.vendors.errors import VendorError

log = logging.getLogger(__name__)

#: So soon a change looks again whether another one has let go of its senders.
BEHIND = timedelta(seconds=5)

SENT_BEFORE = "It is so by now: an earlier try was carried out, or somebody else has done the same."
DONE_BY_ANOTHER = "Somebody else has done the same meanwhile."


def run(hold: Hold) -> None:
    """One go at a change that is due. Raises `Lost`."""
    _Run(hold).go()


class _Run:
    def __init__(self, hold: Hold) -> None:
        self.hold, self.change = hold, hold.change
        self.parks: list[Park] = []
        self.first = not self.change.items.exclude(sent_at=None).exists()
        self.done = self._number_done()

    def go(self) -> None:
        if not self._take_up():
            return
        try:
            self._work()
        except Stopped:
            ending.wait(self.hold, WORKER_STOPPED, timedelta())

    def _work(self) -> None:
        parts = self._by_part()
        readings: dict[Part, Reading] = {}
        for part, items in parts:
            self._look(part, items, readings)
        if self.first and self._stale(parts, readings):
            return
        for part, items in parts:
            if part in readings:
                self._send(part, items, readings[part])
        ending.end(self.hold, self.parks, progress=self._number_done() > self.done)

    def _number_done(self) -> int:
        return self.change.items.filter(state=ItemState.DONE).count()

    def _take_up(self) -> bool:
        """Holds the senders; False when there is nothing to send, or another change holds some of them."""
        self.change.state, self.change.resume_at = ChangeState.APPLYING, None
        self.hold.save("state", "resume_at")
        if self.change.stop_requested:
            ending.leave(self.change)
        try:
            with transaction.atomic():
                self.hold.renew()
                self.change.items.filter(state=ItemState.PLANNED).update(state=ItemState.QUEUED, why="")
        except DatabaseError:
            # The constraint on unsettled items, or a deadlock of two who meet there.
            ending.wait(self.hold, f"Another change of the same {selecting.noun(self.change.selector)}s goes first.", BEHIND)
            return False
        return True

    def _by_part(self) -> list[tuple[Part, list[ChangeItem]]]:
        states = [*UNSETTLED, *([ItemState.NOOP] if self.first else [])]
        items = self.change.items.filter(state__in=states).select_related("sender", "campaign", "connection").order_by("pk")
        parts: dict[Part, list[ChangeItem]] = defaultdict(list)
        for item in items:
            parts[Part(item.connection, item.about.workspace, item.campaign_id is not None)].append(item)
        return list(parts.items())

    def _look(self, part: Part, items: list[ChangeItem], readings: dict[Part, Reading]) -> None:
        """Reads, and settles what an earlier run left in between."""
        if barred := barred_from(part.connection):
            ending.fail(items, barred)
            return
        bulk = any(item.call is not None and item.state == ItemState.QUEUED for item in items)
        between = [item for item in items if item.state in (ItemState.SENDING, ItemState.SENT)]
        try:
            with part.open() as vendor:
                at_work = jobs.look(vendor, between)
                if at_work.under_way:
                    self.parks.append(at_work.park(vendor.label))
                    items = [item for item in items if item not in at_work.under_way]
                    between = [item for item in between if item not in at_work.under_way]
                if not items:
                    return
                found = read(part, vendor, [item.key for item in items], self.hold.beat, whole=bulk)
                self._keep(judging.settle(between, found, vendor.label, at_work.ends))
                self._check_calls(part, vendor, items, found)
        except (VendorError, Unreadable) as error:
            self._fault(part, items, error)
        else:
            readings[part] = found

    def _check_calls(self, part: Part, vendor: Vendor, items: list[ChangeItem], found: Reading) -> None:
        """A call for a whole domain or tag is made only while it still touches just what was planned."""
        for call in self.change.calls:
            if call["number"] is None:
                continue
            carried = [item for item in items if item.call == call["number"] and item.state == ItemState.QUEUED]
            if call["connection"] != part.connection.pk or not carried:
                continue
            intact = len(carried) == call["senders"] and not any(judging.drift(item, found) for item in carried)
            if intact and self._touches_just(vendor, call, carried, found):
                continue
            for item in carried:
                item.call = None
                if self.first and intact:
                    item.why = "Which senders one call would touch has changed."
            ChangeItem.objects.bulk_update(carried, ["call"], batch_size=500)

    def _touches_just(self, vendor: Vendor, call: calls.Call, carried: list[ChangeItem], found: Reading) -> bool:
        """These items, and beside them at most such as are so already."""
        ours = calls.touches(found, call["kind"], call["value"])
        others = ours - {item.key for item in carried}
        if not found.whole or not all(payloads.meets(payloads.state_of(found.records[key]), carried[0].after) for key in others):
            return False
        return ours == selected(vendor, call["kind"], call["value"], self.hold.beat)

    def _stale(self, parts: list[tuple[Part, list[ChangeItem]]], readings: dict[Part, Reading]) -> bool:
        """Nothing has been sent yet: where anything is not as the plan says, nothing is."""
        moved = []
        for part, items in parts:
            for item in items if part in readings else ():
                item.why = judging.drift(item, readings[part]) or item.why
                if item.why and item.state in (ItemState.QUEUED, ItemState.NOOP):
                    moved.append(item)
        if moved:
            ending.stale(self.hold, moved)
        return bool(moved)

    def _send(self, part: Part, items: list[ChangeItem], found: Reading) -> None:
        self._keep(_drifted([item for item in items if item.state == ItemState.QUEUED], found))
        queued = [item for item in items if item.state == ItemState.QUEUED]
        if not queued:
            return
        try:
            with part.open() as vendor:
                self.parks += Sending(self.hold, part, vendor, queued).go()
        except (VendorError, Unreadable) as error:
            self._fault(part, queued, error)

    def _fault(self, part: Part, items: list[ChangeItem], error: Exception) -> None:
        if park := ending.fault(self.change, part.connection, items, error):
            self.parks.append(park)

    def _keep(self, items: list[ChangeItem]) -> None:
        if items:
            with transaction.atomic():
                self.hold.renew()
                ChangeItem.objects.bulk_update(items, ["state", "why", "found", "sent_at"], batch_size=500)


def _drifted(items: list[ChangeItem], found: Reading) -> list[ChangeItem]:
    """Those that somebody has changed while this change was parked: they are not overwritten."""
    moved = []
    for item in items:
        if why := judging.drift(item, found):
            state = found.state(item.key)
            item.found = state or {}
            item.state, item.why = ItemState.FAILED, f"{why} Not overwritten."
            if state and payloads.meets(item.found, item.after):
                item.state, item.why = ItemState.DONE, SENT_BEFORE if item.sent_at else DONE_BY_ANOTHER
            moved.append(item)
    return moved
