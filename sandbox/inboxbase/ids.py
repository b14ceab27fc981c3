"""Names of things, the same each time they are made from the same."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def hexed(kind: str, *of: object) -> str:
    return f"{kind}_{_digest(of)[:16]}"


def event_id(at: int, *of: object) -> str:
    """evt_ and a ULID: 48 bits of time, 80 of what it was made from."""
    number = at << 80 | int(_digest(of)[:20], 16)
    return "evt_" + "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(25, -1, -1))


def message_id(domain: str, *of: object) -> str:
    return f"<{_digest(of)[:24]}@{domain}>"


def pick(of: int, *seeds: object) -> int:
    """A number below `of`."""
    return int(_digest(seeds)[:12], 16) % of


def share(*seeds: object) -> float:
    return int(_digest(seeds)[:12], 16) / 16**12


def iso(at: int) -> str:
    """Of Unix milliseconds."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03}Z"


def _digest(of: tuple[object, ...]) -> str:
    return sha256("\n".join(map(str, of)).encode()).hexdigest()
