"""Vendors that answer from recordings, in place of the door."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clients.vendors.base import Vendor
from clients.vendors.errors import UnexpectedAnswer, VendorDown

RECORDINGS = Path(__file__).parents[2] / "recordings"


class Recorded:
    """The bodies by the path's end, each given once and then an empty list; `rest` for all other paths."""

    def __init__(self, rest: bytes = b"", **bodies: bytes) -> None:
        self.rest, self.bodies = rest, {f"/{name.replace('__', '/')}": body for name, body in bodies.items()}
        self.asked: list[tuple[str, dict[str, Any], Mapping[str, str]]] = []

    def get(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        decode: Callable[[bytes], Any],
        headers: Mapping[str, str],
        denied_once: bool = False,
    ) -> Any:
        return self._answered(path, params or {}, decode, headers)

    def look(self, path: str, json: Any, *, decode: Callable[[bytes], Any], headers: Mapping[str, str]) -> Any:
        return self._answered(path, json, decode, headers)

    def _answered(self, path: str, asked: Any, decode: Callable[[bytes], Any], headers: Mapping[str, str]) -> Any:
        self.asked.append((path, asked, headers))
        name = next((name for name in sorted(self.bodies, key=len, reverse=True) if path.endswith(name)), None)
        if name is None:
            return decode(self.rest)
        body, self.bodies[name] = self.bodies[name], b'{"items":[]}'
        return decode(body)


def as_bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def recording(vendor: str, name: str) -> bytes:
    return (RECORDINGS / vendor / f"{name}.json").read_bytes()


def reads[V: Vendor](vendor: V, read: Callable[[V], Any]) -> Any:
    """What it makes of any answer; None where it says in words that it can't."""
    try:
        return read(vendor)
    except (VendorDown, UnexpectedAnswer):
        return None
