"""What a vendor sends by itself: how its deliveries are signed, and what stands around an event. Each vendor that has webhooks
declares one `HookScheme`; nothing here knows a model.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clients.vendors.conversations import Noted
from clients.vendors.records import Record
from clients.vendors.rows import FIRST_DAY, LAST_DAY, as_time, whole
from clients.vendors.text import clean

TIMED, RAW, UNSIGNED = "timed", "raw", "unsigned"
#: Brackets within brackets: no vendor's event has a quarter of it.
DEEPEST = 64
_BIGGEST = 2**63 - 1
_SIGNATURES = 8  # in one header


class Forged(Exception):
    """Not signed with one of our secrets, or not now."""


class Malformed(Exception):
    """The body is no event; the text says why, and nothing of what stands in it."""


class EventRecord(Record, frozen=True):
    """`raw` is the event's JSON as it came. `stream`: what `seq` counts in, '' for the whole account."""

    external_id: str
    type: str
    seq: int | None
    stream: str
    occurred_at: datetime
    raw: str

    @property
    def mark(self) -> int:
        """Its place in the order of events: a vendor's own number, else the time in microseconds, which is never compared
        with numbers: see `Event.mark`."""
        return int(self.occurred_at.timestamp() * 1_000_000) if self.seq is None else self.seq


type Reader = Callable[[dict[str, Any]], Sequence[Record]]


@dataclass(frozen=True)
class Format:
    """Another envelope of a vendor's events, known by a name `told_by` that only it has, where it lacks `without`. Its types and
    ids begin with `prefix`, in which {} is what that name says: an event that comes in two formats is two events. Its number is
    not kept, since nobody says that it counts the same. `unsigned`: it may be, so it is taken only where somebody says so."""

    told_by: str
    prefix: str
    type: str
    at: str
    id: tuple[str, ...]  # joined
    without: str = ""
    unsigned: bool = False

    def fits(self, content: dict[str, Any]) -> bool:
        return self.told_by in content and not (self.without and self.without in content)

    def begins(self, content: dict[str, Any]) -> str:
        return self.prefix.format(_key(content, self.told_by, 20) if "{}" in self.prefix else "")


