"""`overview` and `clients` as CSV: one row per client, of figures that the pages work out in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from clients.ledgers import TEST
from clients.models import Client, MailboxProvider
from reports import board, reached, roster
from reports.disagreeing import gaps
from reports.exports.making import Row, compared, harmless, inboxing, moment, rate
from reports.listing.owners import narrowed_by_client
from reports.queries import freshness, overview
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine, Detail
from reports.scope import Scope
from reports.stats import Rate

_BEFORE = ("received_before", "inboxing_before", "change", "change_is_clear")
_AT = tuple(f"{provider}{what}" for provider in MailboxProvider.values for what in ("", "_received"))
_RATE = ("received", "inboxing", "low", "high")
_WHO = ("client", "name", "manager", "tags")
_HEALTH = ("last_data", "late_feeds", "refused_keys")
OVERVIEW = (*_WHO, *_RATE, *_BEFORE, *_AT, "senders", *_HEALTH, *reached.COLUMNS, "ledger", "vendors_disagree")
CLIENTS = (*_WHO, "archived", *_RATE, *_BEFORE, "accounts", *_HEALTH, *reached.COLUMNS, "ledger")


def of_overview(scope: Scope) -> Iterator[Row]:
    """The Overview's clients in its order."""
    scope = narrowed_by_client(scope)
    lines = overview.clients(scope)
    accounts = _accounts(scope, [line.pk for line in lines])
    standing = board.standing(scope, lines, accounts)
    ranked = standing.shown(scope.filters.look)
    ids = [row.client.pk for row in ranked]
    details, senders = standing.details or overview.details(scope, ids), overview.sender_counts(scope, ids)
    outreach = _outreach(scope, ids, accounts)
    for row in ranked:
        cells = (rate(row.now), compared(row.before, row.change), _split(details[row.client.pk]))
        yield (
            *_who(row.client),
            *_flat(cells),
            senders.of.get(row.client.pk, 0),
            *_health(accounts[row.client.pk]),
            *outreach(row.client.pk),
            _ledger(row.client),
            _differing(details[row.client.pk]),
        )


def of_clients(scope: Scope) -> Iterator[Row]:
    """The client list's clients in its order; `scope` holds archived ones where they are asked for."""
    lines = roster.listed(scope, overview.clients(scope))
    before = {pk: rates.before for pk, rates in overview.inboxing(scope).items()}
    ids = [line.client.pk for line in lines]
    archived, accounts = dict(Client.objects.filter(pk__in=ids).values_list("pk", "archived_at")), _accounts(scope, ids)
    outreach = _outreach(scope, ids, accounts)
    for line in lines:
        pk = line.client.pk
        cells = (rate(line.now), compared(before.get(pk, Rate(0, 0)), line.change))
        beside = (*_health(accounts[pk]), *outreach(pk), _ledger(line.client))
        yield (*_who(line.client), moment(archived[pk]), *_flat(cells), len(accounts[pk]), *beside)


def _flat(parts: Iterable[Row]) -> Row:
    return tuple(cell for part in parts for cell in part)


def _who(client: ClientLine) -> Row:
    return tuple(map(harmless, (client.slug, client.name, client.manager_name, "|".join(client.tags))))


def _ledger(client: ClientLine) -> str:
    return TEST if client.test_mail else ""


def _split(detail: Detail) -> Row:
    rates = [detail.providers.get(provider, Rate(0, 0)) for provider in MailboxProvider.values]
    return tuple(cell for at in rates for cell in (inboxing(at), at.n or ""))


def _differing(detail: Detail) -> str:
    found = gaps(detail.vendors)
    return "|".join(provider for provider in MailboxProvider.values if provider in found)


def _accounts(scope: Scope, ids: list[int]) -> dict[int, list[Account]]:
    known = {account.pk: account for account in freshness.accounts(scope)}
    serving = overview.connections_of(ids)
    return {client: [known[pk] for pk in serving.get(client, ()) if pk in known] for client in ids}


def _outreach(scope: Scope, ids: list[int], accounts: dict[int, list[Account]]) -> Callable[[int], Row]:
    serving = [account for each in accounts.values() for account in each]
    found = reached.reached(ids, accounts, serving, scope.window)
    return lambda pk: found.get(pk, reached.NOBODY).row


def _health(accounts: list[Account]) -> Row:
    oldest = min((account.last_ok for account in accounts if account.last_ok), default=None)
    return moment(oldest), sum(account.late for account in accounts), sum(account.refused for account in accounts)
