"""What is sent back, and the refusals in the dialect that is switched on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Dialect = Literal["detail", "message"]
Json = Any


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    waits: float = 0.0
    """A long poll: seconds (the machine's) that it may be asked `again` until it says something."""
    again: Callable[[], Answer] | None = None


class RefusedError(Exception):
    """Ends a request with an error status. `problems` are (field, text) pairs of a body or query that is wrong."""

    def __init__(self, status: int, text: str, problems: tuple[tuple[str, str], ...] = (), **extra: Json) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.problems = problems
        self.extra = extra

    def answer(self, dialect: Dialect) -> Answer:
        status, headers = self.status, tuple(self.extra.pop("headers", ()))
        if dialect == "message":
            # The gateway this dialect imitates answers an unknown key with 403, and never lists fields.
            if status == 401:
                return Answer(403, b'{"message":"Forbidden"}')
            return Answer(status, encode({"message": self.text, **self.extra}), headers)
        detail: Json = self.text
        if self.problems:
            detail = [{"loc": where.split("."), "msg": text, "type": "value_error"} for where, text in self.problems]
        return Answer(status, encode({"detail": detail, **self.extra}), headers)


def invalid(where: str, text: str) -> RefusedError:
    """A 422 about one field; `where` is dotted, like body.percentage."""
    return RefusedError(422, f"{where}: {text}", ((where, text),))


def encode(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def ok(value: Json, status: int = 200) -> Answer:
    return Answer(status, encode(value))
