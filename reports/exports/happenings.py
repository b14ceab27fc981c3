"""`runs` and `log` as CSV: what was fetched, and what was done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from clients.models import Client, SyncRun
from reports.exports.cells import Moment, Tenths, words
from reports.exports.identities import served
from reports.exports.streaming import BLOCK_ROWS
from reports.listing import activity as listing
from reports.listing import audit as audit_listing
from reports.scope import Scope

#: As Python writes a time in UTC.
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_ROWS = ("pages", "rows", "new", "changed", "gone", "set_aside")
RUNS = ("vendor", "connection", "feed", "state", "trigger", "started", "finished", "seconds", *_ROWS, "outcome")
AUDIT = ("at", "who", "what", "about", "client", "before", "after", "reason", "address")
LOG = ("client", "at", "kind", "who", "what", "about", "state", "outcome")


def runs(scope: Scope) -> list[QuerySet[Any, Any]]:
    return [runs_in(listing.runs(scope))]


def runs_in(rows: QuerySet[SyncRun]) -> QuerySet[Any, Any]:
    lasted = ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())
    # Nobody saw the end of a run whose worker was killed: it ends as it began.
    ends = (Moment("finished_at"), Tenths(lasted))
    cells: list[Any] = [
        F("feed__connection__vendor"),
        words("feed__connection__label"),
        F("feed__resource"),
        F("state"),
        F("trigger"),
        Moment("started_at"),
        *(Case(When(finished_at__gt=F("started_at"), then=end), output_field=TextField()) for end in ends),
        *(F(name) for name in _ROWS),
        words("outcome"),
    ]
    return rows.order_by("-started_at", "-pk").values_list(*cells)


def log(scope: Scope) -> list[QuerySet[Any, Any]]:
    """Both kinds in one order of time; the time is written to the microsecond, so that it alone sorts them."""
    both = _cells(listing.acts(scope), _act(scope)).union(_cells(listing.runs(scope), _run(scope)), all=True)
    return [both.order_by("-csv_at", "csv_kind", "csv_what", "csv_about")]


def audit(scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Before and after as JSON in plain letters, keys sorted: the databases write it each in a way of its own."""
    slug = Client.objects.filter(uuid=OuterRef("subject")).values("slug")
    cells: list[Any] = [
        Moment("at"),
        words("actor"),
        words("action"),
        words("target"),
        words(Coalesce(Subquery(slug), served(scope, "subject", "connection__uuid"), output_field=TextField())),
        F("before"),
        F("after"),
        words("reason"),
        Cast("address", TextField()),
    ]
    first, last = AUDIT.index("before"), AUDIT.index("after") + 1
    rows = audit_listing.entries(scope).order_by("-at", "-pk").values_list(*cells)
    for row in rows.iterator(chunk_size=BLOCK_ROWS):
        yield (*row[:first], *(_json(said) for said in row[first:last]), *row[last:])


def _cells(rows: QuerySet[Any], cells: list[Combinable]) -> QuerySet[Any, Any]:
    named = {f"csv_{column}": cell for column, cell in zip(LOG, cells, strict=True)}
    found: QuerySet[Any, Any] = rows.order_by().annotate(**named).values_list(*named)
    return found


def _act(scope: Scope) -> list[Combinable]:
    slug = Subquery(Client.objects.filter(uuid=OuterRef("subject")).values("slug"), output_field=TextField())
    return [
        words(Coalesce(slug, served(scope, "subject", "connection__uuid"), output_field=TextField())),
        Moment("at", exact=True),
        _text("person"),
        words("actor"),
        words("action"),
        words("target"),
        _text(""),
        words("reason"),
    ]


def _run(scope: Scope) -> list[Combinable]:
    return [
        words(served(scope, "feed__connection")),
        Moment("started_at", exact=True),
        _text("sync"),
        words("trigger"),
        words("feed__resource"),
        words("feed__connection__label"),
        words("state"),
        words("outcome"),
    ]


def _json(said: dict[str, Any]) -> str:
    return json.dumps(_with_moments(said), ensure_ascii=False, sort_keys=True)


def _with_moments(said: Any) -> Any:
    """Times in there as `Moment` writes those of the columns."""
    if isinstance(said, dict):
        return {name: _with_moments(value) for name, value in said.items()}
    if isinstance(said, list):
        return [_with_moments(value) for value in said]
    return f"{said[:19]}Z" if isinstance(said, str) and _UTC.fullmatch(said) else said


def _text(value: str) -> Value:
    return Value(value, output_field=TextField())
