"""When a mailbox was lost and reconnected, by the events that its vendor sent of it and that are still kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time

from clients.models import Event, Sender
from clients.vendors.hooks import data_of
from reports.scope import Window

LOST, BACK = "lost", "reconnected"
AT_MOST = 50  # on a page
_READ = 1000  # of the account's, the newest


@dataclass(frozen=True, slots=True)
class Turn:
    at: datetime
    word: str
    why: str

    @property
    def is_lost(self) -> bool:
        return self.word == LOST


def turns(sender: Sender, window: Window) -> list[Turn]:
    """Newest first. One query, none where the vendor tells nothing of it."""
    hooks = sender.connection.vendor_class.hooks
    words = {**dict.fromkeys(hooks.lost, LOST), **dict.fromkeys(hooks.back, BACK)} if hooks else {}
    if not words:
        return []
    begun = datetime.combine(window.first, time.min, UTC)
    rows = Event.objects.filter(connection=sender.connection_id, received_at__gte=begun, type__in=words).whole()
    told = rows.order_by("-received_at").values_list("occurred_at", "type", "raw")[:_READ]
    found = [Turn(at, words[kind], _why(data)) for at, kind, raw in told if _is_of(sender, data := _data(raw))]
    return sorted(found, key=lambda turn: turn.at, reverse=True)[:AT_MOST]


def _is_of(sender: Sender, data: dict[str, object]) -> bool:
    named = str(data.get("email") or "").lower()
    return named == sender.email if named else bool(data.get("inbox_id")) and data.get("inbox_id") == sender.raw.get("id")


def _why(data: dict[str, object]) -> str:
    return str(data.get("error") or "")[:200]


def _data(raw: str) -> dict[str, object]:
    try:
        return data_of(raw)
    except (json.JSONDecodeError, AttributeError):
        return {}
