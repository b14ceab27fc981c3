"""Seeds and senders: lists that are read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from msgspec import structs

from clients import event_days, scoping, storing, twins
from clients.models import Feed, Seed, Sender, sender_ref
from clients.passes.base import Checkpoint, Pass
from clients.passes.workspaces import OfEachWorkspace
from clients.storing import Stored
from clients.vendors.base import Vendor
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


class SenderPass(OfEachWorkspace):
    model = Sender

    @classmethod
    def names(cls, vendor: type[Vendor]) -> Sequence[str]:
        return vendor.sender_passes

    def read_of(self, name: str, workspace: str, cursor: str | None) -> Page[Any]:
        return self.of_workspace(workspace, lambda vendor: vendor.senders(cursor, name))

    def store_of(self, name: str, workspace: str, records: Sequence[Any]) -> Stored:
        if workspace:
            records = [structs.replace(record, external_id=sender_ref(workspace, record.external_id)) for record in records]
        return storing.store_senders(self.connection, records, self.at.pass_id, self.resolver, workspace)

    def finish(self) -> tuple[int, str]:
        outcome = super().finish()
        twins.known(self.connection)
        # Tags decide whose broadcasts these are. Always, since no pass knows what an earlier, unfinished one stored.
        if self.connection.scopes.filter(kind__in=("tag", "handle")).exists():
            scoping.reassign(self.connection)
        elif event_days.has_unowned(self.connection):
            # Events came before their sender did.
            event_days.move(self.connection, self.resolver)
        return outcome
