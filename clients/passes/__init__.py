"""What a complete pass over each resource consists of: its phases, what each reads and stores, and what is gone after it."""

from __future__ import annotations

from clients.models import Feed
from clients.passes.base import Checkpoint, Pass
from clients.passes.broadcasts import BroadcastPass
from clients.passes.lists import SeedPass, SenderPass

__all__ = ["PASSES", "BroadcastPass", "Checkpoint", "Pass", "begin", "resume"]

PASSES: dict[str, type[Pass]] = {"seeds": SeedPass, "senders": SenderPass, "broadcasts": BroadcastPass}


def begin(feed: Feed, pass_id: int) -> Checkpoint:
    return PASSES[feed.resource].begin(feed, pass_id)


def resume(feed: Feed) -> Checkpoint | None:
    """The pass that was left unfinished. None where there is none, or where another version of this program left it."""
    try:
        return Checkpoint(**feed.checkpoint) if feed.checkpoint else None
    except TypeError:
        return None
