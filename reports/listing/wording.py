"""What the audit log keeps, in words for the timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from django.utils.dateparse import parse_datetime

from agency.models import AuditEntry
from clients.models import MailboxProvider
from clients.vendors import VENDORS

_TITLES = {
    "connection.taken_up": "Connection taken up again",
    "connection.history_moved": "Connection's history moved to another client",
    "report_link.rotated": "Report link renewed",
    "shuffle.scheduled": "Monthly shuffle set",
    "shuffle.schedule_stopped": "Monthly shuffle stopped",
    "shuffle.refused": "Shuffle refused, in cooldown",
    "shuffle.unclear": "Shuffle not known to have happened",
    "seeds.file_taken": "File of seeds taken",
    "rotation.done": "Rotation of seeds done at the ESP",
    "rotation.reopened": "Rotation of seeds open again",
}
#: Who is no person.
_ACTORS = {"terminal": "a command at the terminal", "schedule": "the monthly schedule"}


def title(action: str) -> str:
    """'connection.key_replaced' → 'Connection key replaced'."""
    subject, _, done = action.replace("_", " ").partition(".")
    return _TITLES.get(action) or f"{subject.capitalize()} {done}".strip()


def who(actor: str) -> str:
    return _ACTORS.get(actor, actor)


def changed(row: AuditEntry) -> str:
    """What it was and what it is now, each field that differs; then the reason."""
    return "; ".join(part for part in (difference(row), row.reason) if part)


def difference(row: AuditEntry) -> str:
    """What it was and what it is now, each field that differs."""
    # Sorted: PostgreSQL keeps an object's keys in an order of its own.
    names = sorted({*row.before, *row.after}, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    pairs = [(name, row.before.get(name), row.after.get(name)) for name in names]
    return "; ".join(_pair(name, was, now) for name, was, now in pairs if was != now and {_some(was), _some(now)} != {False})


def _some(value: object) -> bool:
    return value not in (None, "", [])


def _pair(name: str, was: object, now: object) -> str:
    if name == "result":
        return str(now)
    if name == "tested":
        return "tested" if now else "not tested"
    label = _LABELS.get(name, name.replace("_", " "))
    if not label and _some(now):
        return _value(name, now)
    if not _some(was) or not _some(now):
        return f"{label} {_value(name, now)}" if _some(now) else f"{label} was {_value(name, was)}"
    return f"{label} {_value(name, was)} → {_value(name, now)}"


_ORDER = [
    "vendor", "key", "tested", "scopes", "name", "tags", "timezone", "for", "window", "manager", "expires",
    "day", "how", "clients", "mix", "result", "file", "as", "seeds",
]  # fmt: skip
_LABELS = {
    "scopes": "serves",
    "slug": "address",
    "manager": "account manager",
    "viewers": "may be seen by",
    "window": "shows the last",
    "expires": "closes",
    "history": "its history belongs to",
    "outcome": "answer:",
    "result": "",
    "how": "",
    "clients": "touches",
    "mix": "seeds",
    "file": "",
}


def _value(name: str, value: object) -> str:
    write = _WRITTEN.get(name, str)
    text = ", ".join(map(write, value)) if isinstance(value, list) else write(value)
    return text if len(text) <= 80 or name == "result" else f"{text[:79]}…"


def _vendor(slug: Any) -> str:
    return VENDORS[slug].label if slug in VENDORS else str(slug)


def _scope(said: Any) -> str:
    """'Lumen: domain lumen.example' → 'Lumen (domain lumen.example)'."""
    client, _, part = str(said).partition(": ")
    return f"{client} ({'all of it' if part == 'all' else part})" if part else client


def _mix(seeds: Any) -> str:
    """{'gmail': 84, 'yahoo': 36} → '84 Gmail, 36 Yahoo'."""
    if not isinstance(seeds, dict):
        return str(seeds)
    labels = dict(MailboxProvider.choices)
    return ", ".join(f"{number:,} {labels.get(name, name)}" for name, number in seeds.items())


def _moment(then: Any) -> str:
    when = parse_datetime(str(then))
    return f"{when.astimezone(UTC):%-d %b %Y, %H:%M} UTC" if when and when.tzinfo else str(then)


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "vendor": _vendor,
    "scopes": _scope,
    "window": lambda days: f"{days} days",
    "expires": _moment,
    "mix": _mix,
    "since": _moment,
}
