"""One request as the routes see it, and what several of them need of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.inboxbase.identity import Identity
from sandbox.inboxbase.switches import Switches
from sandbox.paging import Style


@dataclass(slots=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    identity: Identity
    switches: Switches
    now: int
    """Unix milliseconds."""
    named: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(400, "body must be application/json")
        try:
            value = json.loads(self.body or b"null")
        except ValueError:
            raise RefusedError(400, "body is not valid json") from None
        if not isinstance(value, dict):
            raise RefusedError(400, "body must be an object")
        return value

    def whole(self, name: str) -> int | None:
        text = self.query.get(name)
        try:
            return int(text) if text else None
        except ValueError:
            raise RefusedError(400, f"{name} must be an integer") from None

    def flag(self, name: str) -> bool | None:
        text = self.query.get(name)
        if text not in (None, "true", "false"):
            raise RefusedError(400, f"{name} must be true or false")
        return None if text is None else text == "true"

    def limit(self, usual: int) -> int:
        limit = self.whole("limit")
        limit = usual if limit is None else limit
        if not 1 <= limit <= self.switches.max_limit:
            raise RefusedError(400, f"limit must be between 1 and {self.switches.max_limit}")
        return min(limit, self.switches.short_pages) if self.switches.short_pages else limit

    def shown(self, values: dict[str, Json]) -> dict[str, Json]:
        return values | {"shard": "eu-1", "flags": {"beta": [1, None]}} if self.switches.extra_keys else values

    def page(self, rows: str, found: list[dict[str, Json]], **beside: Json) -> Answer:
        return ok({rows: [self.shown(row) for row in found], "identity": self.identity.handle, **beside})


#: A cursor is a bare time: there is no other one for the same place.
CURSORS = Style("cursor", "nextCursor", lambda token, query: token)
