"""`connections` and `unassigned` as CSV: the vendor accounts, and what of them is nobody's yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clients import claiming
from clients.forms import ConnectionFilters
from clients.health import state_of
from clients.models import Connection
from clients.models import Scope as ClientScope
from clients.views.connections import for_list
from reports.exports.making import Row, harmless, moment
from reports.scope import Scope

CONNECTIONS = (
    "client", "vendor", "connection", "key", "scopes", "health", "detail", "last_answer", "oldest_pass", "late_feeds", "removed",
    "ledger",
)  # fmt: skip
UNASSIGNED = ("vendor", "connection", "kind", "value", "senders", "broadcasts", "mails", "claimed_by")


def connections(scope: Scope) -> Iterator[Row]:
    """All of the agency's, narrowed as on their page, with the ends of their keys; or those that serve the scope's clients."""
    own, shown = Connection.objects.of(scope.agency), set(scope.clients.values_list("pk", flat=True))
    if scope.sees_unassigned:
        found = [for_list(ConnectionFilters({"search": scope.filters.search, "health": scope.filters.status}).narrow(own))]
    else:
        serving = Connection.objects.filter(scopes__client__in=shown).values("pk")
        theirs = own.filter(pk__in=serving)
        found = [for_list(theirs.present()), for_list(theirs.removed()).order_by("-removed_at", "pk")]
    for one in (one for part in found for one in part):
        yield _connection(one, [claim for claim in one.scopes.all() if claim.client_id in shown], key=scope.sees_unassigned)


def _connection(one: Connection, claims: list[ClientScope], *, key: bool) -> Row:
    state, feeds = state_of(one), list(one.feeds.all())
    ends = [feed.last_ok_at for feed in feeds]
    known = [end for end in ends if end]
    return (
        harmless(_joined(claim.client.slug for claim in claims)),
        one.vendor,
        harmless(one.label),
        harmless(one.last4) if key else "",
        harmless(_joined(str(claim) for claim in claims)),
        state.word,
        harmless(state.detail),
        moment(one.last_ok_at),
        moment(min(known)) if len(known) == len(ends) and known else "",
        "" if one.removed_at else sum(feed.is_late for feed in feeds),
        moment(one.removed_at),
        one.ledger,
    )


def unassigned(scope: Scope) -> Iterator[Row]:
    """Domains, tags, then the senders that two scopes give to two clients; for those who see every client."""
    if not scope.sees_unassigned:
        return
    mine = Connection.objects.of(scope.agency)
    for row in claiming.unclaimed(mine):
        senders = "" if row.unread and not row.senders else row.senders
        of_mail = (row.broadcasts, row.mails) if row.kind == "domain" else ("", "")
        yield *_account(row.connection), str(row.kind), harmless(row.name or row.value), senders, *of_mail, ""
    for each in claiming.conflicts(mine):
        claims = _joined(f"{claim.client.slug}: {claim}" for claim in each.claims)
        yield *_account(each.sender.connection), "conflict", harmless(each.sender.email), 1, "", "", harmless(claims)


def _account(one: Connection) -> Row:
    return one.vendor, harmless(one.label)


def _joined(words: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(words))
