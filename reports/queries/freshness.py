"""How old the numbers are, and why: the state of the vendor accounts behind a scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, DateTimeField, DurationField, ExpressionWrapper, F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.utils import timezone

from clients.models import Connection, Feed, Health, RunState
from clients.models.accounts import ClientQuerySet
from clients.progress import SOON, is_settled
from clients.vendors import VENDORS
from reports.queries.plain import Tally
from reports.queries.prepared import Ago, Given, Prepared
from reports.queries.scoped import OfScope
from reports.scope import Scope

GRACE = Ago(timedelta(minutes=15))


class Account(NamedTuple):
    """One connection. `last_ok` is the end of the last complete pass of its stalest feed; None before the first one."""

    pk: int
    uuid: UUID
    vendor: str
    label: str
    health: str
    reason: str
    since: datetime
    last_ok: datetime | None
    feeds_done: int  # feeds that have had a complete pass
    late: int  # feeds past their target
    failing: int  # feeds whose last run failed
    held: int  # feeds that a worker holds
    overdue: int  # feeds that a worker should have taken up by now
    failing_in_time: int = 0  # of the failing those that are not late
    lacking: int = 0  # feeds that the key or the plan does not let us read
    parted: int = 0  # feeds whose last run was not whole, so something may be left out; where that was asked for
    said: str | None = None  # what a run that failed says, with the next try; where that was asked for, or by `with_reasons`

    @property
    def vendor_label(self) -> str:
        return VENDORS[self.vendor].label

    @property
    def refused(self) -> bool:
        return self.health == Health.REFUSED

    @property
    def paused(self) -> bool:
        return self.health == Health.PAUSED

    @property
    def in_first_sync(self) -> bool:
        """Some of its feeds have had no complete pass yet, and nothing keeps them from it."""
        known = self.feeds_done + self.lacking
        return known < len(VENDORS[self.vendor].feeds) and self.health == Health.OK and not self.failing

    @property
    def sees_placement(self) -> bool:
        """Its vendor tells where mail landed: of others' mail nothing is told, and no silence."""
        return not {"broadcasts", "tests"}.isdisjoint(VENDORS[self.vendor].feeds)

    @property
    def is_current(self) -> bool:
        """All of it has been read and still is, and none of its feeds is late: no mail of it means that no mail came."""
        whole = self.feeds_done >= len(VENDORS[self.vendor].feeds) and not self.late and not self.lacking
        return whole and self.health == Health.OK


_COLUMNS = (
    "pk", "uuid", "vendor", "label", "health", "health_reason", "health_since", "last_ok", "done", "late", "failing", "held",
    "overdue", "failing_in_time", "lacking",
)  # fmt: skip


def accounts(scope: Scope, *, parted: bool = False, feeds: Collection[str] = ()) -> list[Account]:
    """The connections whose data this scope shows: a member who sees every client sees every account. `parted`: also
    whether their last runs were whole and what they said, which takes a look at each of them. `feeds`: what a page shows, where
    that is not all; how old, late or failing an account is, is told of these alone."""
    asked, agency = (tuple(feeds), parted), scope.agency.pk
    rows = _told(*asked)(agency=agency) if scope.sees_unassigned else _told_of_clients(*asked)(scope, agency=agency)
    return [Account(*row) for row in rows]


@cache
def _told(feeds: tuple[str, ...], parted: bool) -> Prepared[Any]:
    """An agency's."""
    shown = _shown(feeds)
    read = {"health": Health.OK, "feeds__lacks": "", **shown}
    # Named once and spoken of twice: it is long.
    rows: QuerySet[Connection] = Connection.objects.present().alias(is_late=late("feeds__", "created_at"))
    counts = {
        "last_ok": Min("feeds__last_ok_at", filter=Q(**shown) if shown else None),
        "done": Tally("feeds__last_ok_at"),
        "failing": Tally("feeds", filter=Q(feeds__failures__gt=0, **shown)),
        "held": Tally("feeds", filter=Q(feeds__claimed_until__gt=Ago(timedelta(0)), **shown)),
        "overdue": Tally("feeds", filter=Q(feeds__next_at__lte=Ago(SOON), **shown)),
        "late": Tally("feeds", filter=Q(is_late=True, **read)),
        "failing_in_time": Tally("feeds", filter=Q(is_late=False, feeds__failures__gt=0, **read)),
        "lacking": Tally("feeds", filter=Q(health=Health.OK, feeds__lacks__gt="", **shown)),
    }
    if parted:
        counts["said"] = Max("feeds__last_run__outcome", filter=Q(feeds__failures__gt=0, **shown))
        counts["parted"] = Tally("feeds", filter=Q(feeds__last_run__state__in=set(RunState) - {RunState.OK}, **shown))
    of_agency = rows.filter(agency=Given("agency", BigIntegerField())).order_by("label", "pk")
    return Prepared(of_agency.annotate(**counts).values_list(*_COLUMNS, *(["parted", "said"] if parted else [])))


