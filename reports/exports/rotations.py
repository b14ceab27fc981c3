"""`mix`, `rotations`, `rotation_checks` and `seed_files` as CSV: of the page of one account's seeds, or of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from clients.models import Client, Connection, SeedFileDownload
from clients.models.accounts import ClientQuerySet
from clients.shuffles import rotating, seedbook
from reports.exports import stocks
from reports.exports.making import Row, harmless, moment
from reports.listing import seed_account, seeds
from reports.scope import Scope

MIX = ("vendor", "connection", "mailbox_provider", "seeds", "share")
ROTATIONS = (
    "client", "vendor", "connection", "shuffled_at", "added_taken_at", "added_taken_by", "removed_taken_at", "removed_taken_by",
    "done_at", "done_by",
)  # fmt: skip
CHECKS = (
    "client", "vendor", "connection", "shuffled_at", "mailbox_provider", "seeds_before", "seeds_stayed", "seeds_now",
    "broadcasts_since", "most_mails_of_one", "verdict", "words",
)  # fmt: skip
FILES = ("client", "vendor", "connection", "at", "by", "file", "since", "layout", "seeds")

#: Of these accounts, as far as these clients' readers may see it.
type Of = Callable[[Iterable[Connection], ClientQuerySet], Iterator[Row]]


def of_scope(rows: Of) -> Callable[[Scope], Iterator[Row]]:
    return lambda scope: rows(seeds.connections(scope).order_by("label", "pk"), scope.clients)


def mix(connections: Iterable[Connection], visible: ClientQuerySet) -> Iterator[Row]:
    for one in connections:
        found = seedbook.mix(one)
        total = sum(found.values())
        for provider, number in found.items():
            yield one.vendor, harmless(one.label), provider, number, f"{number / total:.4f}"


def rotations(connections: Iterable[Connection], visible: Iterable[Client]) -> Iterator[Row]:
    for one in rotating.rotations(list(connections), visible):
        files = ((moment(file.at), harmless(file.actor)) if file else ("", "") for file in (one.added, one.removed))
        done = (moment(one.done.at), harmless(one.done.actor)) if one.done else ("", "")
        yield (
            *_of(one.client, one.shuffle.connection),
            moment(one.shuffle.happened_at),
            *(cell for pair in files for cell in pair),
            *done,
        )


def rotation_checks(connections: Iterable[Connection], visible: Iterable[Client]) -> Iterator[Row]:
    for connection in connections:
        for mile in seed_account.miles(connection, visible):
            client, shuffled = mile.rotation.client, moment(mile.rotation.shuffle.happened_at)
            for check in mile.checks:
                stock, seen = check.stock, check.seen
                counts = (stock.before, stock.kept, stock.now, seen.broadcasts, seen.most)
                yield *_of(client, connection), shuffled, check.provider, *counts, check.verdict, check.words


def seed_files(connections: Iterable[Connection], visible: Iterable[Client]) -> Iterator[Row]:
    """The newest first."""
    taken = SeedFileDownload.objects.filter(connection__in=[one.pk for one in connections], client__in=visible)
    for row in taken.select_related("client", "connection").order_by("-at", "-pk").iterator(500):
        if row.client:
            since = moment(row.since)
            yield *_of(row.client, row.connection), moment(row.at), harmless(row.actor), row.which, since, row.layout, row.rows


def _of(client: Client, connection: Connection) -> Row:
    return harmless(client.slug), connection.vendor, harmless(connection.label)


#: What the page of one account has.
OF_ACCOUNT: dict[str, Of] = {
    "mix": mix,
    "rotations": rotations,
    "rotation_checks": rotation_checks,
    "seed_files": seed_files,
    "shuffles": stocks.shuffles,
}
