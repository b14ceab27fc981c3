"""Figures of many clients at once. Every function starts at a `Scope`; a client outside it never gets a row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import BigIntegerField, DateField, Exists, F, Min, OuterRef, Q, StringAgg, Value

from agency.models import Membership
from clients import ledgers
from clients.models import ALL_PROVIDERS, Client, ClientDay, Health, Sender
from clients.models import Scope as ConnectionScope
from reports.queries.plain import Mails, Tally
from reports.queries.prepared import Given, GivenMany, Prepared
from reports.scope import Scope, Window
from reports.stats import Rate

TREND_DAYS = 28


class ClientLine(NamedTuple):
    pk: int
    slug: str
    name: str
    manager: str  # a membership's uuid, or empty
    manager_name: str
    tags: tuple[str, ...]
    test_mail: bool  # its figures are of made-up mail
    key_refused: bool  # of one of its accounts


def clients(scope: Scope) -> list[ClientLine]:
    """All that the scope may see, unfiltered, by name: the filters' own choices come from here too. Two queries, and one
    where nobody manages any of them."""
    found = scope.clients.annotate(tag_names=StringAgg("tags__name", Value("\n")), test_mail=_TEST_MAIL, key_refused=_REFUSED)
    rows = list(
        found.order_by("name", "pk").values_list("pk", "slug", "name", "manager", "tag_names", "test_mail", "key_refused")
    )
    managers = _managers({manager for _, _, _, manager, *_ in rows if manager})
    return [
        ClientLine(
            pk,
            slug,
            name,
            *managers.get(manager, ("", "")),
            tuple(sorted(tags.split("\n"))) if tags else (),
            test_mail,
            key_refused,
        )
        for pk, slug, name, manager, tags, test_mail, key_refused in rows
    ]


def _managers(memberships: Collection[int]) -> dict[int | None, tuple[str, str]]:
    """Membership → its uuid and whose it is. Few, where clients are many: joined, they would be sorted and read with each."""
    if not memberships:
        return {}
    rows = Membership.objects.filter(pk__in=memberships).values_list("pk", "uuid", "user__name", "user__email")
    return {pk: (str(uuid), name or email) for pk, uuid, name, email in rows}


_TEST_MAIL = ledgers.has_test_mail()
_REFUSED = Exists(
    ConnectionScope.objects.filter(client=OuterRef("pk"), connection__health=Health.REFUSED, connection__removed_at=None)
)


class Inboxing(NamedTuple):
    """In the window and in the one before. `began`: `Window.began`."""

    now: Rate = Rate(0, 0)
    before: Rate = Rate(0, 0)
    began: date | None = None


def inboxing(scope: Scope) -> dict[int, Inboxing]:
    """By client. One query; another where some have no mail on the first of these days, whether they had any earlier."""
    window = scope.window
    start = window.before.first
    asked = _SUMS if scope.sees_unassigned else Prepared(_SUMS.rows.filter(client__in=scope.clients))
    sums = asked(agency=scope.agency.pk, start=start, first=window.first, last=window.last)
    new = new_to_mail([client for client, *_, since in sums if since > start], window)
    return {
        client: Inboxing(Rate(hits or 0, n or 0), Rate(both - (hits or 0), all_n - (n or 0)), since if client in new else None)
        for client, hits, n, both, all_n, since in sums
    }


_CLIENTS, _AGENCY = GivenMany("clients"), Given("agency", BigIntegerField())
_INBOX, _NOW = F("primary") + F("promotions"), Q(day__gte=Given("first", DateField()))
_FROM_START = Q(day__gte=Given("start", DateField()))
_MAIL = ClientDay.objects.filter(day__lte=Given("last", DateField()), received__gt=0)
#: In the window, and in that and the one before.
_HALVES = {
    "hits": Mails(_INBOX, filter=_NOW),
    "n": Mails("received", filter=_NOW),
    "both": Mails(_INBOX),
    "all_n": Mails("received"),
}
_SUMS = Prepared(
    _MAIL.filter(_FROM_START, agency=_AGENCY, mailbox_provider=ALL_PROVIDERS)
    .values_list("client_id")
    .annotate(**_HALVES, since=Min("day"))
)


def new_to_mail(clients: Collection[int], window: Window) -> set[int]:
    """Those without mail on any day before `window.before`. One query, none without clients."""
    if not clients:
        return set()
    earlier = ClientDay.objects.filter(
        client=OuterRef("pk"), mailbox_provider=ALL_PROVIDERS, received__gt=0, day__lt=window.before.first
    )
    return set(Client.objects.filter(~Exists(earlier), id__among=clients).values_list("pk", flat=True))


@dataclass(slots=True)
class Detail:
    """What one row shows beyond its rank. `providers` in the window, `vendors` the same by mailbox provider and vendor, `before`
    in the window before; `days` only those with mail."""

    providers: dict[str, Rate] = field(default_factory=dict)
    vendors: dict[str, dict[str, Rate]] = field(default_factory=dict)
    before: dict[str, Rate] = field(default_factory=dict)
    days: dict[date, Rate] = field(default_factory=dict)


def details(scope: Scope, clients: Collection[int]) -> dict[int, Detail]:
    """The split by mailbox provider of both windows and the trend's days, of these clients (of `scope`) only. One query."""
    window, found = scope.window, {client: Detail() for client in clients}
    asked = {"clients": clients, "start": window.before.first, "first": window.first, "last": window.last}
    for client, provider, vendor, day, hits, n, both, all_n in _DETAILS(**asked, trend=trend_start(scope)):
        detail = found[client]
        if day:
            detail.days[day] = _with(detail.days[day], hits, n) if day in detail.days else Rate(hits, n)
            continue
        if n:
            detail.vendors.setdefault(provider, {})[vendor] = Rate(hits, n)
            detail.providers[provider] = _with(detail.providers.get(provider), hits, n)
        if before := all_n - (n or 0):
            detail.before[provider] = _with(detail.before.get(provider), both - (hits or 0), before)
    return found


