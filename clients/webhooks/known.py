"""The rows that some records are about: found at once, changed in memory, written at once, however many there are.

The caller holds the connection's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from clients import bulk, event_days
from clients.models import Connection, Conversation, ConversationLabel, Prospect, Sender, StatusMove
from clients.scoping import Resolver
from clients.vendors.conversations import ConversationGone, ConversationRecord, LabelRecord, MessageRecord, ProspectRecord
from clients.vendors.counting import Counted
from clients.vendors.records import Record

type Row = Conversation | ConversationLabel | Prospect


class Known:
    #: In this order: a conversation names its prospect.
    MODELS: ClassVar[tuple[type[Row], ...]] = (Prospect, Conversation, ConversationLabel)

    def __init__(self, connection: Connection, records: Iterable[Record]) -> None:
        self.connection = connection
        asked = _Asked(records)
        self.conversations = {row.external_id: row for row in self._found(Conversation, asked.conversations)}
        self.prospects = {row.external_id: row for row in self._found(Prospect, asked.prospects)}
        self.labels = {(row.kind, row.external_id): row for row in self._found(ConversationLabel, asked.labels)}
        self.senders = {row.external_id: row.pk for row in self._found(Sender, asked.senders)}
        self.stirred: set[str] = set()  # feeds that are to be read again
        self.counted: list[tuple[Counted, datetime]] = []
        self._noticed = self._noticed_moves()
        self._touched: dict[type[Row], dict[int, Row]] = {model: {} for model in self.MODELS}
        self._moves: list[StatusMove] = []
        self._taken_back: list[int] = []

    def _found[M: models.Model](self, model: type[M], named: set[str]) -> Iterable[M]:
        if not named:
            return ()
        rows = model._default_manager.filter(connection=self.connection, external_id__among=sorted(named))
        return rows.only("pk", "external_id") if model is Sender else rows

    def _noticed_moves(self) -> dict[int, list[StatusMove]]:
        found: dict[int, list[StatusMove]] = defaultdict(list)
        ids = [row.pk for row in self.prospects.values()]
        moves = StatusMove.objects.filter(prospect__id__among=ids, noticed=True).order_by("at", "pk") if ids else ()
        for move in moves:
            found[move.prospect_id].append(move)
        return found

    def conversation(self, named: str) -> Conversation:
        """Where there is none, a new one, which is kept when it is touched."""
        return self.conversations.setdefault(named, Conversation(connection=self.connection, external_id=named))

    def prospect(self, named: str) -> Prospect:
        return self.prospects.setdefault(named, Prospect(connection=self.connection, external_id=named))

    def label(self, kind: str, named: str) -> ConversationLabel:
        new = ConversationLabel(connection=self.connection, kind=kind, external_id=named)
        return self.labels.setdefault((kind, named), new)

    def has(self, row: Row) -> bool:
        """Whether it was there before, or has been touched since."""
        return row.pk is not None or id(row) in self._touched[type(row)]

    def touch(self, row: Row) -> None:
        self._touched[type(row)][id(row)] = row

    def move(self, prospect: Prospect, before: str, after: str, since: datetime | None, at: datetime, *, noticed: bool) -> None:
        told = {"before": before, "after": after, "since": since, "at": at, "noticed": noticed}
        self._moves.append(StatusMove(connection=self.connection, prospect=prospect, **told))

    def take_back(self, prospect: Prospect, since: datetime) -> list[StatusMove]:
        """Moves that a list showed after that time, the first one first: an event tells better when they were."""
        kept = self._noticed.get(prospect.pk, []) if prospect.pk else []
        found = [move for move in kept if move.at >= since]
        self._taken_back += [move.pk for move in found]
        self._noticed[prospect.pk] = [move for move in kept if move.at < since]
        return found

    def write(self) -> None:
        for model in self.MODELS:
            _write(model, list(self._touched[model].values()))
        if self._taken_back:
            StatusMove.objects.filter(pk__in=self._taken_back).delete()
        if self._moves:
            StatusMove.objects.bulk_create(self._moves)
        if self.counted:
            event_days.add(self.connection, Resolver(self.connection), self.counted)


class _Asked:
    """What the records name."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.conversations: set[str] = set()
        self.prospects: set[str] = set()
        self.senders: set[str] = set()
        self.labels: set[str] = set()
        for record in records:
            self._add(record)

    def _add(self, record: Record) -> None:
        match record:
            case ConversationRecord():
                self.conversations.add(record.external_id)
                self.senders |= {record.sender_ref} if record.sender_ref else set()
                self.prospects |= {record.prospect.external_id} if record.prospect else set()
            case ConversationGone():
                self.conversations.add(record.external_id)
            case MessageRecord():
                self.conversations.add(record.conversation)
            case ProspectRecord():
                self.prospects.add(record.external_id)
            case LabelRecord():
                self.labels.add(record.external_id)


#: What names a row, and never changes.
_LASTING = {"id", "uuid", "connection_id", "external_id", "kind", "first_seen"}


def _write(model: Any, rows: Sequence[Any]) -> None:
    if model is Conversation:
        for row in rows:
            # Its prospect may have been without a key until now.
            if Conversation.prospect.is_cached(row) and row.prospect:
                row.prospect_id = row.prospect.pk
    new, known = [row for row in rows if row.pk is None], [row for row in rows if row.pk is not None]
    model.objects.bulk_create(new)
    names = ("id", *(field.attname for field in model._meta.concrete_fields if field.attname not in _LASTING))
    bulk.update(model, names, [tuple(getattr(row, name) for name in names) for row in known])
