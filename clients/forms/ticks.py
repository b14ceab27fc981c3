"""Whom a placement test is sent from: senders to tick one by one, or whole domains and tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agency import ticks
from clients.models import Connection
from clients.ordering import choosing


@dataclass(frozen=True, slots=True)
class Tick:
    """A sender that can be ticked, or why not."""

    value: str
    email: str
    why: str
    ticked: bool


class SendersToTick(ticks.ToTick):
    columns = ("uuid", "email", "status")
    searched = ("email", "name")

    def ticks(self, connection: Connection) -> list[Tick]:
        rows = [
            Tick(str(uuid), email, choosing.left_out_for(connection, status), uuid in self.ticked)
            for uuid, email, status in self.rows
        ]
        return sorted(rows, key=lambda tick: bool(tick.why))


class Wholes:
    """Domains or tags, each with its number of senders in its label."""

    def __init__(self, choices: Sequence[tuple[str, str]], ticked: Sequence[str], find: str) -> None:
        self.many, found = len(choices) > ticks.SHOWN, list(choices)
        if self.many:
            matching = [pair for pair in choices if find and find.lower() in pair[0].lower()]
            found = list(dict.fromkeys([*(pair for pair in choices if pair[0] in ticked), *matching[: ticks.SHOWN]]))
        self.total = len(choices)
        self.ticks = [(name, label, name in ticked) for name, label in found]
