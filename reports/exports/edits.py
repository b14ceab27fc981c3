"""`change_senders` as CSV: each sender of a change, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.db.models import QuerySet

from clients.changes import listing, payloads
from clients.models import Change, ChangeItem
from reports.exports.making import Row, harmless
from reports.scope import Scope

CHANGE_SENDERS = ("change", "client", "vendor", "connection", "email", "before", "after", "state", "why", "found", "campaign")


def senders(scope: Scope) -> Iterator[Row]:
    for change in _changes(scope).order_by("-created_at", "-pk"):
        yield from senders_of(change)


def senders_of(change: Change) -> Iterator[Row]:
    """In the order of its page, those left alone included."""
    for item in listing.items(change).iterator(2_000):
        yield _sender(change, item)


def _sender(change: Change, item: ChangeItem) -> Row:
    before, after = (payloads.said(state, item.after) if item.after else "" for state in (item.before, item.after))
    return (
        change.uuid,
        harmless(item.client.slug) if item.client else "",
        item.connection.vendor,
        harmless(item.connection.label),
        "" if item.campaign_id else harmless(item.email),
        harmless(before),
        harmless(after),
        item.state,
        harmless(item.why),
        harmless(payloads.said(item.found, item.after)) if item.found and item.after else "",
        harmless(item.email) if item.campaign_id else "",
    )


def _changes(scope: Scope) -> QuerySet[Change]:
    window = scope.window
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    found: QuerySet[Change] = Change.objects.of(scope.agency).filter(created_at__range=times)
    return found if scope.sees_unassigned else found.filter(client__in=scope.clients)