@dataclass(frozen=True)
class HookScheme:
    """`headers` are tried in turn. `styles`: 'timed' is 't=…,v1=…' over '<t>.<raw body>', several v1 may stand; 'raw' is hex
    over the body alone, as 'sha256=<hex>' or bare. Of two, the first valid delivery decides for good. The key is the whole
    secret. `id`, `seq`, `type`, `at`, `stream` are the envelope's names, dotted where they lie deeper.

    `readers`: what the `data` of each known type says, in records of ours; `noting` for a type that changes nothing here.
    """

    headers: tuple[str, ...]
    secret_prefix: str
    where: str  # how a person finds it at the vendor
    readers: Mapping[str, Reader] = field(default_factory=dict)
    styles: tuple[str, ...] = (TIMED,)
    tolerance: int = 300  # seconds between the signature's time and now
    oldest: timedelta = timedelta(hours=25)  # that an event without a signed time may be
    id: str = "id"
    type: str = "type"
    at: str = "timestamp"
    seq: str = ""
    stream: str = ""
    others: tuple[Format, ...] = ()
    live: str = ""  # the envelope's name for whether it is of real mail, not of a test mode
    workspace: str = ""  # and for whose it is
    names: Mapping[str, str] = field(default_factory=dict)  # of the data: where it names a 'campaign' and a 'sender'
    lost: tuple[str, ...] = ()  # types that tell that a sender's mailbox was lost, its `data` having `email` and `error`
    back: tuple[str, ...] = ()  # and that it is there again

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], style: str, now: datetime) -> str:
        """The style in which it is signed. `style`: the one that was decided on, or ''. Raises `Forged`."""
        said = next((headers[name] for name in self.headers if headers.get(name)), "")
        for one in (style,) if style else self.styles:
            if said and one == TIMED and self._timed(said, body, secrets, now):
                return TIMED
            if said and one == RAW and _matches([said.removeprefix("sha256=").strip()], body, secrets):
                return RAW
        raise Forged

    def _timed(self, said: str, body: bytes, secrets: Sequence[str], now: datetime) -> bool:
        parts = [part.strip().partition("=") for part in said[:2000].split(",")]
        times = [value for name, _, value in parts if name == "t"]
        if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]):
            return False
        good = _matches([value for name, _, value in parts if name == "v1"], times[0].encode() + b"." + body, secrets)
        return good and abs(now.timestamp() - int(times[0])) <= self.tolerance

    def read(self, body: bytes, now: datetime) -> EventRecord:
        """Raises `Malformed`."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Malformed("The body is not UTF-8.") from None
        return self.of(_parsed(text), text, now)

    def of(self, content: Any, text: str, now: datetime) -> EventRecord:
        if not isinstance(content, dict):
            raise Malformed("The body is no JSON object.")
        if other := next((one for one in self.others if one.fits(content)), None):
            return self._other(other, content, text, now)
        stream = _at(content, self.stream) if self.stream else ""
        seq = _number(_at(content, self.seq)) if self.seq else None
        if seq is not None and not 0 <= seq <= _BIGGEST:
            raise Malformed(f"'{self.seq}' is out of range.")
        named, kind = _key(content, self.id, 255), _key(content, self.type, 100)
        stream = clean(stream, 255) if isinstance(stream, str) else ""
        return EventRecord(named, kind, seq, stream, _occurred(content, self.at, now), text)

    def _other(self, one: Format, content: dict[str, Any], text: str, now: datetime) -> EventRecord:
        begins = one.begins(content)
        named = "/".join(_key(content, path, 100) for path in one.id)
        kind = _key(content, one.type, 70)
        return EventRecord(f"{begins}{named}", f"{begins}{kind}", None, "", _occurred(content, one.at, now), text)

    def has_signature(self, headers: Mapping[str, str]) -> bool:
        return any(headers.get(name) for name in self.headers)

    @property
    def unsigned(self) -> Format | None:
        return next((one for one in self.others if one.unsigned), None)

    def is_unsigned(self, event: EventRecord) -> bool:
        return bool(self.unsigned and event.type.startswith(self.unsigned.prefix))

    def too_old(self, event: EventRecord, style: str, now: datetime) -> bool:
        """Where no time is signed, the event's own stands for it."""
        return style in (RAW, UNSIGNED) and not -self.oldest < now - event.occurred_at < self.oldest


def noting(why: str) -> Reader:
    """Of a known type that has no effect of its own, whatever its data."""
    return lambda data: (Noted(why),)


def _number(value: Any) -> int | None:
    """896, 896.0, or '896'."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        return int(value)
    return whole(value)


def _occurred(content: dict[str, Any], path: str, now: datetime) -> datetime:
    found = as_time(_at(content, path))
    return found if found and FIRST_DAY <= found.date() <= LAST_DAY else now


def data_of(raw: str) -> dict[str, Any]:
    """The `data` of a stored event; without one, the event itself."""
    content = json.loads(raw)
    data = content.get("data")
    return data if isinstance(data, dict) else content


def _matches(given: Sequence[str], signed: bytes, secrets: Sequence[str]) -> bool:
    good = False
    for secret in secrets:
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for one in given[:_SIGNATURES]:
            # All of them, always: how long it takes tells nothing of which was close.
            good |= hmac.compare_digest(wanted, one.encode("utf-8", "replace"))
    return good


def _parsed(text: str) -> Any:
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("The body is no JSON.") from None
    if _too_deep(content):
        raise Malformed("The body is nested too deeply.")
    return content


def _too_deep(content: Any) -> bool:
    level = [content]
    for _ in range(DEEPEST):
        level = [
            each
            for one in level
            if isinstance(one, dict | list)
            for each in (one.values() if isinstance(one, dict) else one)
            if isinstance(each, dict | list)
        ]
        if not level:
            return False
    return True


def _no_number(word: str) -> float:
    raise ValueError(word)


def _at(content: dict[str, Any], path: str) -> Any:
    found: Any = content
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _key(content: dict[str, Any], path: str, limit: int) -> str:
    found = _at(content, path)
    if not isinstance(found, str) or not found or len(found) > limit or clean(found, limit) != found:
        raise Malformed(f"'{path}' is missing, or is no text of at most {limit} characters.")
    return found
