"""`conversations` as CSV: one line each, with its last message."""

from __future__ import annotations

from collections.abc import Iterator

from reports.exports.making import Row, harmless, moment
from reports.exports.streaming import BLOCK_ROWS
from reports.listing import conversations as listing
from reports.scope import Scope

CONVERSATIONS = (
    "client", "vendor", "connection", "account", "prospect", "handle", "place", "last_at", "last_by", "last_text", "status",
    "tags", "assignee", "valuation", "created", "subject",
)  # fmt: skip


def conversations(scope: Scope) -> Iterator[Row]:
    rows = listing.conversations(scope).select_related("sender__client").iterator(chunk_size=BLOCK_ROWS)
    for line in listing.lines(scope, rows):
        row, who = line.row, line.row.prospect
        by = {True: "prospect", False: "us"}.get(row.last_inbound, "")  # type: ignore[arg-type]
        yield (
            harmless(row.sender.client.slug if row.sender and row.sender.client else ""),
            row.connection.vendor,
            harmless(row.connection.label),
            harmless(row.sender.email if row.sender else ""),
            harmless(who.name if who else ""),
            harmless(who.handle if who else ""),
            line.place,
            moment(row.last_at),
            by,
            harmless(row.last_text),
            harmless(line.status),
            harmless("|".join(line.tags)),
            harmless(line.assignee),
            "" if who is None or who.valuation is None else who.valuation,
            moment(row.created_at),
            harmless(row.subject),
        )
