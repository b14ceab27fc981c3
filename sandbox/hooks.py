"""Webhooks as vendors send them: signed, delivered, tried again; and what goes wrong on the way, when it is asked for.

    postman = Postman(clock, retries=(5, 30))
    postman.send(Endpoint(url, secret, Scheme("X-Imail-Signature")), event)   # at once; a failure is due again later
    postman.go_on()                                                           # carries out the tries whose time has come
    for letter in disturbed(events, secret, scheme, duplicated=0.3, forged=0.05): letter.post(url)

Tries wait on the sandbox's clock. Signatures carry the machine's time, since the receiver judges them by its own.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from sandbox.answers import Json, encode
from sandbox.clock import Clock

Style = Literal["timed", "raw"]
SECONDS = 10.0  # that an attempt may take


def signature(secret: str, body: bytes, at: int | None = None, *, style: Style = "timed", also: str = "") -> str:
    """timed: 't=…,v1=…' over '<t>.<body>', the key is the whole secret; `also` signs with a second secret beside it.
    raw: hex over the body alone."""
    if style == "raw":
        return _hex(secret, body)
    at = int(time.time()) if at is None else at
    signed = b"%d." % at + body
    return ",".join([f"t={at}", *(f"v1={_hex(one, signed)}" for one in (secret, also) if one)])


@dataclass(frozen=True)
class Scheme:
    """How a vendor signs. `told` are headers that repeat fields of the event: header → field."""

    header: str
    style: Style = "timed"
    told: Mapping[str, str] = field(default_factory=dict)

    def headers(self, secret: str, body: bytes, event: dict[str, Json] | None = None, at: int | None = None) -> dict[str, str]:
        named = {header: str((event or {}).get(name, "")) for header, name in self.told.items()}
        return {"Content-Type": "application/json", self.header: signature(secret, body, at, style=self.style), **named}


@dataclass(frozen=True)
class Endpoint:
    url: str
    secret: str
    scheme: Scheme
    types: tuple[str, ...] = ()
    """Those it wants; empty for all."""

    def wants(self, event: dict[str, Json]) -> bool:
        return not self.types or event.get("type") in self.types


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int | None:
    """The status; None where nobody answered in time."""
    parts = urlsplit(url)
    door = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = door(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@dataclass(frozen=True)
class Attempt:
    event: str
    number: int
    status: int | None
    at: datetime
    """By the sandbox's clock."""


@dataclass
class _Waiting:
    endpoint: Endpoint
    event: dict[str, Json]
    number: int
    due: datetime


class Postman:
    """`retries`: seconds from the first attempt to each further one. 2xx ends it; 410 ends it too, and closes the endpoint."""

    def __init__(self, clock: Clock, retries: Sequence[float] = ()) -> None:
        self._clock, self._retries = clock, tuple(retries)
        self._waiting: list[_Waiting] = []
        self.closed: set[str] = set()
        self.attempts: list[Attempt] = []

    def send(self, endpoint: Endpoint, event: dict[str, Json]) -> int | None:
        """The first attempt's status; None also where the endpoint is closed or does not want it."""
        if endpoint.url in self.closed or not endpoint.wants(event):
            return None
        return self._try(_Waiting(endpoint, event, 1, self._clock.now()))

    def go_on(self) -> int:
        """How many tries were due."""
        now = self._clock.now()
        due = [one for one in self._waiting if one.due <= now]
        self._waiting = [one for one in self._waiting if one.due > now]
        for one in due:
            self._try(one)
        return len(due)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _try(self, one: _Waiting) -> int | None:
        body = encode(one.event)
        headers = one.endpoint.scheme.headers(one.endpoint.secret, body, one.event)
        status = post(one.endpoint.url, body, headers)
        self.attempts.append(Attempt(str(one.event.get("id", "")), one.number, status, self._clock.now()))
        if status == 410:
            self.closed.add(one.endpoint.url)
        elif (status is None or status >= 300) and one.number <= len(self._retries):
            first = one.due - timedelta(seconds=self._retries[one.number - 2] if one.number > 1 else 0)
            again = first + timedelta(seconds=self._retries[one.number - 1])
            self._waiting.append(_Waiting(one.endpoint, one.event, one.number + 1, again))
        return status


@dataclass(frozen=True)
class Letter:
    """One delivery, ready to be posted. `kind`: true, twice, forged, corrupt."""

    kind: str
    event: str
    body: bytes
    headers: dict[str, str]

    def post(self, url: str) -> int | None:
        return post(url, self.body, self.headers)


def disturbed(
    events: Iterable[dict[str, Json]],
    secret: str,
    scheme: Scheme,
    *,
    duplicated: float = 0.0,
    dropped: float = 0.0,
    forged: float = 0.0,
    corrupt: float = 0.0,
    shuffled: bool = True,
    seed: int = 7,
) -> list[Letter]:
    """The events as letters, by chance but the same for the same seed. A forged letter comes beside the true one, and tells
    another story under the same id; of a corrupt one the body is damaged after it was signed, and the true one comes too."""
    luck = random.Random(seed)
    letters: list[Letter] = []
    for event in events:
        body = encode(event)
        if luck.random() >= dropped:
            letters.append(_letter("true", event, body, secret, scheme))
        if luck.random() < duplicated:
            letters.append(_letter("twice", event, body, secret, scheme))
        if luck.random() < forged:
            told = encode({**event, "data": {"forged": True}})
            letters.append(_letter("forged", event, told, f"{secret}?", scheme))
        if luck.random() < corrupt:
            at = luck.randrange(len(body))
            damaged = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
            letters.append(Letter("corrupt", str(event.get("id", "")), damaged, scheme.headers(secret, body, event)))
    if shuffled:
        luck.shuffle(letters)
    return letters


def _letter(kind: str, event: dict[str, Json], body: bytes, secret: str, scheme: Scheme) -> Letter:
    return Letter(kind, str(event.get("id", "")), body, scheme.headers(secret, body, event))


def _hex(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
