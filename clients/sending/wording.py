"""Mails in words, for pages and files."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from agency import zones
from clients.models import Mail, MailState
from clients.sending.asking import Draft, Time

TONES: dict[str, str] = {
    MailState.SCHEDULED: "",
    MailState.QUEUED: "",
    MailState.SENDING: "",
    MailState.ACCEPTED: "good",
    MailState.REJECTED: "bad",
    MailState.FAILED: "bad",
    MailState.UNCLEAR: "look",
    MailState.CANCELLED: "",
}
STATES = dict(MailState.choices)


class Leaving(NamedTuple):
    """One recipient of a preview; of a mail for now, nothing but the address. `note`: what is odd about the time."""

    to: str
    local: str = ""
    zone: str = ""
    utc: str = ""
    note: str = ""

    @classmethod
    def of(cls, to: str, time: Time | None) -> Leaving:
        if time is None:
            return cls(to)
        there = time.at.astimezone(zoneinfo.ZoneInfo(time.zone))
        second = there.replace(fold=1 - there.fold)
        twice = second.utcoffset() != there.utcoffset()
        note = f"it comes twice that night: the first is meant, not that of {zones.offset(second)}" if twice else ""
        return cls(to, f"{there:%a %-d %b %Y, %H:%M}", zones.with_offset(time.zone, there), f"{time.at:%-d %b, %H:%M} UTC", note)


def state(mail: Mail) -> str:
    return STATES[mail.state]


def confirmation(draft: Draft) -> dict[str, Any]:
    """What is about to be sent, by whom, to whom, and whether the day has room for it."""
    one, count = draft.identity, len(draft.to)
    tight = ""
    if not draft.times and one.left is not None and count + one.waiting > one.left:
        tight = (
            f"The vendor lets {one.handle} send {one.left:,} more today: what does not fit goes on after midnight UTC, by itself."
        )
    return {
        "recipients": [Leaving.of(to, draft.times.get(to)) for to in draft.to],
        "count": f"{count:,} mail" if count == 1 else f"{count:,} mails",
        "room": one.room,
        "when": _when([*draft.times.values()]),
        "scheduled": bool(draft.times),
        "tight": tight,
    }


def _when(times: Sequence[Time]) -> str:
    if not times:
        return "as soon as it is confirmed"
    if len(set(times)) == 1:
        return at(*times[0])
    there = times[0].at.astimezone(zoneinfo.ZoneInfo(times[0].zone))
    first, last = min(time.at for time in times), max(time.at for time in times)
    span = f"{at(first)} to {at(last)}" if first != last else at(first)
    return f"{there:%-d %b %Y, %H:%M} by each recipient's own clocks: {span}"


def at(moment: datetime, zone: str = "") -> str:
    """In the recipients' zone where one was said, always with the zone and what it is ahead of UTC."""
    there = moment.astimezone(zoneinfo.ZoneInfo(zone)) if zone else moment
    return f"{there:%-d %b %Y, %H:%M} {zones.with_offset(zone, there) if zone else 'UTC'}"


def facts(mail: Mail) -> list[tuple[str, str]]:
    """What is known of it, label and value."""
    asked = f"{mail.actor}, {mail.created_at:%-d %b %Y, %H:%M} UTC" if mail.actor else ""
    found = [
        ("From", mail.identity + (f", seen as {mail.mailbox}" if mail.mailbox else "")),
        ("To", mail.to),
        ("Purpose", mail.get_purpose_display()),
        ("By", asked),
        ("Reason", mail.reason),
        ("Scheduled for", at(mail.wanted_at, mail.zone) if mail.zone else ""),
        ("Next look", at(mail.due_at) if mail.is_open and mail.attempts and mail.due_at > timezone.now() else ""),
        ("Leaves about", at(mail.leaves_at) if mail.leaves_at else ""),
        ("Ended", at(mail.finished_at) if mail.finished_at else ""),
        ("Calls", f"{mail.attempts:,}, all with one key" if mail.attempts > 1 else ""),
        ("Account", mail.connection.label),
        ("Conversation's number", mail.conversation),
        ("Message", mail.message),
    ]
    return [(label, value) for label, value in found if value]
