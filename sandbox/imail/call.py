"""One request as the routes see it, and what several of them need of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sandbox import paging
from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.clock import iso
from sandbox.imail.switches import Switches
from sandbox.imail.workspace import Ledger
from sandbox.paging import Cursor, Style

if TYPE_CHECKING:
    from sandbox.imail.world import World

MARK = "cur_"


@dataclass(slots=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    world: World
    ledger: Ledger
    key: str
    """Its name."""
    version: str
    switches: Switches
    now: datetime
    named: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        try:
            value = json.loads(self.body or b"null")
        except ValueError:
            raise refused(400, "invalid_json", "The body is not valid JSON") from None
        if not isinstance(value, dict):
            raise refused(400, "invalid_json", "The body must be an object")
        return value

    def listed[Row](
        self, rows: Sequence[Row], values: Callable[[Row], dict[str, Json]], number: Callable[[Row], int] | None = None
    ) -> Answer:
        """A page of the rows. `number` rises along the list and stays with its row; without it the row's place is taken."""
        limit, after = self._limit(), self._after()
        places = range(len(rows))
        start = after + 1 if number is None else next((place for place in places if number(rows[place]) > after), len(rows))
        served = rows[start : start + limit]
        more = start + limit < len(rows)
        last = start + len(served) - 1 if number is None or not served else number(served[-1])
        cursor = paging.write(Cursor(last), self._bound()) if more else None
        told = {"next_cursor": f"{MARK}{cursor}" if cursor else None, "has_more": more}
        return ok({"data": [self.shown(values(row)) for row in served], "pagination": told})

    def one(self, values: dict[str, Json], status: int = 200) -> Answer:
        values = self.shown(values)
        return ok({"data": values} if self.switches.one == "data" else values, status)

    def shown(self, values: dict[str, Json]) -> dict[str, Json]:
        return values | {"region_hint": "eu-1", "flags": {"beta": [1, None]}} if self.switches.extra_keys else values

    def day(self, name: str) -> date | None:
        text = self.query.get(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise invalid(name, f"{name} must be a date like 2026-05-12") from None

    def _limit(self) -> int:
        try:
            limit = int(self.query.get("limit", self.switches.default_limit))
        except ValueError:
            limit = 0
        if not 1 <= limit <= self.switches.max_limit:
            raise invalid("limit", f"limit must be between 1 and {self.switches.max_limit}")
        return min(limit, self.switches.short_pages) if self.switches.short_pages else limit

    def _after(self) -> int:
        token = self.query.get("cursor")
        if not token:
            return -1
        try:
            return paging.read(token.removeprefix(MARK), self._bound()).after
        except RefusedError:
            raise refused(400, "invalid_cursor", "This cursor belongs to another list, or has expired") from None

    def _bound(self) -> str:
        return paging.bound_to(self.key, self.path, self.query)


def _again(token: str, bound: str) -> str:
    return MARK + paging.SIGNED.again(token.removeprefix(MARK), bound)


CURSORS = Style("cursor", "next_cursor", _again, inside="pagination")


def refused(status: int, code: str, text: str, field: str = "") -> RefusedError:
    return RefusedError(status, text, code=code, field=field)


def invalid(field: str, text: str) -> RefusedError:
    return refused(400, "invalid_field", text, field)


def lacking(field: str) -> RefusedError:
    return refused(400, "missing_field", f"{field} is required", field)


def missing(what: str) -> RefusedError:
    return refused(404, "not_found", f"No such {what}")


def moment(value: datetime | None) -> str | None:
    return None if value is None else iso(value)
