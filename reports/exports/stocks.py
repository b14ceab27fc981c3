"""`seed_accounts` and `shuffles` as CSV: vendor accounts by their seeds, and what was exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clients.models import Connection, MailboxProvider, SeedBook
from clients.models.accounts import ClientQuerySet
from reports.exports.making import Row, harmless, moment
from reports.listing import accounts, seed_account, seeds
from reports.scope import Scope

SEED_ACCOUNTS = (
    "client", "vendor", "connection", "seeds", *MailboxProvider.values, "no_longer_in_use", "last_shuffle", "next_shuffle",
)  # fmt: skip
SHUFFLES = ("vendor", "connection", "at", "what", "by", "state", "replaced", "added", "removed", "outcome")


def seed_accounts(scope: Scope) -> Iterator[Row]:
    found = list(seeds.connections(scope).order_by("label", "pk"))
    kept, serving = accounts.stocks(found), accounts.served(scope.clients, found)
    books = SeedBook.objects.in_bulk([one.pk for one in found], field_name="connection_id")
    for one in found:
        stock, book = kept[one.pk], books.get(one.pk)
        # What was never read is not none.
        counts = stock.total, *(stock.mix.get(provider, 0) for provider in MailboxProvider.values), sum(stock.rest.values())
        yield (
            harmless("|".join(sorted(client.slug for client in serving[one.pk].clients))),
            one.vendor,
            harmless(one.label),
            *(counts if stock.read else [""] * len(counts)),
            moment(book.last_shuffle_at) if book else "",
            moment(book.next_allowed_at) if book else "",
        )


def shuffles(connections: Iterable[Connection], visible: ClientQuerySet) -> Iterator[Row]:
    """Newest first of each account, plans that nobody has confirmed left out."""
    for one in connections:
        for row in seed_account.past_shuffles(one):
            past = seed_account.history([row])[0]
            counts = ("" if number is None else number for number in (row.replaced, row.added, row.removed))
            words = (harmless(past.how), harmless(past.who), row.state)
            yield one.vendor, harmless(one.label), moment(past.day), *words, *counts, harmless(row.outcome)
