"""Whom to tick: all where they are few, else those that are ticked and those that a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clients.models import Connection, Sender
from clients.ordering import choosing

SHOWN = 60  # of those that nobody has ticked


@dataclass(frozen=True, slots=True)
class Tick:
    """A sender that can be ticked, or why not."""

    value: str
    email: str
    why: str
    ticked: bool


class SendersToTick:
    """Of `mine`. `many`: not all of them are shown; `found`: how many a search has found."""

    def __init__(self, mine: QuerySet[Sender], ticked: Sequence[str], find: str) -> None:
        self.find, self._ticked = find, set(filter(None, map(_uuid, ticked)))
        some = mine.values_list("uuid", "email", "status")
        self.rows: list[Any] = list(some[: SHOWN + 1])
        self.many = len(self.rows) > SHOWN
        self.total = mine.count()
        self.found = 0
        if self.many:
            matching = some.filter(Q(email__icontains=find) | Q(name__icontains=find)) if find else some.none()
            self.found = matching.count() if find else 0
            kept = list(some.filter(uuid__in=self._ticked)) if self._ticked else []
            self.rows = list(dict.fromkeys([*kept, *matching[:SHOWN]]))

    @property
    def more(self) -> int:
        """Found, and not shown."""
        return max(0, self.found - SHOWN)

    def ticks(self, connection: Connection) -> list[Tick]:
        rows = [
            Tick(str(uuid), email, choosing.left_out_for(connection, status), uuid in self._ticked)
            for uuid, email, status in self.rows
        ]
        return sorted(rows, key=lambda tick: bool(tick.why))


class Wholes:
    """Domains or tags, each with its number of senders in its label."""

    def __init__(self, choices: Sequence[tuple[str, str]], ticked: Sequence[str], find: str) -> None:
        self.many, found = len(choices) > SHOWN, list(choices)
        if self.many:
            matching = [pair for pair in choices if find and find.lower() in pair[0].lower()]
            found = list(dict.fromkeys([*(pair for pair in choices if pair[0] in ticked), *matching[:SHOWN]]))
        self.total = len(choices)
        self.ticks = [(name, label, name in ticked) for name, label in found]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
