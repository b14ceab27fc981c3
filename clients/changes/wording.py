"""Changes in words, for pages, messages and lists."""

from __future__ import annotations

from datetime import datetime

from clients import ages
from clients.changes import payloads, selecting
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


EXPIRED = "expired"
#: What states are called, one that no row has among them.
STATES: dict[str, str] = {
    **{state.value: str(state.label) for state in ChangeState},
    ChangeState.STALE: "Not applied",
    EXPIRED: "Expired",
}


def state(change: Change) -> str:
    """'Done'; of a plan that nobody applied in time 'Expired', of a change that only reads back what it has sent 'Stopped'."""
    if change.state == ChangeState.PLANNED and change.is_old:
        return STATES[EXPIRED]
    stopped = change.state == ChangeState.WAITING and change.stop_requested
    return STATES[ChangeState.STOPPED if stopped else change.state]


def what(change: Change) -> str:
    """'Preset repair', 'Custom percentages', 'Status inactive', 'Warmup off', 'Campaigns paused', 'Undo of preset repair'."""
    if change.undoes is not None:
        undone = what(change.undoes) if change.undoes.edit else "an undo"
        return f"Undo of {undone[0].lower()}{undone[1:]}"
    if not change.edit:
        return "Undo"
    part = payloads.part(change.edit)
    if selecting.is_of_campaigns(change.selector):
        return f"Campaigns {'resumed' if change.edit[part] == 'active' else change.edit[part]}"
    if part in payloads.SETTABLE:
        return f"{part.capitalize()} {change.edit[part]}"
    return "Custom percentages" if change.edit["preset"] == payloads.CUSTOM else f"Preset {change.edit['preset']}"


def percentages(change: Change) -> str:
    """The seven of a change to percentages of one's own; empty for any other."""
    return payloads.percentages(change.edit) if change.edit.get("preset") == payloads.CUSTOM else ""


def told(change: Change, now: datetime) -> str:
    """'By Ada, 2 h ago; applied by Ben 5 min ago; ended 4 min ago': what was at one time with the step before, and by the same
    person, is not told again."""
    by = f" by {change.applied_by}" if change.applied_by and change.applied_by != change.made_by else ""
    steps = [(change.created_at, f"By {change.made_by or 'a command'},", True)]
    if change.applied_at:
        steps.append((change.applied_at, f"applied{by}", bool(by)))
    elif change.planned_at:
        steps.append((change.planned_at, "planned", False))
    if change.finished_at:
        steps.append((change.finished_at, "ended", False))
    said: list[str] = []
    for (at, words, always), before in zip(steps, [None, *(step[0] for step in steps)], strict=False):
        when = ages.ago(at, now)
        if always or before is None or when != ages.ago(before, now):
            said.append(f"{words} {when}")
    return "; ".join(said)
