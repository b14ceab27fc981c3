"""The tables that can be had as CSV. Their columns are a promise: docs/csv.md lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from reports.exports import happenings, identities, mail, standings, streaming
from reports.scope import Scope


@dataclass(frozen=True)
class Table:
    """Rows come from the database as CSV (`parts`, one query after the other) or are made here (`rows`)."""

    columns: Sequence[str]
    parts: Callable[[Scope], list[QuerySet[Any, Any]]] | None = None
    rows: Callable[[Scope], Iterable[Sequence[Any]]] | None = None

    def stream(self, scope: Scope) -> Iterator[bytes]:
        """The header at once, then the rows in blocks. Closing it early ends the query and frees its connection."""
        yield streaming.lines([self.columns])
        for part in self.parts(scope) if self.parts else ():
            yield from streaming.blocks(part)
        if self.rows:
            yield streaming.lines(self.rows(scope))


TABLES = {
    "overview": Table(standings.OVERVIEW, rows=standings.of_overview),
    "clients": Table(standings.CLIENTS, rows=standings.of_clients),
    "placement": Table(mail.PLACEMENT, mail.placement),
    "broadcasts": Table(mail.BROADCASTS, mail.broadcasts),
    "senders": Table(identities.SENDERS, identities.senders),
    "seeds": Table(identities.SEEDS, identities.seeds),
    "runs": Table(happenings.RUNS, happenings.runs),
    "audit": Table(happenings.AUDIT, happenings.audit),
    "activity": Table(happenings.ACTIVITY, happenings.activity),
}
