"""How a connection does, in words a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clients import lacking
from clients.models import Connection, Health


@dataclass(frozen=True)
class State:
    tone: str  # good, look, bad, or '' for none: the tag's colour
    word: str
    detail: str = ""


def state_of(connection: Connection) -> State:
    """Reads `connection.feeds.all()`: prefetch them for a list, `with_told`."""
    if connection.removed_at:
        return State("", "Removed", connection.health_reason)
    if connection.health == Health.REFUSED:
        return State("bad", "Key refused", connection.health_reason or "The vendor no longer takes this key: replace it.")
    if connection.health == Health.PAUSED:
        return State("", "Paused", connection.health_reason)
    feeds = [feed for feed in connection.feeds.all() if not feed.lacks]
    if held := {feed.resource: feed.held_off for feed in feeds if feed.held_off}:
        return State("look", "Asked to wait", _held(held))
    if feeds and all(feed.last_ok_at is None for feed in feeds) and not any(feed.failures for feed in feeds):
        return State("", "First sync", "Its data are on the way.")
    said = lacking.said(connection.feeds.all())
    # One workspace that was left out is left out by each of them.
    unread = list(dict.fromkeys([*([said] if said else []), *(feed.left_out for feed in feeds if feed.left_out)]))
    late = [feed.resource for feed in feeds if feed.is_late]
    if late:
        return State("look", "Late", " ".join([f"Not fresh: {', '.join(late)}.", *unread]))
    failing = [feed.resource for feed in feeds if feed.failures]
    if failing:
        text = f"The last try failed: {', '.join(failing)}. It is tried again by itself."
        return State("look", "Failing", " ".join([text, *unread]))
    if unread:
        return State("look", "Part not read", " ".join(unread))
    return State("good", "Working")


def _held(until: Mapping[str, datetime]) -> str:
    at = f"{max(until.values()):%-d %b, %H:%M} UTC"
    return f"The vendor has asked us to wait until {at}: {', '.join(until)}. ‘Sync now’ asks it once more."
