"""`overview` and `clients` as CSV: one row per client, of figures that the pages work out in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from clients.models import Client, MailboxProvider
from reports import board, roster
from reports.exports.cells import FORMULA_STARTS
from reports.listing.owners import narrowed_by_client
from reports.queries import freshness, overview
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine, Detail
from reports.scope import Scope
from reports.stats import Change, Rate, wilson

_BEFORE = ("received_before", "inboxing_before", "change", "change_is_clear")
_AT = tuple(f"{provider}{what}" for provider in MailboxProvider.values for what in ("", "_received"))
_RATE = ("received", "inboxing", "low", "high")
_WHO = ("client", "name", "manager", "tags")
_HEALTH = ("last_data", "late_feeds", "refused_keys")
OVERVIEW = (*_WHO, *_RATE, *_BEFORE, *_AT, "senders", *_HEALTH)
CLIENTS = (*_WHO, "archived", *_RATE, *_BEFORE, "accounts", *_HEALTH)

type Row = tuple[Any, ...]


def of_overview(scope: Scope) -> Iterator[Row]:
    """The Overview's clients in its order."""
    scope, sort = narrowed_by_client(scope), scope.filters.sort
    ranked = board.rank(overview.clients(scope), overview.inboxing(scope), sort)
    ids = [row.client.pk for row in ranked]
    details, senders, accounts = overview.details(scope, ids), overview.sender_counts(ids), _accounts(scope, ids)
    for row in ranked:
        cells = (_rate(row.now), _compared(row.before, row.change), _split(details[row.client.pk]))
        yield (*_who(row.client), *_flat(cells), senders.get(row.client.pk, 0), *_health(accounts[row.client.pk]))


def of_clients(scope: Scope) -> Iterator[Row]:
    """The client list's clients in its order; `scope` holds archived ones where they are asked for."""
    lines = roster.listed(scope, overview.clients(scope))
    before = {pk: rates[1] for pk, rates in overview.inboxing(scope).items()}
    ids = [line.client.pk for line in lines]
    archived, accounts = dict(Client.objects.filter(pk__in=ids).values_list("pk", "archived_at")), _accounts(scope, ids)
    for line in lines:
        pk = line.client.pk
        cells = (_rate(line.inboxing), _compared(before.get(pk, Rate(0, 0)), line.change))
        yield (*_who(line.client), _moment(archived[pk]), *_flat(cells), len(accounts[pk]), *_health(accounts[pk]))


def harmless(text: str) -> str:
    """As `cells.words` does it in SQL."""
    return f"'{text}" if text[:1] and text[0] in FORMULA_STARTS else text


def _flat(parts: Iterable[Row]) -> Row:
    return tuple(cell for part in parts for cell in part)


def _who(client: ClientLine) -> Row:
    return tuple(map(harmless, (client.slug, client.name, client.manager_name, "|".join(client.tags))))


def _rate(rate: Rate) -> Row:
    if not rate.n:
        return (0, "", "", "")
    low, high = wilson(*rate)
    return rate.n, _inboxing(rate), f"{low:.4f}", f"{high:.4f}"


def _inboxing(rate: Rate) -> str:
    """Half up, as the other tables have it."""
    return f"{(rate.hits * 20_000 + rate.n) // (2 * rate.n) / 10_000:.4f}" if rate.n else ""


def _compared(before: Rate, change: Change) -> Row:
    """The change as a fraction, like the rates: 0.0512 is 5.12 percentage points."""
    if change.points is None:
        return before.n, _inboxing(before), "", ""
    return before.n, _inboxing(before), f"{change.points / 100:.4f}", "yes" if change.clear else "no"


def _split(detail: Detail) -> Row:
    rates = [detail.providers.get(provider, Rate(0, 0)) for provider in MailboxProvider.values]
    return tuple(cell for rate in rates for cell in (_inboxing(rate), rate.n or ""))


def _accounts(scope: Scope, ids: list[int]) -> dict[int, list[Account]]:
    known = {account.pk: account for account in freshness.accounts(scope)}
    serving = overview.connections_of(ids)
    return {client: [known[pk] for pk in serving.get(client, ()) if pk in known] for client in ids}


def _health(accounts: list[Account]) -> Row:
    oldest = min((account.last_ok for account in accounts if account.last_ok), default=None)
    return _moment(oldest), sum(account.late for account in accounts), sum(account.refused for account in accounts)


def _moment(then: datetime | None) -> str:
    return f"{then:%Y-%m-%dT%H:%M:%SZ}" if then else ""
