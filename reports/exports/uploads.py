"""`lead-lines` as CSV: each line of an upload of leads, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from clients.models import LeadLine, LeadUpload
from reports.exports.making import Row, harmless
from reports.scope import Scope

LEAD_LINES = ("upload", "client", "connection", "campaign", "line", "email", "result", "why")


def lines(scope: Scope) -> Iterator[Row]:
    window = scope.window
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    rows = LeadUpload.objects.filter(client__in=scope.clients, made_at__range=times)
    for upload in rows.select_related("client", "connection", "campaign").order_by("-made_at", "-pk"):
        yield from lines_of(upload)


def lines_of(upload: LeadUpload) -> Iterator[Row]:
    """In the order of the file."""
    named = (upload.uuid, harmless(upload.client.slug), harmless(upload.connection.label), harmless(str(upload.campaign)))
    rows = LeadLine.objects.filter(upload=upload).order_by("line").values_list("line", "email", "state", "said")
    for line, email, state, said in rows.iterator(2_000):
        yield *named, line, harmless(email), state, harmless(said)
