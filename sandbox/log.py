"""What has been asked of the sandbox."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sandbox.answers import Json

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Keys are never kept: `account` is the name of the account that the key opens."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    body: str
    account: str | None
    had_key: bool
    status: int | None
    """None when the connection was dropped instead of an answer."""
    fault: str | None
    at: str
    """By the sandbox's clock."""
    seconds: float
    """Since the sandbox started, by the machine's clock."""


class Log:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._asked: deque[Asked] = deque(maxlen=KEPT)
        self._number = 0
        self._start = time.monotonic()

    def add(
        self, method: str, path: str, query: dict[str, str], body: bytes, account: str | None, had_key: bool,
        status: int | None, fault: str | None, at: str,
    ) -> None:  # fmt: skip
        self._number += 1
        text, seconds = body[:10_000].decode(errors="replace"), time.monotonic() - self._start
        self._asked.append(Asked(self._number, method, path, query, text, account, had_key, status, fault, at, seconds))

    def clear(self) -> None:
        self._asked.clear()

    def __iter__(self) -> Iterator[Asked]:
        return iter(tuple(self._asked))

    def __len__(self) -> int:
        return len(self._asked)

    def __getitem__(self, index: int) -> Asked:
        return self._asked[index]

    def to(self, path: str, method: str | None = None) -> list[Asked]:
        """Requests to just this path."""
        return [one for one in self if one.path == path and method in (None, one.method)]

    def as_json(self) -> list[Json]:
        return [asdict(one) for one in self]
