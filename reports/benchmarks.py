"""A client's outreach and placement beside what its vendor publishes of all customers together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched
from typing import NamedTuple

from django.db.models import Q, Sum

from clients.models import ActivityDay, Benchmark, Grain
from clients.vendors import VENDORS
from reports.frame import vendors_with
from reports.lines import steps
from reports.scope import Scope, Window
from reports.stats import UNMEASURED, Rate

#: What is compared: our name for it, and the count that it is a share of.
SHARES = {"delivered": ("Delivered, of sent", "sent"), "replied": ("Replied, of delivered", "delivered")}
INBOXING = "inboxing"

type Sums = dict[str, dict[date, Rate]]  # by measure and day


class Published(NamedTuple):
    """One figure of all customers of a vendor, 0 to 1."""

    name: str
    share: float
    days: int = 0  # that it is of

    @property
    def text(self) -> str:
        return f"{self.share * 100:.1f}\u00a0%"

    @property
    def over(self) -> str:
        return "last 24 hours" if self.days == 1 else f"last {self.days} days"


@dataclass(frozen=True, slots=True)
class Share:
    """`days`: one's own on the steps of a figure, without those where nothing was measured."""

    measure: str
    name: str
    own: Rate
    everybody: Published
    days: dict[date, Rate]

    @property
    def text(self) -> str:
        return self.own.text if self.own.n else UNMEASURED

    @property
    def n(self) -> str:
        return f"{self.own.hits:,} of {self.own.n:,}" if self.own.n else ""

    @property
    def title(self) -> str:
        return self.own.title if self.own.n else "no mail in these days"


@dataclass(frozen=True, slots=True)
class Beside:
    slug: str
    vendor: str
    shares: list[Share]
    read_at: datetime
    first: date
    last: date
    step: timedelta

    @property
    def name(self) -> str:
        return _name(self.slug)

    @property
    def drawn(self) -> list[Share]:
        return [one for one in self.shares if one.days]

    @property
    def days(self) -> list[date]:
        return [self.first + at * self.step for at in range((self.last - self.first) // self.step + 1)]


def read(vendors: Iterable[str]) -> list[Benchmark]:
    """What these vendors publish, by vendor. One query, none where none of them does."""
    slugs = sorted(set(vendors) & set(vendors_with("benchmark")))
    return list(Benchmark.objects.filter(vendor__in=slugs).order_by("vendor")) if slugs else []


def published(told: Iterable[Benchmark], measure: str) -> list[Published]:
    return [_published(one, measure) for one in told if measure in one.shares]


def beside(scope: Scope, told: Sequence[Benchmark]) -> list[Beside]:
    """One for each. One query, none where there is none."""
    sums = _sums(scope, [one.vendor for one in told]) if told else {}
    return [_beside(one, sums.get(one.vendor, {}), scope.window) for one in told]


def _beside(told: Benchmark, sums: Sums, window: Window) -> Beside:
    first, step = steps(window)
    shares = [
        Share(name, label, _whole(sums.get(name, {})), _published(told, name), _steps(sums.get(name, {}), first, step))
        for name, (label, _) in SHARES.items()
        if name in told.shares
    ]
    return Beside(told.vendor, VENDORS[told.vendor].label, shares, told.read_at, first, window.last, step)


def _published(told: Benchmark, measure: str) -> Published:
    days = VENDORS[told.vendor].published_days[measure]
    return Published(_name(told.vendor), told.shares[measure], days)


def _name(slug: str) -> str:
    return f"All customers of {VENDORS[slug].label}"


def _whole(days: Mapping[date, Rate]) -> Rate:
    return _share(days.values())


def _steps(days: Mapping[date, Rate], first: date, step: timedelta) -> dict[date, Rate]:
    folded: dict[date, list[Rate]] = {}
    for day, rate in days.items():
        folded.setdefault(first + (day - first) // step * step, []).append(rate)
    found = {day: _share(rates) for day, rates in folded.items()}
    return {day: rate for day, rate in sorted(found.items()) if rate.n}


def _share(rates: Iterable[Rate]) -> Rate:
    """None of nothing where it would be over everything: who replies today may have been written to before."""
    found = list(rates)
    hits, n = sum(rate.hits for rate in found), sum(rate.n for rate in found)
    return Rate(hits, n) if hits <= n else Rate(0, 0)


def _sums(scope: Scope, vendors: list[str]) -> dict[str, Sums]:
    rows = ActivityDay.objects.by(Grain.CAMPAIGN).filter(
        client__in=scope.clients.values("pk"),
        connection__vendor__in=vendors,
        day__range=(scope.window.first, scope.window.last),
    )
    counts: dict[str, Sum] = {}
    for name, (_, of) in SHARES.items():
        measured = Q(**{f"{name}__isnull": False, f"{of}__isnull": False})
        counts |= {f"hits_{name}": Sum(name, filter=measured), f"of_{name}": Sum(of, filter=measured)}
    found: dict[str, Sums] = {}
    for vendor, day, *sums in rows.order_by().values_list("connection__vendor", "day").annotate(**counts):
        for name, (hits, n) in zip(SHARES, batched(sums, 2), strict=True):
            found.setdefault(vendor, {}).setdefault(name, {})[day] = Rate(hits or 0, n or 0)
    return found
