"""What a complete pass over each resource consists of: its phases, what each reads and stores, and what is gone after it."""

from __future__ import annotations

from clients.models import Feed, ScopeKind
from clients.passes.base import Checkpoint, Pass
from clients.passes.broadcasts import BroadcastPass
from clients.passes.conversations import ConversationPass, LabelPass
from clients.passes.counts import BenchmarkPass, LeadPass
from clients.passes.events import EventPass
from clients.passes.identities import IdentityPass
from clients.passes.lists import SeedPass, SenderPass
from clients.passes.outreach import CampaignPass, OutreachPass
from clients.passes.streams import StreamPass
from clients.passes.talks import TalkPass
from clients.passes.tests import TestPass
from clients.passes.workspaces import WorkspacePass

__all__ = ["PASSES", "BroadcastPass", "Checkpoint", "Pass", "begin", "kind", "resume"]

#: Feeds by name; a vendor's `feeds` says which of them it has.
PASSES: dict[str, type[Pass]] = {
    "workspaces": WorkspacePass,
    "seeds": SeedPass,
    "senders": SenderPass,
    "identities": IdentityPass,
    "streams": StreamPass,
    "broadcasts": BroadcastPass,
    "tests": TestPass,
    "campaigns": CampaignPass,
    "outreach": OutreachPass,
    "leads": LeadPass,
    "benchmark": BenchmarkPass,
    "events": EventPass,
    "labels": LabelPass,
    "conversations": ConversationPass,
}
#: The same of a vendor that is asked identity by identity.
OF_HANDLES: dict[str, type[Pass]] = {"conversations": TalkPass}


def kind(feed: Feed) -> type[Pass]:
    vendor = feed.connection.vendor_class
    by_handle = ScopeKind.HANDLE in vendor.scopes and not vendor.lists_handles
    return (by_handle and OF_HANDLES.get(feed.resource)) or PASSES[feed.resource]


def begin(feed: Feed, pass_id: int) -> Checkpoint:
    return kind(feed).begin(feed, pass_id)


def resume(feed: Feed) -> Checkpoint | None:
    """The pass that was left unfinished. None where there is none, or where another version of this program left it."""
    try:
        return Checkpoint(**feed.checkpoint) if feed.checkpoint else None
    except TypeError:
        return None
