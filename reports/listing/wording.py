"""What the audit log keeps, in words for the timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.utils.dateparse import parse_datetime

from agency.audit import PAGE
from agency.models import AuditEntry
from clients.models import MailboxProvider
from clients.vendors import VENDORS

_TITLES = {
    "change.apply_asked": "Asked to apply a change",
    "change.undo_asked": "Asked to apply an undo",
    "change.retry_asked": "Asked to try the failed again",
    "change.stop_asked": "Asked to stop a change",
    "change.ended": "Change ended",
    "change.undo_ended": "Undo ended",
    # As they were called once.
    "change.applied": "Asked to apply a change",
    "change.undone": "Asked to apply an undo",
    "change.retried": "Asked to try the failed again",
    "change.stopped": "Asked to stop a change",
    "connection.taken_up": "Connection taken up again",
    "connection.history_moved": "Connection's history moved to another client",
    "leads.confirmed": "Asked to bring leads to a campaign",
    "leads.retried": "Asked to bring the rest of the leads",
    "leads.stop_asked": "Asked to stop bringing leads",
    "leads.ended": "Leads brought",
    "leads.stopped": "Bringing of leads stopped",
    "leads.failed": "Bringing of leads broken off",
    "mail.asked": "Asked to send mail",
    "mail.accepted": "Mail taken by the vendor",
    "mail.retried": "Asked to send a mail again",
    "mail.unclear": "Mail not known to have left",
    "message.asked": "Asked to send a message",
    "message.cancelled": "Message taken back",
    "message.failed": "Message not sent",
    "message.retried": "Asked to send a message again",
    "message.unclear": "Message not known to have been sent",
    "hook.address_made": "Address for a vendor's events made",
    "hook.address_renewed": "Address for a vendor's events made anew",
    "hook.secret_put_in": "Secret of a vendor's events put in",
    "hook.secret_replaced": "Secret of a vendor's events replaced",
    "hook.old_format_taken": "Events in a vendor's old format taken",
    "hook.old_format_refused": "Events in a vendor's old format no longer taken",
    "hook.closed": "Address for a vendor's events closed",
    "report_link.rotated": "Report link renewed",
    "test.confirmed": "Placement test asked for",
    "test.created": "Placement test made",
    "test.failed": "Placement test not made",
    "test.unclear": "Placement test not known to have been made",
    "test.paused": "Placement test paused",
    "test.resumed": "Placement test resumed",
    "test.edited": "Placement test edited",
    "test.deleted": "Placement test deleted",
    "sender.connected": "Mailbox connected",
    "shuffle.scheduled": "Monthly shuffle set",
    "shuffle.schedule_stopped": "Monthly shuffle stopped",
    "shuffle.refused": "Shuffle refused, in cooldown",
    "shuffle.unclear": "Shuffle not known to have happened",
    "seeds.file_taken": "File of seeds taken",
    "rotation.done": "Rotation of seeds done at the ESP",
    "rotation.reopened": "Rotation of seeds open again",
}
#: Characters of one value that a line has room for; the rest can be opened.
LONGEST = 80
#: Who is no person.
_ACTORS = {"terminal": "a command at the terminal", "schedule": "the monthly schedule"}


def title(action: str) -> str:
    """'connection.key_replaced' → 'Connection key replaced'."""
    subject, _, done = action.replace("_", " ").partition(".")
    return _TITLES.get(action) or f"{subject.capitalize()} {done}".strip()


def who(actor: str) -> str:
    return _ACTORS.get(actor, actor)


@dataclass(frozen=True, slots=True)
class Said:
    """In full, and cut to what a line has room for: the same where nothing is cut."""

    whole: str
    short: str

    def __bool__(self) -> bool:
        return bool(self.whole)

    @property
    def is_cut(self) -> bool:
        return self.whole != self.short


def changed(row: AuditEntry) -> Said:
    """What it was and what it is now, each field that differs; then the reason."""
    said = difference(row)
    whole, short = ("; ".join(part for part in (text, row.reason) if part) for text in (said.whole, said.short))
    return Said(whole, short)


def difference(row: AuditEntry) -> Said:
    """What it was and what it is now, each field that differs."""
    # Sorted: PostgreSQL keeps an object's keys in an order of its own.
    named = {*row.before, *row.after} - {PAGE}
    names = sorted(named, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    pairs = [(name, row.before.get(name), row.after.get(name)) for name in names]
    pairs = [pair for pair in pairs if pair[1] != pair[2] and {_some(pair[1]), _some(pair[2])} != {False}]
    whole, short = ("; ".join(_pair(*pair, at_most=size) for pair in pairs) for size in (None, LONGEST))
    return Said(whole, short)


def _some(value: object) -> bool:
    return value not in (None, "", [])


def _pair(name: str, was: object, now: object, *, at_most: int | None) -> str:
    if name == "result":
        return str(now)
    if name == "tested":
        return "tested" if now else "not tested"
    label = _LABELS.get(name, name.replace("_", " "))
    if not label and _some(now):
        return _value(name, now, at_most)
    if not _some(was) or not _some(now):
        return f"{label} {_value(name, now, at_most)}" if _some(now) else f"{label} was {_value(name, was, at_most)}"
    return f"{label} {_value(name, was, at_most)} → {_value(name, now, at_most)}"


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


def _value(name: str, value: object, at_most: int | None) -> str:
    write = _WRITTEN.get(name, str)
    text = ", ".join(map(write, value)) if isinstance(value, list) else write(value)
    return text if at_most is None or len(text) <= at_most else f"{text[: at_most - 1]}…"


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
