"""The key's workspace, and the group that an agency leads."""

from __future__ import annotations

from http import HTTPStatus

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.instantly import ids
from sandbox.instantly.call import Call, missing
from sandbox.instantly.cast import ADMIN
from sandbox.instantly.ids import stamp
from sandbox.instantly.workspace import DAY, workspace_values


def current(call: Call) -> Answer:
    return call.one(workspace_values(call.workspace))


def members(call: Call) -> Answer:
    if not call.world.leads_group(call.workspace):
        if status := call.switches.not_an_admin:
            raise RefusedError(status, HTTPStatus(status).phrase)
        return ok({"items": []})
    rows = _members(call)
    after = call.cursor()
    known = [row["id"] for row in rows]
    start = known.index(after) + 1 if after in known else 0
    return call.listed(iter(rows[start:]), dict, lambda row: str(row["id"]))


def member(call: Call) -> Answer:
    for row in _members(call):
        if row["id"] == call.named[0] and call.world.leads_group(call.workspace):
            return call.one(row)
    raise missing()


def admin(call: Call) -> Answer:
    if call.world.members.get(call.workspace.name) != "accepted":
        return ok({"workspace_name": "Undefined", "has_admin_workspace": False})
    leader = call.world.workspace(ADMIN)
    row = next(row for row in _members(call) if row["sub_workspace_id"] == call.workspace.id)
    return ok({"workspace_name": leader.title, "has_admin_workspace": True, "workspace_group_member_id": row["id"]})


def _members(call: Call) -> list[dict[str, Json]]:
    leader, found = call.world.workspace(ADMIN), []
    for index, (name, status) in enumerate(call.world.members.items()):
        joined, sub = leader.created + 30 * DAY + index * 60_000, call.world.workspace(name)
        found.append(
            {
                "id": leader.id_of(ids.MEMBER, joined, index=index),
                "admin_workspace_id": leader.id,
                "sub_workspace_id": sub.id,
                "status": status,
                "timestamp_created": stamp(joined),
                "timestamp_updated": stamp(joined + 600_000),
                "sub_workspace_name": sub.title,
                "admin_workspace_name": leader.title,
            }
        )
    return found
