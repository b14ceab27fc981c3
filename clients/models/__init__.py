from clients.models.accounts import Client, ClientTag, Connection, Health, Scope, ScopeKind
from clients.models.changes import UNSETTLED, Change, ChangeItem, ChangeState, ItemState
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
    "UNSETTLED",
    "Broadcast",
    "Budget",
    "Change",
    "ChangeItem",
    "ChangeState",
    "Client",
    "ClientDay",
    "ClientTag",
    "Connection",
    "Feed",
    "Health",
    "ItemState",
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
