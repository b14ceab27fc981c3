"""What no route does: people who answer, mail servers that refuse, and what the vendor's own dashboard can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json
from sandbox.hooks import Endpoint
from sandbox.inboxbase import living
from sandbox.inboxbase.identity import Identity
from sandbox.inboxbase.ids import iso

if TYPE_CHECKING:
    from sandbox.inboxbase.world import Org, World


def change(world: World, account: str, what: dict[str, Json]) -> dict[str, Json]:
    """Carries out any of these; `account` is an org, or org/handle for what concerns an identity.

    reply: {conversation, text}     bounce: {conversation, kind: soft or hard}     receive: {from, subject, text}
    replace_mailbox: any     health: {mailbox id: 0 to 100}     state: active, suspended, …     cap: number
    archive: [conversation]     labels: {conversation: [label]}     revoke: true or false
    webhook: {url, secret} or null     deliver: true (sends what happened since, and the tries that are due)

    Raises an error for anything else.
    """
    org_name, _, handle = account.partition("/")
    org = world.org(org_name)
    told: dict[str, Json] = {}
    for name, value in what.items():
        if name in _OF_ORG:
            told[name] = _OF_ORG[name](world, org, value)
        elif name in _OF_IDENTITY:
            told[name] = _OF_IDENTITY[name](world.identity(org, handle or next(iter(org.roles))), world.now, value)
        else:
            raise ValueError(f"no change {name}; there are {', '.join((*_OF_ORG, *_OF_IDENTITY))}")
    return told


def _revoke(world: World, org: Org, revoked: bool) -> Json:
    org.revoked = revoked
    return revoked


def _webhook(world: World, org: Org, wanted: dict[str, str] | None) -> Json:
    org.endpoint = Endpoint(wanted["url"], wanted["secret"], world.scheme) if wanted else None
    return wanted is not None


def _deliver(world: World, org: Org, wanted: Json) -> Json:
    return world.send_on(org)


def _reply(identity: Identity, now: int, told: dict[str, str]) -> Json:
    living.replied(identity, now, told["conversation"], told.get("text", "Yes, please."))
    return told["conversation"]


def _bounce(identity: Identity, now: int, told: dict[str, str]) -> Json:
    living.bounced(identity, now, told["conversation"], told.get("kind", "hard"))
    return told["conversation"]


def _receive(identity: Identity, now: int, told: dict[str, str]) -> Json:
    return living.received(identity, now, told["from"], told.get("subject", "A question"), told.get("text", "Hello?"))


def _replace(identity: Identity, now: int, told: Json) -> Json:
    living.replaced(identity, now, identity.mailboxes[0].id)
    return identity.mailboxes[0].id


def _health(identity: Identity, now: int, told: dict[str, int]) -> Json:
    known = {one.id: one for one in identity.mailboxes}
    for name, value in told.items():
        known[name].health = int(value)
    return told


def _state(identity: Identity, now: int, told: str) -> Json:
    identity.state = told
    return told


def _cap(identity: Identity, now: int, told: int) -> Json:
    identity.cap = int(told)
    return identity.cap


def _archive(identity: Identity, now: int, told: list[str]) -> Json:
    for one in told:
        found = identity.conversations[one]
        found.archived = True
        found.log.append({"type": "archived", "ts": now, "tsIso": iso(now)})
    return told


def _labels(identity: Identity, now: int, told: dict[str, list[str]]) -> Json:
    for one, labels in told.items():
        identity.conversations[one].labels[:] = labels
    return list(told)


_OF_ORG: dict[str, Callable[[World, Org, Any], Json]] = {"revoke": _revoke, "webhook": _webhook, "deliver": _deliver}
_OF_IDENTITY: dict[str, Callable[[Identity, int, Any], Json]] = {
    "reply": _reply,
    "bounce": _bounce,
    "receive": _receive,
    "replace_mailbox": _replace,
    "health": _health,
    "state": _state,
    "cap": _cap,
    "archive": _archive,
    "labels": _labels,
}