_SPLIT = (
    _MAIL.filter(_FROM_START, client__id__among=_CLIENTS)
    .exclude(mailbox_provider=ALL_PROVIDERS)
    .values_list("client_id", "mailbox_provider", "vendor", Value(None, DateField()))
    .annotate(**_HALVES)
)
_DAYS = _MAIL.filter(client__id__among=_CLIENTS, mailbox_provider=ALL_PROVIDERS, day__gte=Given("trend", DateField()))
#: The split first: of a union Django looks at the first for what it must make of the values, and sums it leaves alone.
_DETAILS = Prepared(
    _SPLIT.union(
        _DAYS.values_list("client_id", "mailbox_provider", "vendor", "day", _INBOX, "received", Value(0), Value(0)), all=True
    )
)


def _with(others: Rate | None, hits: int, n: int) -> Rate:
    """One vendor's beside the others'."""
    return Rate(others.hits + hits, others.n + n) if others else Rate(hits, n)


def trend_start(scope: Scope) -> date:
    return min(scope.window.first, scope.window.last - timedelta(days=TREND_DAYS - 1))


def sender_counts(scope: Scope, clients: Collection[int]) -> dict[int | None, int]:
    """By client (of `scope`); for those who may see them, beside None, the senders that no scope claims. One query."""
    asked = _PRESENT_AND_UNCLAIMED if scope.sees_unassigned else _PRESENT
    return dict(asked(clients=clients, agency=scope.agency.pk))


def connections_of(clients: Collection[int]) -> dict[int, list[int]]:
    """Client → its connections, through its scopes."""
    found: dict[int, list[int]] = {}
    for client, connection in _SERVING(clients=clients):
        found.setdefault(client, []).append(connection)
    return found


_SENDERS = Sender.objects.filter(gone_at=None).order_by().values_list("client_id").annotate(Tally("pk"))
_OF_CLIENTS = _SENDERS.filter(client__id__among=_CLIENTS)
_UNCLAIMED = _SENDERS.filter(client=None, connection__removed_at=None, connection__agency=_AGENCY)
_PRESENT, _PRESENT_AND_UNCLAIMED = Prepared(_OF_CLIENTS), Prepared(_OF_CLIENTS.union(_UNCLAIMED, all=True))
_SERVING = Prepared(
    ConnectionScope.objects.filter(connection__removed_at=None, client__id__among=_CLIENTS)
    .values_list("client_id", "connection_id")
    .distinct()
    .order_by("client_id", "connection_id")
)
