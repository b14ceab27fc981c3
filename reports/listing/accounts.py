"""Vendor accounts by their seeds: how many are in use, at which mailbox providers, and when they may be shuffled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from clients.models import Client, Connection, Feed, MailboxProvider, Seed, SeedBook, Shuffle
from clients.models import Scope as ClientScope
from clients.shuffles.seedbook import IN_USE
from reports.listing.cooldowns import Next, following
from reports.scope import Scope
from reports.stats import UNMEASURED

#: Of the columns, short where the name is long.
HEADS = {**dict(MailboxProvider.choices), MailboxProvider.GOOGLE_WORKSPACE: "Workspace", MailboxProvider.MICROSOFT_365: "M365"}


@dataclass(slots=True)
class Stock:
    """Of one account. `mix` counts the seeds in use, `rest` the others by what the vendor calls them, or 'gone'."""

    read: bool = False  # whether they ever were, as a whole or in part
    mix: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rest: dict[str, int] = field(default_factory=lambda: defaultdict(int))

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
    mix: list[tuple[str, str]]  # head and number, in the order of `Accounts.providers`
    rest: str
    shuffled: str
    next: Next
    served: Served


@dataclass(frozen=True, slots=True)
class Accounts:
    providers: list[str]
    lines: list[Line]


def accounts(scope: Scope, connections: Sequence[Connection], now: datetime) -> Accounts:
    """In five queries."""
    kept, serving = stocks(connections), served(scope.clients, connections)
    books = SeedBook.objects.in_bulk([one.pk for one in connections], field_name="connection_id")
    busy = dict(Shuffle.objects.filter(connection__in=list(kept)).under_way().values_list("connection", "uuid"))
    shown = {name: label for name, label in HEADS.items() if any(stock.mix.get(name) for stock in kept.values())}
    rows = [
        _line(one, kept[one.pk], serving[one.pk], shown, following(one, books.get(one.pk), busy.get(one.pk), now))
        for one in connections
    ]
    return Accounts(list(shown.values()), rows)


def stocks(connections: Iterable[Connection]) -> dict[int, Stock]:
    found = {one.pk: Stock() for one in connections}
    passes = Feed.objects.filter(connection__in=list(found), resource="seeds").exclude(last_ok_at=None)
    for pk in passes.values_list("connection", flat=True):
        found[pk].read = True
    here = Q(gone_at=None)
    rows = Seed.objects.filter(connection__in=list(found)).values_list("connection", "mailbox_provider", "status")
    for connection, provider, status, present, gone in rows.annotate(
        present=Count("pk", filter=here), gone=Count("pk", filter=~here)
    ):
        stock = found[connection]
        stock.read = True
        if present and status in IN_USE:
            stock.mix[provider] += present
        elif present:
            stock.rest[status] += present
        if gone:
            stock.rest["gone"] += gone
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


def _line(connection: Connection, stock: Stock, serving: Served, providers: Mapping[str, str], following: Next) -> Line:
    return Line(
        connection.label,
        connection.vendor_class.label,
        str(connection.uuid),
        f"{stock.total:,}" if stock.read else UNMEASURED,
        [(head, f"{stock.mix[name]:,}" if stock.mix.get(name) else UNMEASURED) for name, head in providers.items()],
        ", ".join(f"{number:,} {status}" for status, number in sorted(stock.rest.items())) or UNMEASURED,
        following.last,
        following,
        serving,
    )
