"""Changes in words, for pages, messages and lists."""

from __future__ import annotations

from clients.changes import payloads
from clients.models import Change, ChangeState, ItemState

TONES: dict[str, str] = {
    ChangeState.DONE: "good",
    ChangeState.PARTIAL: "bad",
    ChangeState.STOPPED: "look",
    ChangeState.STALE: "look",
    ChangeState.WAITING: "look",
}
ITEM_TONES: dict[str, str] = {
    ItemState.DONE: "good",
    ItemState.FAILED: "bad",
    ItemState.STOPPED: "look",
    ItemState.SKIPPED: "look",
}


def what(change: Change) -> str:
    """'Preset repair', 'Status inactive', 'Undo'."""
    if change.undoes_id or not change.edit:
        return "Undo"
    if "status" in change.edit:
        return f"Status {change.edit['status']}"
    said = payloads.said(change.edit, change.edit)
    return said.capitalize() if change.edit["preset"] == payloads.CUSTOM else f"Preset {said}"
