"""`feeds` as CSV: how fresh everything is that is read."""

from __future__ import annotations

from collections.abc import Iterator

from clients.models import Health
from reports.exports.making import Row, harmless, moment
from reports.listing import feeds as listing
from reports.scope import Scope

FEEDS = (
    "client", "vendor", "connection", "feed", "state", "fresh_as_of", "next", "every_minutes", "failures", "last_run", "said",
)  # fmt: skip


def feeds(scope: Scope) -> Iterator[Row]:
    found = list(listing.feeds(scope).select_related("connection", "last_run"))
    serving = listing.serving(scope, [row.connection_id for row in found])
    for row in found:
        account = row.connection
        yield (
            harmless("|".join(serving.get(row.connection_id, {}))),
            account.vendor,
            harmless(account.label),
            row.resource,
            row.standing,  # type: ignore[attr-defined]  # annotated
            moment(row.last_ok_at),
            moment(row.next_at) if account.health == Health.OK else "",
            round(row.interval.total_seconds() / 60),
            row.failures,
            moment(row.last_run.started_at) if row.last_run else "",
            harmless(listing.said(row)),
        )
