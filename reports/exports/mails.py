"""`mails` as CSV: each mail that was asked for, and what became of it. Not what was written in it."""

from __future__ import annotations

from collections.abc import Iterator

from reports.exports.making import Row, harmless, moment
from reports.exports.streaming import BLOCK_ROWS
from reports.listing import mails as listing
from reports.scope import Scope

MAILS = (
    "mail", "client", "connection", "identity", "to", "subject", "purpose", "state", "why", "by", "reason", "asked", "wanted",
    "ended", "calls", "mailbox", "conversation", "message",
)  # fmt: skip


def mails(scope: Scope) -> Iterator[Row]:
    for row in listing.mails(scope).iterator(chunk_size=BLOCK_ROWS):
        yield (
            row.uuid,
            *map(harmless, (row.client.slug, row.connection.label, row.identity, row.to, row.subject)),
            row.purpose,
            row.state,
            *map(harmless, (row.why, row.actor, row.reason)),
            moment(row.created_at),
            moment(row.wanted_at),
            moment(row.finished_at),
            row.attempts,
            *map(harmless, (row.mailbox, row.conversation, row.message)),
        )
