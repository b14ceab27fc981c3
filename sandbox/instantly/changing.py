"""Changes that no route makes: what the vendor or another user of the workspace does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.answers import Json
from sandbox.instantly.vocabulary import ACCOUNT_STATUSES, LABELS
from sandbox.instantly.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.instantly.world import World


def change(world: World, account: str, what: dict[str, Json]) -> dict[str, Json]:
    """Carries out any of these; `account` is a workspace, or a key where the workspace does not matter.

    members: {workspace: pending, accepted, rejected, or null for one that has left}     revoke: [key]     restore: [key]
    placement_plan: pid_ip_g, pid_ip_hg or null     plan: any text or null
    accounts: {email: {status, warmup_status, tags: [label]}}     remove_accounts: [email]
    add_test: {emails, name, minutes_ago}     remove_tests: [id]     campaigns: {id: {status, name}}

    Raises an error for anything else.
    """
    unknown = set(what) - set(_OF_WORLD) - set(_OF_WORKSPACE)
    if unknown:
        raise ValueError(f"no change {', '.join(sorted(unknown))}; there are {', '.join((*_OF_WORLD, *_OF_WORKSPACE))}")
    keys = {name: world.access(name).key.workspace for name, _, _ in world.accounts()}
    workspace = world.workspace(account if account in world.workspaces() else keys[account])
    now = int(world.clock.now().timestamp()) * 1000
    told: dict[str, Json] = {}
    for name, value in what.items():
        told[name] = _OF_WORLD[name](world, value) if name in _OF_WORLD else _OF_WORKSPACE[name](workspace, value, now)
    return told


def _members(world: World, statuses: dict[str, str | None]) -> Json:
    for name, status in statuses.items():
        world.workspace(name)
        if status is None:
            world.members.pop(name, None)
        elif status in ("pending", "accepted", "rejected"):
            world.members[name] = status
        else:
            raise ValueError(f"{status} is no status of a group member")
    return dict(world.members)


def _revoke(world: World, names: list[str]) -> Json:
    for name in names:
        world.access(name).revoked = True
    return names


def _restore(world: World, names: list[str]) -> Json:
    for name in names:
        world.access(name).revoked = False
    return names


def _placement_plan(workspace: Workspace, plan: str | None, now: int) -> Json:
    if plan is not None and plan not in LABELS:
        raise ValueError(f"{plan} is no placement plan")
    workspace.placement_plan = plan
    return plan


def _plan(workspace: Workspace, plan: str | None, now: int) -> Json:
    workspace.plan = plan
    return plan


def _accounts(workspace: Workspace, changes: dict[str, dict[str, Any]], now: int) -> Json:
    for email, values in changes.items():
        found = workspace.mailboxes.find(email)
        if found is None:
            raise KeyError(email)
        found = workspace.mailboxes.change(found)
        for name, value in values.items():
            if name == "status" and value in ACCOUNT_STATUSES:
                found.turn(value, now)
            elif name == "warmup_status" and value in (1, 0, -1, -2, -3):
                found.warmup_status = value
            elif name == "tags":
                numbers = {tag.label: tag.number for tag in workspace.tags.values()}
                found.tags[:] = [numbers[label] for label in value]
            else:
                raise ValueError(f"a mailbox cannot have {name} {value!r}")
    return list(changes)


def _remove_accounts(workspace: Workspace, emails: list[str], now: int) -> Json:
    found = [box for box in map(workspace.mailboxes.find, emails) if box]
    for box in found:
        workspace.mailboxes.remove(box)
    return [box.email for box in found]


def _add_test(workspace: Workspace, wanted: dict[str, Any], now: int) -> Json:
    created = now - int(wanted.get("minutes_ago", 0)) * 60_000
    made = workspace.add_test(created, str(wanted.get("name", "Added")), 1, tuple(wanted["emails"]), workspace.labels)
    return made.id


def _remove_tests(workspace: Workspace, identities: list[str], now: int) -> Json:
    return [identity for identity in identities if workspace.tests.pop(identity, None)]


def _campaigns(workspace: Workspace, changes: dict[str, dict[str, Any]], now: int) -> Json:
    for identity, values in changes.items():
        found = workspace.campaigns[identity]
        found.status, found.name = int(values.get("status", found.status)), str(values.get("name", found.name))
        found.updated = now
    return list(changes)


_OF_WORLD: dict[str, Callable[[World, Any], Json]] = {"members": _members, "revoke": _revoke, "restore": _restore}
_OF_WORKSPACE: dict[str, Callable[[Workspace, Any, int], Json]] = {
    "placement_plan": _placement_plan,
    "plan": _plan,
    "accounts": _accounts,
    "remove_accounts": _remove_accounts,
    "add_test": _add_test,
    "remove_tests": _remove_tests,
    "campaigns": _campaigns,
}
