"""Conversations and the labels they carry: lists that are read whole, beside the events that tell of them in between.

A row that an event has told since the pass began is newer than the list, and is left as it is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone

from clients.models import Connection, Conversation, ConversationLabel, Event, Feed
from clients.passes import telling
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.records import Page
from clients.webhooks import effects
from clients.webhooks.effects import Told
from clients.webhooks.known import Known


def mark_now(connection: Connection) -> int:
    """What a list that is read from now on has behind it for certain."""
    if effects.FEED in connection.vendor_class.feeds:
        position = connection.feeds.filter(resource=effects.FEED).values_list("position", flat=True).first() or ""
        return int(position) if position.isdigit() else 0
    return int(Event.objects.filter(connection=connection).aggregate(last=Max("mark"))["last"] or 0)


class _OneAfterTheOther(Pass):
    """Phases are lists of the vendor's that stand beside each other."""

    @classmethod
    @abstractmethod
    def phases(cls, vendor: type[Vendor]) -> Sequence[str]: ...

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        first = cls.phases(feed.connection.vendor_class)[0]
        return Checkpoint(pass_id, timezone.now().isoformat(), first, mark=mark_now(feed.connection))

    def following(self) -> str | None:
        phases = self.phases(type(self.vendor))
        rest = phases[phases.index(self.at.phase) + 1 :]
        return rest[0] if rest else None

    def told(self) -> Told:
        return Told(self.at.mark, timezone.now(), self.at.pass_id)


class ConversationPass(_OneAfterTheOther):
    model = Conversation

    @classmethod
    def phases(cls, vendor: type[Vendor]) -> Sequence[str]:
        return vendor.conversation_passes

    def read(self, cursor: str | None) -> Page[Any]:
        return self.vendor.conversations(cursor, self.at.phase)

    def store(self, records: Sequence[Any]) -> Stored:
        return telling.store(self.connection, [(record, self.told()) for record in records])


class LabelPass(_OneAfterTheOther):
    model = ConversationLabel

    @classmethod
    def phases(cls, vendor: type[Vendor]) -> Sequence[str]:
        return vendor.label_kinds

    def read(self, cursor: str | None) -> Page[Any]:
        return self.vendor.labels(self.at.phase, cursor)

    def store(self, records: Sequence[Any]) -> Stored:
        known = Known(self.connection, records)
        before = len(known.labels)
        for record in records:
            effects.tell(known, record, self.told())
        effects.keep(known)
        return Stored(len(records), len(known.labels) - before, 0)
