"""Identities of a vendor that has no list of them: those whose handle somebody typed, asked for one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from clients import storing
from clients.models import Feed, ScopeKind, Sender
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.errors import Rejected
from clients.vendors.records import Page

_GONE = 404


class IdentityPass(Pass):
    """A page is one identity; its cursor is the handle before it."""

    model = Sender

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), "list")

    def read(self, cursor: str | None) -> Page[Any]:
        handles = [handle for handle in self._handles() if cursor is None or handle > cursor]
        if not handles:
            return Page((), None)
        more = handles[0] if handles[1:] else None
        try:
            return Page((self.vendor.identity(handles[0]),), more)
        except Rejected as refusal:
            if refusal.status != _GONE:
                raise
            # The others are read all the same; its claim stands on the account's page, to be taken back.
            return Page((), more, set_aside=(str(refusal),))

    def store(self, records: Sequence[Any]) -> Stored:
        whole = Stored()
        for record in records:
            one = storing.store_senders(self.connection, [record], self.at.pass_id, self.resolver, record.external_id)
            whole = Stored(whole.rows + one.rows, whole.new + one.new, whole.changed + one.changed)
        return whole

    def following(self) -> str | None:
        return None

    def doubt(self, *, first: bool) -> str:
        """Who is asked for was typed here: a short list is a short list."""
        return ""

    def finish(self) -> tuple[int, str]:
        unseen = storing.unseen(self.model, self.connection, self.at.pass_id)
        return storing.mark_gone(unseen, self.connection), ""

    def _handles(self) -> list[str]:
        return sorted(self.connection.scopes.filter(kind=ScopeKind.HANDLE).values_list("value", flat=True))
