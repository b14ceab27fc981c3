"""Events that the vendor keeps for a while: read from where the last pass ended, stored once beside those that were delivered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from clients.models import Event, EventSource, Feed
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.hooks import EventRecord
from clients.vendors.records import Page
from clients.webhooks import doors, effects, taking

#: What is read anew when the vendor no longer has all the events since the last pass.
INSTEAD = ("labels", "conversations")
LOST = "Numbers are missing since the last reading: in case the vendor no longer keeps those events, its lists are read anew."


class EventPass(Pass):
    model = Event

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        # The position is a cursor: where this pass goes on, not where it was left.
        return Checkpoint(pass_id, timezone.now().isoformat(), "list", cursor=feed.position or None)

    def read(self, cursor: str | None) -> Page[Any]:
        return self.vendor.events(cursor)

    def store(self, records: Sequence[EventRecord]) -> Stored:
        numbers = [record.seq for record in records if record.seq is not None]
        if not numbers:
            return Stored()
        feed = Feed.objects.filter(connection=self.connection, resource=effects.FEED)
        position = feed.values_list("position", flat=True).get()
        # In the first answer alone: further on the vendor's numbers may leave some out.
        self.at.lost |= position.isdigit() and not self.at.pages and min(numbers) > int(position) + 1
        known = Event.objects.filter(connection=self.connection, external_id__among=[one.external_id for one in records]).count()
        taking.store(self.connection.pk, list(records), EventSource.READ)
        feed.update(position=str(max([*numbers, int(position or 0)])))
        return Stored(len(records), len(records) - known, 0)

    @property
    def promises_hold(self) -> bool:
        return False

    def doubt(self, *, first: bool) -> str:
        return ""

    def following(self) -> str | None:
        return None

    def finish(self) -> tuple[int, str]:
        doors.wake(self.connection)
        if not self.at.lost:
            return 0, ""
        for feed in INSTEAD:
            effects.stir(self.connection, feed)
        return 0, LOST
