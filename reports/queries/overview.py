"""Figures of many clients at once. Every function starts at a `Scope`; a client outside it never gets a row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, StringAgg, Subquery, Value, When
from django.db.models.functions import Cast

from clients import ledgers
from clients.models import ALL_PROVIDERS, ClientDay, Health, Sender
from clients.models import Scope as ConnectionScope
from reports.queries.plain import Mails, Tally
from reports.scope import Scope
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
    began: date | None  # its first day with mail, where the window before is not covered


def clients(scope: Scope) -> list[ClientLine]:
    """All that the scope may see, unfiltered, by name: the filters' own choices come from here too."""
    named = scope.clients.annotate(tag_names=StringAgg("tags__name", Value("\n"))).annotate(**_told_of_accounts())
    who = ("pk", "slug", "name", "manager__uuid", "manager__user__name", "manager__user__email")
    told = ("tag_names", "test_mail", "key_refused", "since")
    rows = named.annotate(since=Subquery(_FIRST_DAY)).order_by("name", "pk").values_list(*who, *told)
    return [
        ClientLine(
            pk,
            slug,
            name,
            str(manager or ""),
            called or email or "",
            tuple(sorted((tags or "").split("\n"))) if tags else (),
            test_mail,
            key_refused,
            replace(scope.window, since=since).began,
        )
        for pk, slug, name, manager, called, email, tags, test_mail, key_refused, since in rows
    ]


def _told_of_accounts() -> dict[str, Exists]:
    refused = ConnectionScope.objects.filter(
        client=OuterRef("pk"), connection__health=Health.REFUSED, connection__removed_at=None
    )
    return {"test_mail": ledgers.has_test_mail(), "key_refused": Exists(refused)}


_FIRST_DAY = (
    ClientDay.objects.filter(client=OuterRef("pk"), mailbox_provider=ALL_PROVIDERS, received__gt=0)
    .order_by("day")
    .values("day")[:1]
)


def inboxing(scope: Scope) -> dict[int, tuple[Rate, Rate]]:
    """Client → its inboxing in the window and in the one before."""
    window = scope.window
    now, inbox = Q(day__gte=window.first), F("primary") + F("promotions")
    rows = (
        ClientDay.objects.filter(
            agency=scope.agency, mailbox_provider=ALL_PROVIDERS, day__range=(window.before.first, window.last)
        )
        .values_list("client_id")
        .annotate(
            hits_now=Mails(inbox, filter=now),
            n_now=Mails("received", filter=now),
            hits=Mails(inbox),
            n=Mails("received"),
        )
    )
    if not scope.sees_unassigned:
        rows = rows.filter(client__in=scope.clients)
    return {client: _halves(hits or 0, n or 0, both, all_n) for client, hits, n, both, all_n in rows}


def _halves(hits: int, n: int, both: int, all_n: int) -> tuple[Rate, Rate]:
    return Rate(hits, n), Rate(both - hits, all_n - n)


@dataclass(slots=True)
class Detail:
    """What one row shows beyond its rank. `providers` in the window, `vendors` the same by mailbox provider and vendor, `before`
    in the window before; `days` only those with mail."""

    providers: dict[str, Rate] = field(default_factory=dict)
    vendors: dict[str, dict[str, Rate]] = field(default_factory=dict)
    before: dict[str, Rate] = field(default_factory=dict)
    days: dict[date, Rate] = field(default_factory=dict)


def details(scope: Scope, clients: Collection[int]) -> dict[int, Detail]:
    """The split by mailbox provider of both windows and the trend's days, of these clients (of `scope`) only."""
    window, trend = scope.window, trend_start(scope)
    before, totals = window.before.first, Q(mailbox_provider=ALL_PROVIDERS)
    # One day stands for each of the two windows in the split; the totals keep their own, for the trend.
    span = Case(When(totals, then="day"), When(day__gte=window.first, then=Value(window.first)), default=Value(before))
    rows = (
        ClientDay.objects.filter(client__id__among=clients, day__range=(min(trend, before), window.last))
        .filter(Q(totals, day__gte=trend) | Q(~totals, day__gte=before))
        .annotate(point=Cast(span, DateField()))
        .values_list("client_id", "mailbox_provider", "point", "vendor")
        .annotate(hits=Mails(F("primary") + F("promotions")), n=Mails("received"))
    )
    found = {client: Detail() for client in clients}
    for client, provider, point, vendor, hits, n in rows:
        if not n:
            continue
        detail = found[client]
        if provider == ALL_PROVIDERS:
            detail.days[point] = _with(detail.days[point], hits, n) if point in detail.days else Rate(hits, n)
        elif point == window.first:
            detail.vendors.setdefault(provider, {})[vendor] = Rate(hits, n)
            detail.providers[provider] = _with(detail.providers.get(provider), hits, n)
        else:
            detail.before[provider] = _with(detail.before.get(provider), hits, n)
    return found


def _with(others: Rate | None, hits: int, n: int) -> Rate:
    """One vendor's beside the others'."""
    return Rate(others.hits + hits, others.n + n) if others else Rate(hits, n)


def trend_start(scope: Scope) -> date:
    return min(scope.window.first, scope.window.last - timedelta(days=TREND_DAYS - 1))


#: Made once: to put such a query together takes longer than to answer it.
_PRESENT = Sender.objects.filter(gone_at=None).order_by().values_list("client_id").annotate(Tally("pk"))
_SERVING = (
    ConnectionScope.objects.filter(connection__removed_at=None)
    .values_list("client_id", "connection_id")
    .distinct()
    .order_by("client_id", "connection_id")
)
_UNCLAIMED = Sender.objects.filter(client=None, gone_at=None, connection__removed_at=None)


def sender_counts(clients: Collection[int]) -> dict[int, int]:
    return dict(_PRESENT.filter(client__id__among=clients))


def connections_of(clients: Collection[int]) -> dict[int, list[int]]:
    """Client → its connections, through its scopes."""
    found: dict[int, list[int]] = {}
    for client, connection in _SERVING.filter(client__id__among=clients):
        found.setdefault(client, []).append(connection)
    return found


def unassigned(scope: Scope) -> int:
    """Senders that no scope claims, for those who may see them."""
    return _UNCLAIMED.filter(connection__agency=scope.agency).count() if scope.sees_unassigned else 0
