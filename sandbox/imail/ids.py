"""Ids and chance: the same for the same numbers."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ident(prefix: str, *parts: object) -> str:
    """cmp_01HZ8K…: the prefix and something like a ULID."""
    value = int.from_bytes(_digest(*parts)[:15])
    return f"{prefix}_01" + "".join(_CROCKFORD[value >> (5 * place) & 31] for place in range(23, -1, -1))


@lru_cache(maxsize=100_000)
def chance(*parts: object) -> float:
    """From 0 up to 1."""
    return int.from_bytes(_digest(*parts)[:6]) / (1 << 48)


def _digest(*parts: object) -> bytes:
    return blake2b("/".join(map(str, parts)).encode(), digest_size=16).digest()
