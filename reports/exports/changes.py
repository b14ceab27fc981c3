"""`changes` as CSV: each change of rules or status, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from clients.changes import selecting, wording
from clients.models import Client
from reports.exports.making import harmless
from reports.exports.streaming import BLOCK_ROWS
from reports.listing import changes as listing
from reports.scope import Scope

_COUNTS = ("senders", "done", "failed")
_TIMES = ("planned", "applied", "finished")
CHANGES = (
    "change", "undoes", "created", "client", "what", "percentages", "whom", "reason", "made_by", "applied_by", "state",
    *_COUNTS, *_TIMES, "outcome",
)  # fmt: skip


def changes(scope: Scope) -> Iterator[tuple[Any, ...]]:
    names = dict(Client.objects.of(scope.agency).values_list("slug", "name"))
    rows = listing.changes(scope).select_related("client", "made_by", "applied_by", "undoes")
    for row in rows.iterator(chunk_size=BLOCK_ROWS):
        by = (str(user) if user else "" for user in (row.made_by, row.applied_by))
        words = (
            row.client.slug if row.client else "", wording.what(row), wording.percentages(row),
            selecting.said(row.selector, names), row.reason, *by,
        )  # fmt: skip
        yield (
            row.uuid, row.undoes.uuid if row.undoes else "", _moment(row.created_at), *map(harmless, words), wording.state(row),
            *(getattr(row, name) for name in _COUNTS), *(_moment(getattr(row, f"{name}_at")) for name in _TIMES),
            harmless(row.outcome),
        )  # fmt: skip


def _moment(then: datetime | None) -> str:
    return f"{then:%Y-%m-%dT%H:%M:%SZ}" if then else ""
