"""Envelopes of Inbox's webhooks beside that of version 1. Reference: 'Migrating from legacy', and InboxHQ/inboxapp-sdk.

Version 2 tells little more than that something happened, and the first format has neither order nor signature. Either has the
list of events read, which tells all of it in version 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors.conversations import STATUS, TAG, Stirred
from clients.vendors.hooks import Format, Reader, noting
from clients.vendors.records import Record

FORMATS = (
    Format(told_by="apiVersion", prefix="v{}/", type="type", at="createdAt", id=("id",)),
    Format(
        told_by="event",
        without="type",
        prefix="legacy/",
        type="event",
        at="timestamp",
        id=("event", "data.message.id"),
        unsigned=True,
    ),
)
#: Of version 2, those that change something here.
TELLING = (
    *(f"thread.{what}" for what in ("created", "deleted", "assigned", "unassigned", "archived", "unarchived")),
    *(f"message.{what}" for what in ("sent", "received", "edited", "deleted")),
    *(f"contact.{what}Changed" for what in ("status", "tags", "notes", "valuation", "assignee")),
    *(f"contact.{what}" for what in ("created", "enriched")),
    *(f"{kind}.{what}" for kind in (TAG, STATUS) for what in ("created", "updated", "deleted")),
    *(f"target.{what}" for what in ("contacted", "followUpSent", "replied")),
)
#: And those that do not, in both versions.
OTHERS: dict[str, Reader] = {
    "thread.typing": noting("Who is typing is not kept here."),
    **dict.fromkeys(("message.reactionAdded", "message.reactionRemoved"), noting("Reactions are not kept here.")),
    **{
        f"campaign.{what}": noting("This vendor's campaigns are not kept here: what they write arrives with its conversations.")
        for what in ("created", "started", "paused", "resumed", "completed")
    },
}


def _look(data: dict[str, Any]) -> Sequence[Record]:
    return (Stirred("events"),)


READERS: dict[str, Reader] = {
    **{f"v2/{kind}": _look for kind in TELLING},
    **{f"v2/{kind}": reader for kind, reader in OTHERS.items()},
    **{f"legacy/target{what}": _look for what in ("Contacted", "FollowUpSent", "Replied")},
}
