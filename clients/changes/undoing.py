"""Whether a change has been taken back, or is about to be. An undo that has been undone itself no longer counts."""

from __future__ import annotations

from clients.models import Change, ChangeState, ItemState

_AT_IT = (ChangeState.APPLYING, ChangeState.WAITING)


def standing(change: Change) -> Change | None:
    """The newest undo of this change that is under way, or has taken something back that stays so."""
    for undo in change.undone_by.order_by("-pk"):
        if undo.state in _AT_IT or (_did_something(undo) and not is_over(undo)):
            return undo
    return None


def is_over(change: Change) -> bool:
    """Nothing is left to undo: an undo of all of it stands, or is under way."""
    undo = standing(change)
    # One that failed, or was stopped, for some has left those: they can be taken back by another.
    return undo is not None and (undo.state == ChangeState.DONE or undo.state in _AT_IT)


def waiting(change: Change) -> Change | None:
    """The newest undo of it that is planned, and fresh enough to be applied."""
    planned = change.undone_by.filter(state__in=(ChangeState.PLANNING, ChangeState.PLANNED)).order_by("-pk")
    return next((undo for undo in planned if not undo.is_old), None)


def bars_a_retry(change: Change) -> str:
    """Why those that failed are not sent again: they would be changed by what is being taken back. Empty where nothing bars."""
    if standing(change):
        return "It has been undone, at least in part: undo that first, or make the plan again."
    if waiting(change):
        return "Its undo waits to be applied: drop that plan first, or apply it."
    return ""


def _did_something(undo: Change) -> bool:
    return undo.is_settled and undo.items.filter(state=ItemState.DONE).exists()
