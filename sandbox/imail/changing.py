"""Changes that no route makes: what the vendor or another user of the workspace does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json
from sandbox.imail.workspace import STATUSES, Ledger

if TYPE_CHECKING:
    from sandbox.imail.world import World


def change(world: World, account: str, what: dict[str, Json]) -> dict[str, Json]:
    """Carries out any of these; `account` is a key's name.

    revoke: true or false     tier: Surge, Velocity, Apex or Launch     tokens: how many its bucket holds now
    campaigns: {id: {status, name}}     remove_campaigns: [id]     inboxes: {email: {status, warmup}}     remove_inboxes: [email]

    Raises an error for anything else.
    """
    unknown = set(what) - set(_OF_KEY) - set(_OF_LEDGER)
    if unknown:
        raise ValueError(f"no change {', '.join(sorted(unknown))}; there are {', '.join((*_OF_KEY, *_OF_LEDGER))}")
    told: dict[str, Json] = {}
    for name, value in what.items():
        if name in _OF_KEY:
            told[name] = _OF_KEY[name](world, account, value)
        else:
            told[name] = _OF_LEDGER[name](world, world.ledger(account), value)
    return told


def _revoke(world: World, account: str, value: bool) -> Json:
    world.access(account).revoked = bool(value)
    return bool(value)


def _tokens(world: World, account: str, value: int) -> Json:
    bucket = world.bucket(account)
    bucket.refill(world.clock.now())
    bucket.tokens = float(value)
    return value


def _tier(world: World, ledger: Ledger, value: str) -> Json:
    ledger.tier = world.tiers[value]
    return value


def _campaigns(world: World, ledger: Ledger, changes: dict[str, dict[str, Any]]) -> Json:
    for identity, values in changes.items():
        found = ledger.campaigns[identity]
        status = str(values.get("status", found.status))
        if status not in STATUSES:
            raise ValueError(f"{status} is no status of a campaign")
        if status != found.status:
            found.turn(status, world.clock.now())
        found.name = str(values.get("name", found.name))
    return list(changes)


def _remove_campaigns(world: World, ledger: Ledger, identities: list[str]) -> Json:
    return [identity for identity in identities if ledger.campaigns.pop(identity, None)]


def _inboxes(world: World, ledger: Ledger, changes: dict[str, dict[str, Any]]) -> Json:
    by_email, now = {one.email: one for one in ledger.inboxes.values()}, world.clock.now()
    for email, values in changes.items():
        found, status = by_email[email], values.get("status")
        if status == "connected":
            found.connect(now)
        elif status == "disconnected":
            found.lose("IMAP: authentication failed", now.date())
        elif status is not None:
            raise ValueError(f"an inbox cannot become {status!r}")
        found.warmup = str(values.get("warmup", found.warmup))
    return list(changes)


def _remove_inboxes(world: World, ledger: Ledger, emails: list[str]) -> Json:
    found = [one for one in ledger.inboxes.values() if one.email in emails]
    for one in found:
        del ledger.inboxes[one.id]
    return [one.email for one in found]


_OF_KEY: dict[str, Callable[[World, str, Any], Json]] = {"revoke": _revoke, "tokens": _tokens}
_OF_LEDGER: dict[str, Callable[[World, Ledger, Any], Json]] = {
    "tier": _tier,
    "campaigns": _campaigns,
    "remove_campaigns": _remove_campaigns,
    "inboxes": _inboxes,
    "remove_inboxes": _remove_inboxes,
}
