"""Conversations as a page of a list or of a stream tells them, by the order that single events keep too (`webhooks.effects`)."""

from __future__ import annotations

from collections.abc import Sequence

from clients.models import Connection
from clients.storing import Stored
from clients.vendors.conversations import ConversationRecord
from clients.webhooks import effects
from clients.webhooks.effects import Told
from clients.webhooks.known import Known


def store(connection: Connection, records: Sequence[tuple[ConversationRecord, Told]]) -> Stored:
    """The caller holds the connection's lock."""
    known = Known(connection, [record for record, _ in records])
    said = [effects.tell(known, record, told) for record, told in records]
    effects.keep(known)
    return Stored(len(said), sum(one.startswith("New") for one in said), sum(one.endswith("updated.") for one in said))
