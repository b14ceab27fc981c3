"""Vendor accounts by their seeds: how many, at which mailbox providers, and when they last changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q

from clients.models import Client, Connection, MailboxProvider, Seed, SeedBook, Shuffle
from clients.models import Scope as ClientScope
from reports.ages import age
from reports.listing.cooldowns import Next, following
from reports.scope import Scope
from reports.stats import UNMEASURED


@dataclass(slots=True)
class Stock:
    """Of one account. `mix` counts the seeds that are not gone."""

    mix: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    statuses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gone: int = 0
    changed: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.mix.values())


@dataclass(frozen=True, slots=True)
class Served:
    """The clients an account serves, as far as the reader may see them; `others` when there are more."""

    clients: list[Client]
    others: bool


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    vendor: str
    uuid: str
    total: str
    mix: list[str]  # in the order of `Accounts.providers`
    statuses: str
    gone: str
    changed: str
    shuffled: str
    next: Next
    served: Served


@dataclass(frozen=True, slots=True)
class Accounts:
    providers: list[str]
    lines: list[Line]


def accounts(scope: Scope, connections: Sequence[Connection], now: datetime) -> Accounts:
    """In four queries."""
    kept, serving = stocks(connections), served(scope.clients, connections)
    books = SeedBook.objects.in_bulk([one.pk for one in connections], field_name="connection_id")
    busy = dict(Shuffle.objects.filter(connection__in=list(kept)).under_way().values_list("connection", "uuid"))
    shown = {name: label for name, label in MailboxProvider.choices if any(stock.mix.get(name) for stock in kept.values())}
    rows = [
        _line(one, kept[one.pk], serving[one.pk], list(shown), now, following(one, books.get(one.pk), busy.get(one.pk), now))
        for one in connections
    ]
    return Accounts(list(shown.values()), rows)


def stocks(connections: Iterable[Connection]) -> dict[int, Stock]:
    found = {one.pk: Stock() for one in connections}
    here = Q(gone_at=None)
    figures = {
        "present": Count("pk", filter=here),
        "lost": Count("pk", filter=~here),
        "came": Max("first_seen"),
        "went": Max("gone_at"),
    }
    rows = Seed.objects.filter(connection__in=list(found)).values_list("connection", "mailbox_provider", "status")
    for connection, provider, status, present, gone, came, went in rows.annotate(**figures):
        stock = found[connection]
        stock.gone += gone
        if present:
            stock.mix[provider] += present
            stock.statuses[status] += present
        stock.changed = max(time for time in (stock.changed, came, went) if time)
    return found


def served(visible: Iterable[Client], connections: Iterable[Connection]) -> dict[int, Served]:
    known = {client.pk: client for client in visible}
    serving: dict[int, set[int]] = {one.pk: set() for one in connections}
    rows = ClientScope.objects.filter(connection__in=list(serving)).values_list("connection", "client")
    for connection, client in rows:
        serving[connection].add(client)
    return {
        connection: Served(
            sorted((known[pk] for pk in clients if pk in known), key=lambda client: client.name.lower()),
            others=not clients <= known.keys(),
        )
        for connection, clients in serving.items()
    }


def _line(
    connection: Connection, stock: Stock, serving: Served, providers: Sequence[str], now: datetime, following: Next
) -> Line:
    return Line(
        connection.label,
        connection.vendor_class.label,
        str(connection.uuid),
        f"{stock.total:,}",
        [f"{stock.mix[name]:,}" if stock.mix.get(name) else UNMEASURED for name in providers],
        ", ".join(f"{number:,} {status or 'of unknown status'}" for status, number in sorted(stock.statuses.items())),
        f"{stock.gone:,}" if stock.gone else UNMEASURED,
        _ago(stock.changed, now),
        following.last,
        following,
        serving,
    )


def _ago(then: datetime | None, now: datetime) -> str:
    text = age(then, now)
    return UNMEASURED if not text else text if text == "just now" else f"{text} ago"
