"""Timezones: their names, and how a page shows them, with what their clocks are ahead of UTC."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from django.utils import timezone

#: Offsets change at quarters of an hour.
_QUARTER = 15 * 60
#: This machine's own, and what a clock shows before anybody has set it.
_NOWHERE = {"localtime", "Factory"}


@cache
def names() -> frozenset[str]:
    """All that this machine knows, but for those that are no place's. The first call walks through its files."""
    return frozenset(zoneinfo.available_timezones() - _NOWHERE)


def choices(some: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Name and label of these, or of all by their names: ('Europe/Berlin', 'Europe/Berlin (UTC+1)'). By what holds now."""
    known = _labelled(int(timezone.now().timestamp()) // _QUARTER)
    return [(name, known.get(name, spoken(name))) for name in (known if some is None else some)]


def spoken(name: str) -> str:
    return name.replace("_", " ")


def offset(moment: datetime) -> str:
    """'UTC', 'UTC+1', 'UTC−3:30': how far the clocks of an aware moment are ahead of UTC."""
    ahead = moment.utcoffset() or timedelta()
    minutes = abs(round(ahead.total_seconds() / 60))
    if not minutes:
        return "UTC"
    return f"UTC{'-' if ahead < timedelta() else '+'}{minutes // 60}{f':{minutes % 60:02}' if minutes % 60 else ''}".replace(
        "-", "−"
    )


def with_offset(name: str, moment: datetime) -> str:
    """'Europe/Berlin (UTC+1)', of a moment by that zone's clocks."""
    ahead = offset(moment)
    return spoken(name) if name == ahead else f"{spoken(name)} ({ahead})"


def find(text: str) -> str:
    """The name of a zone as somebody typed it, in any case, and spaces for its underscores; empty where there is none."""
    return _by_case().get("_".join(text.split()).casefold(), "")


@lru_cache(maxsize=1)
def _labelled(quarter: int) -> dict[str, str]:
    now = datetime.fromtimestamp(quarter * _QUARTER, UTC)
    return {name: with_offset(name, now.astimezone(zone)) for name, zone in _zones().items()}


@cache
def _zones() -> dict[str, zoneinfo.ZoneInfo]:
    """Held, since each is a file to read."""
    return {name: zoneinfo.ZoneInfo(name) for name in sorted(names())}


@cache
def _by_case() -> dict[str, str]:
    return {name.casefold(): name for name in names()}
