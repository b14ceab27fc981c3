"""`events` as CSV: what vendors sent, and what became of it. Without the payload, which each event's page has."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from reports.exports.cells import Moment, words
from reports.exports.identities import served
from reports.listing import events as listing
from reports.scope import Scope

EVENTS = (
    "client", "received", "occurred", "vendor", "connection", "type", "event", "seq", "source", "state", "attempts", "processed",
    "outcome",
)  # fmt: skip


def events(scope: Scope) -> list[QuerySet[Any, Any]]:
    cells: list[Any] = [
        words(served(scope, "connection")),
        Moment("received_at"),
        Moment("occurred_at"),
        F("connection__vendor"),
        words("connection__label"),
        words("type"),
        words("external_id"),
        F("seq"),
        F("source"),
        F("state"),
        F("attempts"),
        Moment("processed_at"),
        words("outcome"),
    ]
    return [listing.events(scope).values_list(*cells)]
