"""Conversations of each identity: the list names them and where they lie, the stream of events who wrote last, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Conversation, Position
from clients.passes import telling
from clients.passes.handles import GONE, OfEachHandle
from clients.storing import Stored
from clients.vendors.conversations import ConversationRecord, MessageRecord, ProspectRecord
from clients.vendors.errors import Rejected
from clients.vendors.mails import Talk
from clients.vendors.records import Page
from clients.webhooks.effects import Told

#: Clocks differ, and a list takes a while: what stirred so long before the last reading is read again.
MARGIN = timedelta(hours=1)


class TalkPass(OfEachHandle):
    """After the first time only what stirred since the identity's list was last read to its end."""

    model = Conversation

    def read(self, cursor: str | None) -> Page[Any]:
        if not self.handle:
            return Page((), None)
        try:
            return self.vendor.talks(self.handle, cursor, since=self._since())
        except Rejected as refusal:
            if refusal.status != GONE:
                raise
            # The feed of identities says which; the others are read all the same.
            return Page((), None)

    def store(self, records: Sequence[Talk]) -> Stored:
        mark = self._positions().values_list("seq", flat=True).first() or 0
        heard = set(self._heard(records))
        told = {one.external_id: _record(one, self.handle, whole=one.external_id not in heard) for one in records}
        at = Told(mark, timezone.now(), self.at.pass_id)
        return telling.store(self.connection, [(record, at) for record in told.values()])

    def arrived(self, page: Page[Any]) -> None:
        super().arrived(page)
        if self.at.over and (self.at.rows or self._since()):
            read_to = datetime.fromisoformat(self.at.started) - MARGIN
            Position.objects.update_or_create(connection=self.connection, identity=self.handle, defaults={"talks_to": read_to})

    def _heard(self, records: Sequence[Talk]) -> Any:
        """Those whose last message an event has told, which is more than the list's snippet of it."""
        known = Conversation.objects.filter(connection=self.connection, external_id__in=[one.external_id for one in records])
        return known.exclude(last_message="").values_list("external_id", flat=True)

    def _since(self) -> datetime | None:
        found: datetime | None = self._positions().values_list("talks_to", flat=True).first()
        return found

    def _positions(self) -> Any:
        return Position.objects.filter(connection=self.connection, identity=self.handle)


def _record(told: Talk, handle: str, *, whole: bool) -> ConversationRecord:
    last = MessageRecord(external_id="", conversation=told.external_id, text=told.snippet, at=told.last_at)
    return ConversationRecord(
        told.external_id,
        handle,
        ProspectRecord(told.peer, handle=told.peer),
        archived=told.archived,
        created_at=told.created_at,
        last=last if whole and told.messages != 0 else None,
        subject=told.subject,
    )
