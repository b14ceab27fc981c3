"""Cursors: opaque, signed, and good only for the account, route and filters they were made for (see `bound_to`)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.answers import Json, RefusedError

CURSORS = ("page_token", "starting_after", "cursor", "cursorId", "afterSeq")
"""How the vendors call the parameter that a cursor comes back in."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a vendor's lists hand on their cursors."""

    asked: str
    """The parameter that takes one."""
    told: str
    """The key beside the rows that gives the next one."""
    again: Callable[[str, str], str]
    """(cursor, what it is bound to) -> another cursor for the same place."""
    inside: str = ""
    """The object beside the rows that `told` stands in, with whether there is more."""

    def lead(self, value: dict[str, Json], token: str) -> None:
        """Makes the page lead to another one."""
        if self.inside:
            value[self.inside] = {self.told: token, "has_more": True}
        else:
            value[self.told] = token

    def end(self, value: dict[str, Json]) -> None:
        """Makes the page the last one."""
        if self.inside:
            value[self.inside] = {self.told: None, "has_more": False}
        else:
            value.pop(self.told, None)


@dataclass(frozen=True, slots=True)
class Cursor:
    after: int
    """Sort key of the last row already served; keys rise along the list."""
    empties: int = 0
    """Empty pages still to come before the next rows."""
    copy: int = 0
    """Tells apart tokens for the same place."""


def bound_to(account: str, path: str, query: dict[str, str]) -> str:
    """What a cursor of this request is good for: everything but the page size."""
    filters = sorted((name, value) for name, value in query.items() if name not in ("limit", *CURSORS))
    return json.dumps([account, path, filters])


def write(cursor: Cursor, query: str) -> str:
    payload = json.dumps([cursor.after, cursor.empties, cursor.copy], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mark(payload, query) + payload).decode().rstrip("=")


def read(token: str, query: str) -> Cursor:
    """Raises RefusedError(400) for a token of another query, and for text that never was a token."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        mark, payload = raw[:9], raw[9:]
        if mark != _mark(payload, query):
            raise ValueError
        return Cursor(*json.loads(payload))
    except ValueError:
        raise RefusedError(400, "Invalid page_token") from None


def _again(token: str, query: str) -> str:
    cursor = read(token, query)
    return write(replace(cursor, copy=cursor.copy + 1), query)


SIGNED = Style("page_token", "next_page_token", _again)


def _mark(payload: bytes, query: str) -> bytes:
    return hashlib.blake2b(payload, key=hashlib.blake2b(query.encode()).digest(), salt=b"cursors", digest_size=9).digest()
