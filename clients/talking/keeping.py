"""What a vendor answers to an act of ours, into our rows at once, without waiting for its event or the next reading."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from clients.models import Connection, Conversation, Prospect
from clients.vendors.conversations import ConversationRecord, MessageRecord
from clients.webhooks import effects


def keep(connection: Connection, *told: ConversationRecord | MessageRecord) -> None:
    """An answer of this moment is as new as anything that was told before it, and older than whatever is told after."""
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        for record in told:
            effects.apply(locked, record, _mark(locked, record))


def _mark(connection: Connection, told: ConversationRecord | MessageRecord) -> int:
    named = told.conversation if isinstance(told, MessageRecord) else told.external_id
    rows = Conversation.objects.filter(connection=connection, external_id=named)
    marks = list(rows.aggregate(row=Max("mark"), last=Max("last_mark"), who=Max("prospect__mark")).values())
    if isinstance(told, ConversationRecord) and told.prospect:
        people = Prospect.objects.filter(connection=connection, external_id=told.prospect.external_id)
        marks += people.values_list("mark", flat=True)
    return max((mark for mark in marks if mark is not None), default=0)
