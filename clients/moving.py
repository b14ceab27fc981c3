"""What becomes of a removed account's history when its key is connected again, for other clients than before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from agency import audit
from clients.models import Client, Connection


@dataclass(frozen=True)
class Move:
    """What connecting a removed account's key does to its history where a client would lose it."""

    connection: Connection
    losing: list[Client]
    gaining: list[Client]

    @classmethod
    def between(cls, connection: Connection, before: Iterable[Client], after: Iterable[Client]) -> Move:
        gaining = list(dict.fromkeys(after))
        return cls(connection, [client for client in dict.fromkeys(before) if client not in gaining], gaining)

    def __str__(self) -> str:
        until = f"{self.connection.removed_at:%-d %b %Y}"
        return f"This account served {_listed(self.losing)} until {until}; its history will belong to {_listed(self.gaining)}."

    @property
    def token(self) -> str:
        """Names this move among all others: a yes to one is none to another."""
        losing, gaining = (",".join(sorted(client.slug for client in side)) for side in (self.losing, self.gaining))
        return f"{losing}>{gaining}"


type Agrees = Callable[[Move], bool]


class HistoryMoves(Exception):
    """Nobody has agreed to it."""

    def __init__(self, move: Move) -> None:
        super().__init__(str(move))
        self.move = move


def never(move: Move) -> bool:
    return False


def ask_first(move: Move, agrees: Agrees) -> None:
    """Raises HistoryMoves unless `agrees` says yes, or nobody loses anything."""
    if move.losing and not agrees(move):
        raise HistoryMoves(move)


def record(move: Move, by: HttpRequest | None) -> None:
    """With each client that loses it: what is done next is said with the one that gains."""
    one, before, after = move.connection, {"history": _names(move.losing)}, {"history": _names(move.gaining)}
    action = "connection.history_moved"
    for client in move.losing:
        audit.record(by, action, one.label, agency=one.agency, subject=client.uuid, before=before, after=after)


def _names(clients: Iterable[Client]) -> list[str]:
    return [client.name for client in clients] or ["nobody"]


def _listed(clients: Iterable[Client], at_most: int = 5) -> str:
    """'Acme', 'Acme and Birch', 'Acme, Birch and Oak'; of many the first few."""
    names = _names(clients)
    if len(names) > at_most:
        names = [*names[:at_most], f"{len(names) - at_most} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
