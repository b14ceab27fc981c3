"""Seeds and senders: lists that are read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from clients import scoping, storing
from clients.models import Feed, Seed, Sender
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.records import Page


class SeedPass(Pass):
    model = Seed

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), "list")

    def read(self, cursor: str | None) -> Page[Any]:
        return self.vendor.seeds(cursor)

    def store(self, records: Sequence[Any]) -> Stored:
        return storing.store_seeds(self.connection, records, self.at.pass_id)

    def following(self) -> str | None:
        return None


class SenderPass(Pass):
    model = Sender

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), feed.connection.vendor_class.sender_passes[0])

    def read(self, cursor: str | None) -> Page[Any]:
        return self.vendor.senders(cursor, self.at.phase)

    def store(self, records: Sequence[Any]) -> Stored:
        return storing.store_senders(self.connection, records, self.at.pass_id, self.resolver)

    def following(self) -> str | None:
        phases = self.vendor.sender_passes
        rest = phases[phases.index(self.at.phase) + 1 :]
        return rest[0] if rest else None

    def finish(self) -> tuple[int, str]:
        outcome = super().finish()
        # Tags decide whose broadcasts these are. Always, since no pass knows what an earlier, unfinished one stored.
        if self.connection.scopes.filter(kind="tag").exists():
            scoping.reassign(self.connection)
        return outcome
