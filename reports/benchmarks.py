"""A client's outreach beside what its vendor publishes of all customers together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject

from clients.models import ActivityDay, Benchmark, Grain
from clients.vendors import VENDORS
from reports.frame import vendors_with
from reports.scope import Scope
from reports.stats import UNMEASURED, Rate

#: What is compared: our name for it, and the count that it is a share of.
SHARES = {"delivered": ("Delivered, of sent", "sent"), "replied": ("Replied, of delivered", "delivered")}


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    own: str
    n: str
    title: str
    everybody: str


@dataclass(frozen=True, slots=True)
class Beside:
    vendor: str
    lines: list[Line]
    read_at: datetime


def beside(scope: Scope, vendors: Iterable[str]) -> list[Beside]:
    """One for each vendor that publishes such figures. One query, none where none does."""
    slugs = sorted(set(vendors) & set(vendors_with("benchmark")))
    rows: Any = Benchmark.objects.filter(vendor__in=slugs).order_by("vendor")
    told = rows.annotate(own=Subquery(_sums(scope))) if slugs else []
    return [Beside(VENDORS[one.vendor].label, _lines(one, _rates(one.own or {})), one.read_at) for one in told]


def _lines(told: Benchmark, sums: dict[str, Rate]) -> list[Line]:
    return [
        _line(label, sums.get(name, Rate(0, 0)), told.shares[name]) for name, (label, _) in SHARES.items() if name in told.shares
    ]


def _line(name: str, own: Rate, share: float) -> Line:
    known = own.n > 0
    return Line(
        name,
        own.text if known else UNMEASURED,
        f"{own.hits:,} of {own.n:,}" if known else "",
        own.title if known else "no mail in these days",
        f"{share * 100:.1f}\u00a0%",
    )


def _sums(scope: Scope) -> QuerySet[Any]:
    """What the vendor of a benchmark counted of the scope, each share's two sums as one object."""
    rows = ActivityDay.objects.by(Grain.CAMPAIGN).filter(
        client__in=scope.clients.values("pk"),
        connection__vendor=OuterRef("vendor"),
        day__range=(scope.window.first, scope.window.last),
    )
    counts: dict[str, Sum] = {}
    for name, (_, of) in SHARES.items():
        measured = Q(**{f"{name}__isnull": False, f"{of}__isnull": False})
        counts |= {f"{name}_hits": Sum(name, filter=measured), f"{name}_of": Sum(of, filter=measured)}
    sums = rows.order_by().values("connection__vendor").annotate(sums=JSONObject(**counts))
    found: QuerySet[Any] = sums.values("sums")
    return found


def _rates(sums: Mapping[str, int | None]) -> dict[str, Rate]:
    rates = {name: Rate(sums.get(f"{name}_hits") or 0, sums.get(f"{name}_of") or 0) for name in SHARES}
    # Who replies today may have been written to before: a share over everything is none.
    return {name: rate for name, rate in rates.items() if rate.hits <= rate.n}
