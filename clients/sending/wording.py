"""Mails in words, for pages and files."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Any

from django.utils import timezone

from clients.models import Mail, MailState
from clients.sending.asking import Draft

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


def state(mail: Mail) -> str:
    return STATES[mail.state]


def confirmation(draft: Draft) -> dict[str, Any]:
    """What is about to be sent, by whom, to whom, and whether the day has room for it."""
    one, count = draft.identity, len(draft.to)
    tight = ""
    if draft.at is None and one.left is not None and count + one.waiting > one.left:
        tight = (
            f"The vendor lets {one.handle} send {one.left:,} more today: what does not fit goes on after midnight UTC, by itself."
        )
    return {
        "recipients": draft.to,
        "count": f"{count:,} mail" if count == 1 else f"{count:,} mails",
        "room": one.room,
        "when": at(draft.at, draft.zone) if draft.at else "as soon as it is confirmed",
        "tight": tight,
    }


def at(moment: datetime, zone: str = "") -> str:
    """In the recipients' zone where one was said, always with the zone."""
    there = moment.astimezone(zoneinfo.ZoneInfo(zone)) if zone else moment
    return f"{there:%-d %b %Y, %H:%M} {zone.replace('_', ' ') or 'UTC'}"


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
