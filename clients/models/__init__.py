from clients.models.accounts import Client, ClientTag, Connection, Health, Scope, ScopeKind
from clients.models.operations import Budget, Feed, RunState, SyncRun
from clients.models.placement import (
    ALL_PROVIDERS,
    Broadcast,
    ClientDay,
    MailboxProvider,
    Placement,
    PlacementDay,
    Seed,
    Sender,
    SenderTag,
)

__all__ = [
    "ALL_PROVIDERS",
    "Broadcast",
    "Budget",
    "Client",
    "ClientDay",
    "ClientTag",
    "Connection",
    "Feed",
    "Health",
    "MailboxProvider",
    "Placement",
    "PlacementDay",
    "RunState",
    "Scope",
    "ScopeKind",
    "Seed",
    "Sender",
    "SenderTag",
    "SyncRun",
]
