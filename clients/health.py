"""How a connection does, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from clients import lacking
from clients.models import Connection, Feed, Health


@dataclass(frozen=True)
class State:
    tone: str  # good, look, bad, or '' for none: the tag's colour
    word: str
    detail: str = ""
    points: tuple[str, ...] = ()  # the same as `detail`, one by one, where it is several


def state_of(connection: Connection) -> State:
    """Reads `connection.feeds.all()`: prefetch them for a list, `with_told`."""
    if connection.removed_at:
        return State("", "removed", connection.health_reason)
    if connection.health == Health.REFUSED:
        return State("bad", "key refused", connection.health_reason or "The vendor no longer takes this key: replace it.")
    if connection.health == Health.PAUSED:
        return State("", "paused", connection.health_reason)
    feeds = [feed for feed in connection.feeds.all() if not feed.lacks]
    if held := {feed.resource: feed.held_off for feed in feeds if feed.held_off}:
        return State("look", "asked to wait", _held(held))
    if feeds and all(feed.last_ok_at is None for feed in feeds) and not any(feed.failures for feed in feeds):
        return State("", "first sync", "Its data are on the way.")
    unread = [*lacking.each(connection.feeds.all()), *_left_out(feeds)]
    late = [feed.resource for feed in feeds if feed.is_late]
    if late:
        return _listed("late", f"Not fresh: {', '.join(late)}.", *unread)
    failing = [feed.resource for feed in feeds if feed.failures]
    if failing:
        return _listed("failing", f"The last try failed: {', '.join(failing)}. It is tried again by itself.", *unread)
    return _listed("part not read", *unread) if unread else State("good", "working")


def _listed(word: str, *points: str) -> State:
    return State("look", word, " ".join(points), points)


def _left_out(feeds: Iterable[Feed]) -> list[str]:
    """One reason is told once, by however many feeds. Of a workspace that has left the group nothing else is told."""
    told = {feed.resource: feed.places_left_out for feed in feeds}
    gone = told.get("workspaces", {})
    others = [(place, why) for name, places in told.items() if name != "workspaces" for place, why in places.items()]
    return list(dict.fromkeys([*gone.values(), *(why for place, why in others if place.partition("/")[0] not in gone)]))


def _held(until: Mapping[str, datetime]) -> str:
    at = f"{max(until.values()):%-d %b %Y, %H:%M} UTC"
    return f"The vendor has asked us to wait until {at}: {', '.join(until)}. ‘Sync now’ asks it once more."