@cache
def _told_of_clients(feeds: tuple[str, ...], parted: bool) -> OfScope[Any]:
    return OfScope(lambda clients: _seen(_told(feeds, parted).rows, clients))


def _shown(feeds: Collection[str]) -> dict[str, Any]:
    return {"feeds__resource__in": feeds} if feeds else {}


@dataclass(frozen=True, slots=True)
class FeedAtWork:
    connection: int
    vendor: str
    label: str
    resource: str
    running: bool
    first: bool  # it has never had a complete pass
    asked: bool  # a person waits for it
    pages: int
    pages_expected: int  # 0: nobody knows yet
    rows: int
    outcome: str
    began: datetime  # its last run


def feeds_at_work(scope: Scope, accounts: Iterable[Account]) -> list[FeedAtWork]:
    """Feeds that run now, and those whose last run failed. `accounts`: the scope's; where none has any, nothing is asked."""
    if not any(account.held or account.failing for account in accounts):
        return []
    running = Q(claimed_until__gt=timezone.now(), last_run__state=RunState.RUNNING)
    rows = Feed.objects.filter(running | Q(failures__gt=0), connection__in=_connections(scope), connection__health=Health.OK)
    columns = (
        "connection_id",
        "connection__vendor",
        "connection__label",
        "resource",
        "last_run__state",
        "last_ok_at",
        "last_run__trigger",
    )
    run = (
        "last_run__pages",
        "last_run__pages_expected",
        "checkpoint",
        "last_run__rows",
        "last_run__outcome",
        "last_run__started_at",
    )
    found = rows.order_by("connection__label", "pk").values_list(*columns, *run)
    return [
        FeedAtWork(
            connection,
            vendor,
            label,
            resource,
            state == RunState.RUNNING,
            ok is None,
            trigger == "person",
            pages or 0,
            (expected or 0) if is_settled(checkpoint) else 0,
            n or 0,
            said or "",
            began or timezone.now(),
        )
        for connection, vendor, label, resource, state, ok, trigger, pages, expected, checkpoint, n, said, began in found
    ]


def with_reasons(accounts: Sequence[Account], feeds: Iterable[FeedAtWork]) -> list[Account]:
    """The same accounts, with what their failing feeds say."""
    said = {feed.connection: feed.outcome for feed in feeds if feed.outcome and not feed.running}
    return [account._replace(said=said[account.pk]) if account.pk in said else account for account in accounts]


@dataclass(frozen=True, slots=True)
class Outage:
    """A vendor most of whose accounts fail: its name, how many, the oldest good answer, and what the last run said."""

    vendor: str
    failing: int
    of: int
    last_ok: datetime | None
    outcome: str


def outages(accounts: Iterable[Account], feeds: Iterable[FeedAtWork]) -> list[Outage]:
    said = {feed.vendor: feed.outcome for feed in feeds if feed.outcome and not feed.running}
    by_vendor: dict[str, list[Account]] = {}
    for account in accounts:
        if account.health == Health.OK:
            by_vendor.setdefault(account.vendor, []).append(account)
    found = []
    for vendor, all_of in by_vendor.items():
        failing = [account for account in all_of if account.failing]
        if failing and 2 * len(failing) > len(all_of):
            oldest = min((account.last_ok for account in failing if account.last_ok), default=None)
            found.append(Outage(VENDORS[vendor].label, len(failing), len(all_of), oldest, said.get(vendor, "")))
    return found


def _connections(scope: Scope) -> QuerySet[Connection]:
    return _within(Connection.objects.present(), scope)


def _within(connections: QuerySet[Connection], scope: Scope) -> QuerySet[Connection]:
    rows = connections.filter(agency=scope.agency)
    return rows if scope.sees_unassigned else _seen(rows, scope.clients)


def _seen[Row](connections: QuerySet[Connection, Row], clients: ClientQuerySet) -> QuerySet[Connection, Row]:
    return connections.filter(pk__in=clients.values("scopes__connection"))


def late(feed: str, created: str) -> Q:
    """The same rule as `Feed.is_late`, for the database."""
    target = ExpressionWrapper(F(f"{feed}interval") * 2, output_field=DurationField())
    due = ExpressionWrapper(Coalesce(F(f"{feed}last_ok_at"), F(created)) + target, output_field=DateTimeField())
    # What was read just now needs no sum, which on SQLite is a call of Python for each feed.
    old = Q(**{f"{feed}last_ok_at": None}) | Q(**{f"{feed}last_ok_at__lt": GRACE})
    return old & Q(LessThan(due, GRACE))
