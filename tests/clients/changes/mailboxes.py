"""What is done to mailboxes, and what their vendor has of them."""

from __future__ import annotations

from typing import Any

from clients.changes import selecting
from clients.models import Change
from sandbox.server import Sandbox
from tests.clients.changes.changing import resumed

PAUSE, RESUME = {"status": "paused"}, {"status": "active"}
COOL = {"warmup": "off"}
BULK, DISABLE = "/api/v2/accounts/pause", "/api/v2/accounts/warmup/disable"


def statuses(box: Sandbox, workspace: str = "many") -> set[int]:
    return {one.status for one in box.instantly.workspace(workspace).mailboxes.newest_first()}


def warming(box: Sandbox) -> int:
    return sum(one.warmup_status == 1 for one in box.instantly.workspace("many").mailboxes.newest_first())


def over(box: Sandbox, change: Change) -> Change:
    """After the job, as far as the vendor is concerned."""
    box.clock.forward(61)
    return resumed(change)


def of_birch() -> dict[str, Any]:
    return selecting.by_filter({"client": "birch"})
