"""The list of clients as a page shows it: who looks after each, how its accounts do, how its mail does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString

from agency.models import Membership
from clients.models import Client, Health
from reports import ranking
from reports.listing.heads import Column
from reports.listing.sorting import Way
from reports.queries import freshness, overview
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine
from reports.reached import HEADS, reached
from reports.scope import Filters, Scope
from reports.stats import Cell, Change, Rate, change

PAGE_SIZE = 50
STATUSES = {"": "Active", "archived": "Archived", "all": "All"}
COLUMNS = (
    Column("Client", "name"),
    Column("Manager", "manager"),
    Column("Inboxing, 7 days", "inboxing", number=True),
    Column("Change", "change", number=True, title=ranking.COLUMNS[-1].title),
)
_NOTHING = overview.Inboxing()


class State(NamedTuple):
    """Of a client's vendor accounts together."""

    tone: str
    word: str
    detail: str = ""


class Line(NamedTuple):
    client: ClientLine
    now: Rate
    change: Change


@dataclass(frozen=True, slots=True)
class Row:
    client: ClientLine
    archived: bool
    inboxing: Cell
    change: Change
    accounts: int
    state: State
    outreach: SafeString


@dataclass(frozen=True, slots=True)
class Roster:
    page: Page[Line]
    rows: list[Row]
    outreach: Sequence[str]  # heads of what stands beside; none where no account tells of any


def scope_of(member: Membership, filters: Filters) -> Scope:
    """The last seven days of the clients with the status asked for, among those the member may see."""
    scope = Scope.of_member(member, {})
    visible = Client.objects.visible_to(member)
    clients = {"": visible.active(), "archived": visible.exclude(archived_at=None), "all": visible}
    return replace(scope, clients=clients.get(filters.status, visible.none()), filters=filters)


def listed(scope: Scope, lines: Sequence[ClientLine]) -> list[Line]:
    """Those that the filters let through, sorted."""
    rates = overview.inboxing(scope)
    found = []
    for line in lines:
        if _wanted(line, scope.filters):
            now, before, began, _ = rates.get(line.pk, _NOTHING)
            found.append(Line(line, now, change(now, before, began=began)))
    way = way_of(scope.filters)
    return ranking.ordered(found, _SORTS[way.name], descending=way.descending)


def way_of(filters: Filters) -> Way:
    return Way.read(filters.sort, _SORTS, "name")


_SORTS = ranking.SORTS | {"manager": lambda line: line.client.manager_name.lower() or None}


def roster(scope: Scope, lines: Sequence[Line], number: str) -> Roster:
    """The page `number`, in four queries."""
    page = Paginator(lines, PAGE_SIZE).get_page(number)
    ids = [line.client.pk for line in page.object_list]
    archived = set(Client.objects.filter(pk__in=ids).exclude(archived_at=None).values_list("pk", flat=True))
    accounts = {account.pk: account for account in freshness.accounts(scope)}
    serving = overview.connections_of(ids)
    theirs = {pk: [accounts[one] for one in serving.get(pk, ()) if one in accounts] for pk in ids}
    outreach = reached(ids, theirs, accounts.values(), scope.window)
    rows = []
    for line in page.object_list:
        pk, mine = line.client.pk, theirs[line.client.pk]
        beside = outreach[pk].cells if outreach else SafeString()
        rows.append(Row(line.client, pk in archived, line.now.cell, line.change, len(mine), _state(mine), beside))
    return Roster(page, rows, HEADS if outreach else ())


def _wanted(line: ClientLine, filters: Filters) -> bool:
    search = filters.search.lower()
    return (
        (not filters.tag or filters.tag in line.tags)
        and (not filters.manager or line.manager == filters.manager)
        and (not search or search in line.name.lower() or search in line.slug or any(search in tag for tag in line.tags))
    )


def _state(accounts: Sequence[Account]) -> State:
    if not accounts:
        return State("look", "no account", "Nothing brings its data home yet")
    for tone, word, bad in (
        ("bad", "key refused", [one for one in accounts if one.refused]),
        ("look", "late", [one for one in accounts if one.late]),
        ("look", "failing", [one for one in accounts if one.failing]),
        ("look", "part not read", [one for one in accounts if one.lacking]),
    ):
        if bad:
            some = f"{len(bad)} of {len(accounts)} " if len(bad) < len(accounts) else ""
            return State(tone, some + word, ", ".join(one.label for one in bad))
    if all(one.health == Health.PAUSED for one in accounts):
        return State("", "paused", ", ".join(one.label for one in accounts))
    if any(one.last_ok is None for one in accounts):
        return State("", "first sync", "Its data are on the way")
    return State("good", "working")
