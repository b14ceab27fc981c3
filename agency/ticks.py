"""What to tick in a form: all where they are few, else those that are ticked and those that a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet

SHOWN = 60  # of those that nobody has ticked


class ToTick:
    """Rows of `mine`. `many`: not all of them are shown; `found`: how many a search has found."""

    columns: ClassVar[tuple[str, ...]]  # the uuid first
    searched: ClassVar[tuple[str, ...]]

    def __init__(self, mine: QuerySet[Any], ticked: Sequence[str], find: str) -> None:
        self.find, self.ticked = find, set(filter(None, map(_uuid, ticked)))
        some = mine.values_list(*self.columns)
        self.rows: list[Any] = list(some[: SHOWN + 1])
        self.many = len(self.rows) > SHOWN
        self.total = mine.count()
        self.found = 0
        if self.many:
            matching = some.filter(self._matching()) if find else some.none()
            self.found = matching.count() if find else 0
            kept = list(some.filter(uuid__in=self.ticked)) if self.ticked else []
            self.rows = list(dict.fromkeys([*kept, *matching[:SHOWN]]))

    @property
    def more(self) -> int:
        """Found, and not shown."""
        return max(0, self.found - SHOWN)

    def _matching(self) -> Q:
        found = Q()
        for name in self.searched:
            found |= Q(**{f"{name}__icontains": self.find})
        return found


class ClientsToTick(ToTick):
    columns = ("uuid", "name")
    searched = ("name",)

    @property
    def ticks(self) -> list[tuple[str, str, bool]]:
        return [(str(uuid), name, uuid in self.ticked) for uuid, name in self.rows]


def looked_for(text: str) -> str:
    """What was typed into the search field, as a database takes it."""
    return text.replace("\x00", "").strip()[:200]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
