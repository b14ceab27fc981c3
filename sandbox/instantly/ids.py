"""Ids that tell which row they are, so that no row has to be kept: UUIDv7 with the place of the row behind a mask.

48 bits milliseconds, the version, 12 bits workspace, the variant, 2 bits nothing, 4 bits kind, 16 bits owner (a test's
number), 14 bits run, 26 bits index. Within a list the milliseconds differ, so ids sort by time.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

TEST, ROW, REPORT, TAG, MAPPING, CAMPAIGN, MEMBER, WORKSPACE, USER = range(1, 10)
_MASK64 = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Place:
    ms: int
    """Unix milliseconds of the creation."""
    space: int
    """The workspace's number."""
    kind: int
    owner: int = 0
    run: int = 0
    index: int = 0


def written(place: Place) -> str:
    low = (place.kind << 56 | place.owner << 40 | place.run << 26 | place.index) ^ _cover(place.ms)
    text = f"{place.ms << 80 | 7 << 76 | place.space << 64 | 2 << 62 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def read(text: str) -> Place | None:
    """None for anything that `written` cannot have made."""
    try:
        value = uuid.UUID(text).int
    except ValueError:
        return None
    ms, low = value >> 80, value & ((1 << 62) - 1)
    low ^= _cover(ms)
    place = Place(ms, value >> 64 & 0xFFF, low >> 56 & 0xF, low >> 40 & 0xFFFF, low >> 26 & 0x3FFF, low & 0x3FFFFFF)
    return place if written(place) == text else None


def mixed(value: int) -> int:
    """64 bits that look like chance (splitmix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK64
    return value ^ (value >> 31)


def chance(*parts: int) -> float:
    """From 0 up to 1, the same for the same numbers."""
    value = 0
    for part in parts:
        value = mixed(value ^ part)
    return value / (1 << 64)


def stamp(ms: int) -> str:
    """2026-11-20T12:00:00.000Z"""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


def day_of(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).date().isoformat()


def object_id(ms: int, number: int) -> str:
    """24 hex digits, sorting by time."""
    return f"{ms // 1000:08x}{mixed(number) >> 24:010x}{number:06x}"


def _cover(ms: int) -> int:
    return mixed(ms) >> 6
