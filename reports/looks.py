"""Which clients need a look, and why: one rule for the Overview's order, its count, its filter and its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reports.ages import is_silent
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine, Detail
from reports.stats import Change, Rate, change

#: `?look=`: those alone that need one.
NEEDED = "needed"


class Ranked(NamedTuple):
    client: ClientLine
    now: Rate
    before: Rate
    change: Change
    silent: bool = False


class Place(NamedTuple):
    """A mailbox provider where a client fell, or is below 70 %."""

    name: str
    moved: Change
    fell: bool


@dataclass(frozen=True, slots=True)
class Looks:
    clients: frozenset[int]
    why: dict[str, int]  # in words → how many; a client may be in several
    places_known: bool  # a client counts as well for what one mailbox provider alone shows


def looks(ranked: Sequence[Ranked], details: Mapping[int, Detail]) -> Looks:
    """`details`: of all of them, or of none."""
    found = {
        "below 70 %": {row.client.pk for row in ranked if row.now.band == "bad"},
        "fell": {row.client.pk for row in ranked if row.change.fell},
        "silent": {row.client.pk for row in ranked if row.silent},
        "key refused": {row.client.pk for row in ranked if row.client.key_refused},
    }
    told = frozenset[int]().union(*found.values())
    rest = [row for row in ranked if row.client.pk not in told] if details else []
    alone = {row.client.pk for row in rest if worst_place(details[row.client.pk], row.change.began)}
    found["at one mailbox provider"] = alone
    return Looks(told | alone, {words: len(clients) for words, clients in found.items()}, bool(details) or not ranked)


def silent(last: date | None, accounts: Iterable[Account], today: date) -> bool:
    """Of what we have not read lately we cannot say that nothing came, nor of what no vendor watches."""
    if not is_silent(last, today):
        return False
    accounts = list(accounts)
    return any(account.sees_placement for account in accounts) and all(account.is_current for account in accounts)


def worst_place(detail: Detail, began: date | None) -> Place | None:
    """The mailbox provider with the deepest drop; without any, the one with the lowest rate below 70 %."""
    moves = {name: change(now, detail.before.get(name, Rate(0, 0)), began=began) for name, now in detail.providers.items()}
    dropped = {name: moved.points or 0.0 for name, moved in moves.items() if moved.dropped}
    low = {name: moved.now.value or 0.0 for name, moved in moves.items() if moved.now.band == "bad"}
    if not (worst := dropped or low):
        return None
    name = min(worst, key=lambda one: worst[one])
    return Place(name, moves[name], bool(dropped))
