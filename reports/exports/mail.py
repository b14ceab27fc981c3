"""`placement` and `broadcasts` as CSV: what was received, and where it landed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Case, F, Min, QuerySet, Sum, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower

from clients.models import Broadcast
from reports.exports.cells import day, words
from reports.exports.rates import rates
from reports.listing import broadcasts as listing
from reports.listing.sorting import Sort, bytewise
from reports.scope import Scope

_WHICH = ("client", "vendor", "connection", "day", "broadcast_id", "subject", "from_email", "domain")
_COUNTS = ("received", "primary", "promotions", "spam", "missing")
_RATES = ("inboxing", "low", "high")
PLACEMENT = (*_WHICH, "mailbox_provider", *_COUNTS, *_RATES)
SENDER_PLACEMENT = ("client", "vendor", "connection", "sender_id", "email", "mailbox_provider", *_COUNTS, *_RATES)
BROADCASTS = (*_WHICH, *_COUNTS, *_RATES)


def placement(scope: Scope) -> list[QuerySet[Any, Any]]:
    """A row per broadcast and mailbox provider; of a broadcast without a split, one row with its totals."""
    return [split(rows) for rows in _owned_then_unassigned(scope)]


def split(rows: QuerySet[Broadcast]) -> QuerySet[Any, Any]:
    counts: list[Combinable] = [Coalesce(f"placements__{name}", name) for name in _COUNTS[:-1]]
    counts.append(Case(When(placements__pk=None, then="missing"), default="placements__missing"))
    cells = [*_which(), F("placements__mailbox_provider"), *_counted(counts)]
    order = ("client_id", "-day", "-pk", "placements__mailbox_provider")
    return rows.order_by(*order).values_list(*cells)


def sender_placement(scope: Scope) -> list[QuerySet[Any, Any]]:
    """A row per sender and mailbox provider: its broadcasts and tests of the window, summed."""
    return [of_senders(rows) for rows in _owned_then_unassigned(scope)]


def of_senders(rows: QuerySet[Broadcast]) -> QuerySet[Any, Any]:
    """Senders that the vendor gives no reference of are told apart by their address."""
    address = Case(When(sender_ref="", then=Lower("from_email")), default=Value(""), output_field=TextField())
    sums: list[Combinable] = [Sum(f"placements__{name}") for name in _COUNTS]
    cells = [*_whose(), words("sender_ref"), words(Min("from_email")), F("placements__mailbox_provider"), *_counted(sums)]
    keyed = rows.filter(placements__isnull=False).order_by().values("client_id", "connection_id", "sender_ref")
    named = {f"csv_{column}": cell for column, cell in zip(SENDER_PLACEMENT, cells, strict=True)}
    order = ("client_id", "connection_id", bytewise("sender_ref"), "address", "placements__mailbox_provider")
    return keyed.annotate(address=address).annotate(**named).order_by(*order).values_list(*named)


def broadcasts(scope: Scope) -> list[QuerySet[Any, Any]]:
    cells = [*_which(), *_counted([F(name) for name in listing.COUNTS])]
    if scope.filters.sort:
        parts = [Sort.read(scope.filters.sort, listing.sorts(), listing.DEFAULT_SORT).order(listing.broadcasts(scope))]
    else:
        parts = [rows.order_by("client_id", "-day", "-pk") for rows in _owned_then_unassigned(scope)]
    return [rows.values_list(*cells) for rows in parts]


def _owned_then_unassigned(scope: Scope) -> list[QuerySet[Broadcast]]:
    # Each of the two walks an index; and where nobody's rows would stand among the others depends on the database.
    owned = listing.broadcasts(replace(scope, sees_unassigned=False))
    return [owned, listing.unassigned_broadcasts(scope)] if scope.sees_unassigned else [owned]


def _which() -> list[Combinable]:
    return [
        *_whose(),
        day("day"),
        *(words(name) for name in ("external_id", "subject", "from_email", "domain")),
    ]


def _whose() -> list[Combinable]:
    return [words("client__slug"), F("connection__vendor"), words("connection__label")]


def _counted(counts: list[Combinable]) -> list[Combinable]:
    received, primary, promotions, *_ = counts
    return [*counts, *rates(received, primary + promotions)]
