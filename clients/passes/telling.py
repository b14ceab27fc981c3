"""Many conversations at once, as one page of a list or of a stream tells them. What a single event says is in `webhooks.effects`,
whose order holds here too: what is older than a row's `mark` changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.models import Connection, Conversation, Prospect, Sender
from clients.storing import Stored
from clients.vendors.conversations import ConversationRecord
from clients.webhooks import effects

SAID = ("archived", "created_at", "subject")
TOLD = ("sender_ref", *SAID, "last_message", "last_text", "last_at", "last_inbound", "mark", "last_mark")


def store(connection: Connection, told: Sequence[tuple[ConversationRecord, int]], pass_id: int = 0) -> Stored:
    """(conversation, mark), each conversation once. The caller holds the connection's lock."""
    named = [record.external_id for record, _ in told]
    kept = {row.external_id: row for row in Conversation.objects.filter(connection=connection, external_id__in=named)}
    people, senders = _people(connection, told), _senders(connection, told)
    fresh, changed = [], []
    for record, mark in told:
        known = kept.get(record.external_id)
        if known and known.mark > mark:
            continue
        row = known or Conversation(connection=connection, external_id=record.external_id)
        before = _values(row)
        row.sender_ref, row.sender_id = record.sender_ref, senders.get(record.sender_ref)
        row.prospect = people.get(record.prospect.external_id) if record.prospect else row.prospect
        _say(row, record, mark)
        row.mark, row.seen_run = mark, pass_id or row.seen_run
        if known is None:
            fresh.append(row)
        elif _values(row) != before:
            changed.append(row)
    Conversation.objects.bulk_create(fresh)
    Conversation.objects.bulk_update(changed, ("sender", "prospect", "seen_run", *TOLD), batch_size=100)
    return Stored(len(told), len(fresh), len(changed))


def _say(row: Conversation, record: ConversationRecord, mark: int) -> None:
    for name in SAID:
        if (said := getattr(record, name)) is not None:
            setattr(row, name, said)
    if record.last and mark >= row.last_mark:
        effects.last(row, record.last, mark)


def _people(connection: Connection, told: Sequence[tuple[ConversationRecord, int]]) -> dict[str, Prospect]:
    wanted = {record.prospect.external_id: record.prospect.handle or "" for record, _ in told if record.prospect}
    rows = Prospect.objects.filter(connection=connection, external_id__in=list(wanted))
    known = {row.external_id: row for row in rows}
    new = [Prospect(connection=connection, external_id=one, handle=handle) for one, handle in wanted.items() if one not in known]
    return known | {row.external_id: row for row in Prospect.objects.bulk_create(new)}


def _senders(connection: Connection, told: Sequence[tuple[ConversationRecord, int]]) -> dict[str, int]:
    refs = {record.sender_ref for record, _ in told}
    return dict(Sender.objects.filter(connection=connection, external_id__in=refs).values_list("external_id", "pk"))


def _values(row: Conversation) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in ("sender_id", "prospect_id", *TOLD))
