"""Runs and acts as one timeline, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from agency.models import AuditEntry, Membership, Role
from clients.models import RunState, SyncRun
from reports.listing import places, wording
from reports.listing.activity import acts, runs
from reports.listing.wording import Said
from reports.scope import Scope

SIZE = 50
_ACTS, _RUNS = 0, 1
_TONES = {RunState.OK: "good", RunState.FAILED: "bad", RunState.PARTIAL: "look", RunState.WAITING: "look", RunState.LOST: "look"}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    who: str
    title: str
    about: str
    state: str  # of a run
    tone: str
    detail: Said
    url: str


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    after: str  # asks for the older ones; empty where there are none


class _Edge(NamedTuple):
    at: datetime
    kind: int
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> _Edge | None:
        at, _, rest = text.partition("~")
        kind, _, pk = rest.partition("~")
        try:
            when = parse_datetime(at)
            # Within the first and last day of the calendar, UTC may lie outside it.
            return cls(when.astimezone(UTC), int(kind), int(pk[:18])) if when and when.tzinfo else None
        except (ValueError, OverflowError):
            return None


def timeline(scope: Scope, after: str, member: Membership, *, size: int = SIZE) -> Timeline:
    """What an act changed is told from analysts up: it may name more than a viewer should know."""
    details = member.may(Role.ANALYST)
    edge = _Edge.read(after)
    done = _some(acts(scope), "at", _ACTS, edge, size)
    ran = _some(runs(scope).select_related("feed__connection"), "started_at", _RUNS, edge, size)
    both = list(islice(merge(done, ran, key=lambda pair: pair[0], reverse=True), size + 1))
    links = places.of([row for _, row in both[:size] if isinstance(row, AuditEntry)], member)
    dress: dict[int, Callable[[Any], Entry]] = {
        _ACTS: lambda row: _act(row, details, links.get(row.pk, "")),
        _RUNS: lambda row: _run(row, reverse("run", args=[row.uuid]) if details else ""),
    }
    entries = [dress[at.kind](row) for at, row in both[:size]]
    return Timeline(entries, str(both[size - 1][0]) if len(both) > size else "")


def _some[M: Model](rows: QuerySet[M], field: str, kind: int, edge: _Edge | None, size: int) -> list[tuple[_Edge, M]]:
    """The newest of one kind beyond the edge, each with its place in the timeline."""
    if edge:
        tied = Q(**{field: edge.at}) & (Q() if kind < edge.kind else Q(pk__lt=edge.pk) if kind == edge.kind else Q(pk__in=[]))
        rows = rows.filter(Q(**{f"{field}__lt": edge.at}) | tied)
    found = rows.order_by(f"-{field}", "-pk")[: size + 1]
    return [(_Edge(getattr(row, field), kind, row.pk), row) for row in found]


def _act(row: AuditEntry, details: bool, url: str) -> Entry:
    said = wording.changed(row) if details else Said(row.reason, row.reason)
    return Entry(row.at, wording.who(row.actor), wording.title(row.action), row.target, "", "", said, url)


def _run(row: SyncRun, url: str) -> Entry:
    # The tag says it already.
    outcome = row.outcome.removeprefix("Complete.").strip() if row.state == RunState.OK else row.outcome
    said = " · ".join(part for part in (outcome, _counted(row)) if part)
    return Entry(
        row.started_at,
        "",
        f"Sync of {row.feed.resource}",
        row.feed.connection.label,
        row.get_state_display(),
        _TONES.get(RunState(row.state), ""),
        Said(said, said),
        url,
    )


def _counted(row: SyncRun) -> str:
    counts = {"new": row.new, "changed": row.changed, "gone": row.gone, "set aside": row.set_aside}
    said = [f"{number:,} {name}" for name, number in counts.items() if number]
    pages = f"{row.pages:,} page{'' if row.pages == 1 else 's'}, {row.rows:,} row{'' if row.rows == 1 else 's'}"
    lasted = [f"{row.seconds:.1f} s"] if row.seconds is not None else []
    return ", ".join([pages, *said, *lasted])
