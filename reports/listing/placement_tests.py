"""Placement tests in which a client has senders. Only those senders count: a test may serve several clients of an agency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from clients.models import Broadcast, PlacementTest, TestKind, TestSender, TestStatus
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope
from reports.stats import Counts

DEFAULT_SORT = "-when"
GONE = "gone"
_NONE = Counts()


def tests(scope: Scope) -> QuerySet[PlacementTest]:
    """Those that were made or ran in the window, and those that go on. Each with `shown_status`: the
    vendor's word, or 'gone'."""
    shown = Case(When(gone_at=None, then=F("status")), default=Value(GONE), output_field=CharField())
    # Found by the senders first: what a client has is a small part of what there is.
    rows: QuerySet[Any] = PlacementTest.objects.filter(pk__in=senders(scope).values("test")).annotate(shown_status=shown)
    return _asked_for(rows, scope)


def senders(scope: Scope) -> QuerySet[TestSender]:
    """The scope's own senders in tests, of the domain asked for."""
    rows = TestSender.objects.filter(_theirs(scope), test__connection__agency=scope.agency)
    return rows.filter(domain=scope.filters.domain.lower()) if scope.filters.domain else rows


def runs(scope: Scope) -> QuerySet[Broadcast]:
    """What the scope's senders sent for tests: a row for each sender and day that counts."""
    asked = scope.filters
    rows = Broadcast.objects.filter(_theirs(scope), connection__agency=scope.agency, test__isnull=False)
    rows = rows.filter(domain=asked.domain.lower()) if asked.domain else rows
    # Those of a deleted test are all gone, and shown on its own page as they were.
    kept = Q(gone_at=None) | Q(test__gone_at__isnull=False)
    rows = rows.filter(kept, test__uuid=uuid_of(asked.test)) if asked.test else rows.filter(gone_at=None)
    return rows.filter(day__range=days(scope))


def days(scope: Scope) -> tuple[date, date]:
    """First and last of the runs that count: one run's, all of one test's, or the window's."""
    if not scope.filters.test:
        return scope.window.first, scope.window.last
    day = day_of(scope.filters.day)
    return (day, day) if day else (date.min, date.max)


def _theirs(scope: Scope) -> Q:
    """As `owners.owned`, without asking first whose: it stands in subqueries."""
    mine = Q(client__in=scope.clients.values("pk"))
    return mine | Q(client=None) if scope.sees_unassigned else mine


def sorts(scope: Scope, at: str = "") -> Keys:
    """Never null: tests without results stand last when the most come first. `at` leads from the rows to their test."""
    return {
        "when": active_at(at),
        "name": bytewise(f"{at}name"),
        "received": Coalesce(_sum(scope, at, "received"), Value(-1)),
        "missing": Coalesce(_sum(scope, at, "missing"), Value(-1)),
        "inboxing": Coalesce(_millionths(scope, at), Value(-1)),
    }


def active_at(at: str = "") -> Case:
    """When a test was last at it: one-time as it was made, automated as its newest run began, if that was later."""
    made = Coalesce(f"{at}created_at", f"{at}first_seen")
    ran = Midnight(f"{at}read_to")
    return Case(When(**{f"{at}kind": TestKind.AUTOMATED, f"{at}read_to__isnull": False}, then=Greatest(made, ran)), default=made)


class Midnight(Func):
    """A day's beginning, in the very form that times are stored in, so that it can be compared with them and paged by."""

    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s || ' 00:00:00')", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s)::timestamp AT TIME ZONE 'UTC')", **more)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one test's runs in the window. `newest` is the last of them, `last` what it has brought so far."""

    counts: Counts = _NONE
    days: int = 0
    newest: date | None = None
    last: Counts | None = None


def figures(scope: Scope, shown: Iterable[PlacementTest]) -> dict[int, Figures]:
    """One query."""
    found: dict[int, Figures] = {}
    sums = [Sum(name, default=None if name in ("missing", "undecided") else 0) for name in Counts._fields]
    rows = runs(scope).filter(test__in=[test.pk for test in shown]).order_by("day")
    for pk, day, *counts in rows.values_list("test", "day").annotate(
        **{f"n_{name}": total for name, total in zip(Counts._fields, sums, strict=True)}
    ):
        one, was = Counts(*counts), found.get(pk, Figures())
        found[pk] = Figures(was.counts + one if was.days else one, was.days + 1, day, one)
    return found


@dataclass(frozen=True, slots=True)
class Senders:
    """How many of the client's are in a test, and how many of those nothing is known of."""

    number: int = 0
    silent: int = 0


def in_tests(scope: Scope, shown: Iterable[PlacementTest]) -> dict[int, Senders]:
    """One query."""
    rows = senders(scope).filter(test__in=[test.pk for test in shown]).order_by().values_list("test")
    return {pk: Senders(*counts) for pk, *counts in rows.annotate(number=Count("pk"), silent=Count("pk", filter=Q(rows=0)))}


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min  # matches nothing


def uuid_of(text: str) -> UUID:
    """What is none becomes one that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _asked_for(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    asked = scope.filters
    rows = rows.filter(uuid=uuid_of(asked.test)) if asked.test else _in_window(rows, scope)
    if asked.status:
        rows = rows.filter(shown_status=asked.status)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.search:
        theirs = senders(scope).filter(test=OuterRef("pk"), email__icontains=asked.search)
        rows = rows.filter(Q(name__icontains=asked.search) | Q(subject__icontains=asked.search) | Q(Exists(theirs)))
    return rows


def _in_window(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    window = scope.window
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    ran = Exists(runs(scope).filter(test=OuterRef("pk")))
    made: QuerySet[Any] = rows.annotate(made_at=Coalesce("created_at", "first_seen"))
    goes_on = Q(settled=False, gone_at=None, read_at__isnull=False) & ~Q(kind=TestKind.AUTOMATED, status=TestStatus.PAUSED)
    return made.filter(Q(made_at__range=times) | Q(ran) | goes_on)


def _sum(scope: Scope, at: str, column: str) -> Subquery:
    return Subquery(_of_each(scope, at).annotate(total=Cast(Sum(column), BigIntegerField())).values("total"))


def _millionths(scope: Scope, at: str) -> Subquery:
    """Inboxing in whole millionths: an integer compares the same on every database."""
    landed = Cast(Sum(F("primary") + F("promotions")), BigIntegerField())
    share = Case(When(n__gt=0, then=landed * 1_000_000 / F("n")), output_field=BigIntegerField())
    each = _of_each(scope, at).annotate(n=Cast(Sum("received"), BigIntegerField()))
    return Subquery(each.annotate(share=share).values("share"))


def _of_each(scope: Scope, at: str) -> QuerySet[Broadcast, Any]:
    return runs(scope).filter(test=OuterRef(f"{at}pk")).order_by().values("test")
