"""Every feed of every account of the agency, worst first: what is read, how fresh it is, and what the vendor said last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils import timezone

from clients import lacking
from clients.models import Connection, Feed, Health
from clients.models import Scope as ClientScope
from clients.models.operations import held_off, left_out
from clients.vendors import VENDORS
from reports.listing.forms import Offers
from reports.queries.freshness import late
from reports.scope import Scope


class State(NamedTuple):
    word: str
    tone: str  # of the tag: good, look, bad or none


#: Worst first.
STATES = {
    "refused": State("key refused", "bad"),
    "waiting": State("asked to wait", "look"),
    "late": State("late", "look"),
    "failing": State("failing", "look"),
    "lacking": State("can’t be read", "look"),
    "parted": State("part not read", "look"),
    "paused": State("paused", ""),
    "first": State("no complete pass yet", ""),
    "fresh": State("fresh", "good"),
}


def feeds(scope: Scope) -> QuerySet[Feed]:
    """Of accounts that serve the scope's clients, or of all for those who see all; each with its `standing`, a key of STATES."""
    asked = scope.filters
    rows = of_scope(scope)
    if asked.client:
        rows = rows.filter(connection__in=ClientScope.objects.filter(client__slug=asked.client).values("connection"))
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.kind:
        rows = rows.filter(resource=asked.kind)
    if asked.status:
        rows = rows.filter(Q(standing=asked.status))  # annotated
    if asked.search:
        rows = rows.filter(connection__label__icontains=asked.search)
    order = Case(*(When(standing=name, then=Value(place)) for place, name in enumerate(STATES)))
    return rows.order_by(order, F("last_ok_at").asc(nulls_first=True), "connection__label", "pk")


def of_scope(scope: Scope) -> QuerySet[Feed]:
    accounts = Connection.objects.of(scope.agency).present()
    if not scope.sees_unassigned:
        accounts = accounts.filter(pk__in=scope.clients.values("scopes__connection"))
    standing = Case(
        When(connection__health=Health.REFUSED, then=Value("refused")),
        When(connection__health=Health.PAUSED, then=Value("paused")),
        When(~Q(lacks=""), then=Value("lacking")),
        When(held_off(), then=Value("waiting")),
        When(late("", "connection__created_at"), then=Value("late")),
        When(failures__gt=0, then=Value("failing")),
        When(last_ok_at=None, then=Value("first")),
        When(left_out(), then=Value("parted")),
        default=Value("fresh"),
        output_field=CharField(),
    )
    return Feed.objects.filter(connection__in=accounts).with_told().annotate(standing=standing)


def offers(scope: Scope) -> Offers:
    known = Feed.objects.filter(connection__in=Connection.objects.of(scope.agency).present()).order_by()
    pairs = set(known.values_list("connection__vendor", "resource").distinct())
    vendors = sorted({vendor for vendor, _ in pairs}, key=lambda slug: VENDORS[slug].label)
    clients = scope.clients.order_by("name", "pk").values_list("slug", "name")
    return {
        "status": ("State", [(name, state.word.capitalize()) for name, state in STATES.items()]),
        "vendor": ("Vendor", [(slug, VENDORS[slug].label) for slug in vendors]),
        "kind": ("Feed", [(name, name.capitalize()) for name in sorted({resource for _, resource in pairs})]),
        "client": ("Client", list(clients)),
    }


def serving(scope: Scope, connections: Iterable[int]) -> dict[int, dict[str, str]]:
    """Connection → slug → name of the clients that it serves, by name, as far as the scope sees them."""
    rows = ClientScope.objects.filter(connection__in=set(connections), client__in=scope.clients.values("pk"))
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for connection, slug, name in rows.order_by("client__name", "client").values_list(
        "connection", "client__slug", "client__name"
    ):
        found[connection][slug] = name
    return found


def next_try(feed: Feed) -> str:
    """'rests' or 'now'; '' where `next_at` tells."""
    if feed.connection.health != Health.OK:
        return "rests"
    return "now" if feed.claimed_until and feed.claimed_until > timezone.now() else ""


def said(feed: Feed) -> str:
    """What a person should know of it: why the account rests, else what a run that was not complete ended with."""
    if feed.connection.health != Health.OK:
        return str(feed.connection.health_reason)
    if feed.lacks:
        return lacking.said([feed])
    if feed.last_run and (feed.failures or feed.held_off):
        return str(feed.last_run.outcome)
    return feed.left_out
