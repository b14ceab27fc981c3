"""One request as the routes see it, and what several of them need of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox import paging
from sandbox.answers import Answer, Json, RefusedError, encode, invalid
from sandbox.clock import Clock
from sandbox.inboxally.account import Account
from sandbox.switches import Switches

PageOf = Callable[[int | None, int], tuple[bytes, int | None]]
"""(after, limit) -> rows joined by commas, and the key to go on after."""


@dataclass(slots=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    account: Account
    clock: Clock
    switches: Switches
    named: tuple[str, ...] = ()
    """What stood in the path where the route has a name, decoded."""

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    @property
    def oldest(self) -> date:
        """The first day of broadcasts that is still kept."""
        return self.clock.today() - timedelta(days=self.switches.retention_days - 1)

    def json(self) -> dict[str, Json]:
        try:
            value = json.loads(self.body)
        except ValueError:
            raise invalid("body", "not JSON") from None
        if not isinstance(value, dict):
            raise invalid("body", "not an object")
        return value

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        value = self.query.get(name)
        if value is not None and value not in allowed:
            raise invalid(f"query.{name}", f"not one of {', '.join(allowed)}")
        return value

    def moment(self, name: str) -> int | None:
        """A day or a time from the query as an epoch second; a day means its first second."""
        if name not in self.query:
            return None
        try:
            value = datetime.fromisoformat(self.query[name])
        except ValueError:
            raise invalid(f"query.{name}", "not a date") from None
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())

    def limit(self) -> int:
        text = self.query.get("limit", str(self.switches.default_limit))
        if not text.isascii() or not text.isdigit() or int(text[:9]) < 1:
            raise invalid("query.limit", "not a whole number above 0")
        return min(int(text[:9]), self.switches.max_limit)

    def listed(self, resource: str, page_of: PageOf) -> Answer:
        """A page of the list, in its envelope."""
        limit = self.limit()
        if self.switches.short_pages:
            limit = min(limit, self.switches.short_pages)
        bound_to = paging.bound_to(self.account.name, self.path, self.query)
        cursor = paging.read(self.query["page_token"], bound_to) if self.query.get("page_token") else None
        then: str | None
        if cursor and cursor.empties:
            rows, then = b"", paging.write(paging.Cursor(cursor.after, cursor.empties - 1), bound_to)
        else:
            rows, last = page_of(cursor.after if cursor else None, limit)
            then = None if last is None else paging.write(paging.Cursor(last, self.switches.empty_pages), bound_to)
        return Answer(200, self._envelope(resource, rows, then))

    def _envelope(self, resource: str, rows: bytes, token: str | None) -> bytes:
        key = self.switches.items_key
        if key == "":
            return b"[" + rows + b"]"
        tail = b"}" if token is None else b',"next_page_token":"' + token.encode() + b'"}'
        return b'{"' + (key or resource).encode() + b'":[' + rows + b"]" + tail


def page_of[Row](rows: Iterable[Row], key: Callable[[Row], int], values: Callable[[Row], dict[str, Json]]) -> PageOf:
    """Pages through rows in the order of their keys, which rise and stay."""

    def page(after: int | None, limit: int) -> tuple[bytes, int | None]:
        left = [row for row in rows if after is None or key(row) > after]
        served = left[:limit]
        more = key(served[-1]) if len(left) > limit else None
        return b",".join(encode(values(row)) for row in served), more

    return page


def missing(what: str) -> RefusedError:
    return RefusedError(404, f"{what} not found")
