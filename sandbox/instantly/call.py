"""One request as the routes see it, and what several of them need of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.clock import Clock
from sandbox.instantly.cast import Key
from sandbox.instantly.switches import Switches
from sandbox.instantly.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.instantly.world import World

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


@dataclass(slots=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    pairs: list[tuple[str, str]]
    body: bytes
    world: World
    key: Key
    workspace: Workspace
    clock: Clock
    switches: Switches
    named: tuple[str, ...] = ()

    @property
    def now(self) -> int:
        """Unix milliseconds."""
        return int(self.clock.now().timestamp()) * 1000

    def json(self) -> dict[str, Json]:
        try:
            value = json.loads(self.body or b"null")
        except ValueError:
            raise bad("Body is not valid JSON but content-type is set to 'application/json'") from None
        if not isinstance(value, dict):
            raise bad("body must be object")
        return value

    def all_of(self, name: str) -> list[str]:
        """The values of a parameter that may be repeated."""
        return [value for asked, value in self.pairs if asked in (name, f"{name}[]")]

    def comma_list(self, name: str) -> list[str] | None:
        return [part.strip() for part in self.query[name].split(",")] if self.query.get(name) else None

    def number(self, name: str, allowed: Iterable[int] | None = None) -> int | None:
        text = self.query.get(name)
        if text is None:
            return None
        try:
            value = int(text)
        except ValueError:
            raise bad(f"querystring/{name} must be number") from None
        if allowed is not None and value not in allowed:
            raise bad(f"querystring/{name} must be equal to one of the allowed values")
        return value

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        value = self.query.get(name)
        if value is not None and value not in allowed:
            raise bad(f"querystring/{name} must be equal to one of the allowed values")
        return value

    def uuid(self, name: str, required: bool = False) -> str | None:
        value = self.query.get(name)
        if value is None and required:
            raise bad(f"querystring must have required property '{name}'")
        return None if value is None else is_uuid(value, f"querystring/{name}")

    def limit(self) -> int:
        """0 for a limit so high that the live server answers with no rows."""
        limit = self.number("limit")
        if limit is None:
            return self.switches.default_limit
        if limit < 1:
            raise bad("querystring/limit must be >= 1")
        if limit <= self.switches.max_limit:
            return limit
        if self.switches.over_limit == "400":
            raise bad(f"querystring/limit must be <= {self.switches.max_limit}")
        return 0

    def cursor(self) -> str | None:
        # A fault may have made another cursor for the same place.
        return self.query.get("starting_after", "").rstrip("~") or None

    def listed[Row](self, rows: Iterator[Row], values: Callable[[Row], dict[str, Json]], cursor: Callable[[Row], str]) -> Answer:
        """A page of what follows the cursor; `rows` begins there."""
        limit = self.limit()
        if not limit:
            return ok({"items": []})
        if self.switches.short_pages:
            limit = min(limit, self.switches.short_pages)
        served = list(islice(rows, limit))
        more = next(rows, None) is not None
        body: dict[str, Json] = {"items": [self.shown(values(row)) for row in served]}
        if served and (more or self.switches.last_cursor == "carries"):
            body["next_starting_after"] = cursor(served[-1])
        elif self.switches.last_cursor == "empty":
            body["next_starting_after"] = ""
        elif self.switches.last_cursor == "null":
            body["next_starting_after"] = None
        return ok(body)

    def shown(self, values: dict[str, Json]) -> dict[str, Json]:
        """As it goes out: without null fields, unless they are asked for."""
        if not self.switches.explicit_nulls:
            values = {name: value for name, value in values.items() if value is not None}
        if self.switches.extra_keys:
            values["region_hint"], values["flags"] = "eu-1", {"beta": [1, None]}
        return values

    def one(self, values: dict[str, Json]) -> Answer:
        return ok(self.shown(values))


def bad(text: str, **extra: Json) -> RefusedError:
    return RefusedError(400, text, **extra)


def missing(text: str = "Resource not found") -> RefusedError:
    return RefusedError(404, text)


def is_uuid(value: Json, where: str) -> str:
    if not isinstance(value, str) or not _UUID.match(value):
        raise bad(f'{where} must match format "uuid"')
    return value


def span(given: dict[str, Json], start: str, end: str, where: str) -> tuple[int, int]:
    """Unix milliseconds [from, to) of two dates or times; both are inclusive, a date means the whole day of UTC."""
    first, _ = _moment(given.get(start), f"{where}/{start}") or (0, 0)
    _, last = _moment(given.get(end), f"{where}/{end}") or (0, 1 << 47)
    return first, last


def _moment(value: Json, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    try:
        if len(value) == 10:
            start = datetime.combine(date.fromisoformat(value), datetime.min.time(), tzinfo=UTC)
            end = start + timedelta(days=1)
        else:
            start = datetime.fromisoformat(value)
            start = start if start.tzinfo else start.replace(tzinfo=UTC)
            end = start + timedelta(milliseconds=1)
    except (ValueError, TypeError):
        raise bad(f'{where} must match format "date-time"') from None
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000)


def dates(call: Call, days: int, longest: int | None = None) -> tuple[date, date]:
    """`start_date` and `end_date`, both inclusive; the start is by default so many days before the end."""
    query = dict(call.query)
    first, last = span(query, "start_date", "end_date", "querystring")
    end = call.clock.today() if "end_date" not in query else datetime.fromtimestamp(last // 1000 - 1, UTC).date()
    start = end - timedelta(days=days) if "start_date" not in query else datetime.fromtimestamp(first // 1000, UTC).date()
    if start > end:
        raise bad("Start Date must be earlier than End Date", bare=True)
    if longest is not None and (end - start).days >= longest:
        raise bad(f"Date range must not exceed {longest} days", bare=True)
    return start, end
