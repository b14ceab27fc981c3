"""What people ask of a change that is planned: apply, stop, try again, take back. Each takes effect once, whoever asks twice."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from agency.models import User
from agency.queue import announce
from clients.changes import calls, ending, history, selecting, undoing
from clients.changes.planning import TASK, ask
from clients.models import Change, ChangeState, ItemState

type By = HttpRequest | None

OLD = "This plan is more than an hour old: make it again."


class NotNow(Exception):
    """The text is for people."""


def apply(change: Change, by: By) -> None:
    """Hands the plan, just as it stands, to a worker. Raises `NotNow`."""
    with transaction.atomic():
        change = _locked(change)
        if change.state != ChangeState.PLANNED:
            raise NotNow("This plan has been applied already." if change.applied_at else "This is not planned yet.")
        if change.is_old:
            raise NotNow(OLD)
        if not change.items.filter(state=ItemState.PLANNED).exists():
            raise NotNow("There is nothing to change.")
        change.state, change.applied_at, change.applied_by = ChangeState.APPLYING, timezone.now(), _user(by)
        change.save(update_fields=["state", "applied_at", "applied_by"])
        history.asked(change, by)
        announce(TASK, change.pk)


def stop(change: Change, by: By) -> None:
    """At once where no worker is at it; else at most the calls that are on their way are still made. Raises `NotNow`."""
    with transaction.atomic():
        change = _locked(change)
        if change.state not in (ChangeState.APPLYING, ChangeState.WAITING):
            raise NotNow("Nothing is being sent.")
        if not change.stop_requested:
            change.stop_requested = True
            change.save(update_fields=["stop_requested"])
            history.asked_to_stop(change, by)
            if Change.objects.unclaimed().filter(pk=change.pk).exists():
                ending.stop_idle(change)
            else:
                # Its worker may be parking it just now: then the next one is not to wait.
                Change.objects.filter(pk=change.pk).update(resume_at=None)
        announce(TASK, change.pk)


def retry(change: Change, by: By, state: ItemState = ItemState.FAILED) -> int:
    """Sends those again that failed (or were stopped), and no other; how many. Raises `NotNow`."""
    try:
        with transaction.atomic():
            change = _locked(change)
            if change.state not in (ChangeState.PARTIAL, ChangeState.STOPPED) or state not in (
                ItemState.FAILED,
                ItemState.STOPPED,
            ):
                raise NotNow("There is nothing to try again.")
            if change.is_old:
                raise NotNow(OLD)
            if why := undoing.bars_a_retry(change):
                raise NotNow(why)
            number = change.items.filter(state=state).update(state=ItemState.QUEUED, why="", call=None, job="")
            if not number:
                raise NotNow("There is nothing to try again.")
            again = {"state": ChangeState.APPLYING, "stop_requested": False, "failures": 0, "finished_at": None, "outcome": ""}
            Change.objects.filter(pk=change.pk).update(applied_by=_user(by), **again)
            history.asked_again(change, by)
            announce(TASK, change.pk)
    except IntegrityError:
        raise NotNow(f"Another change of the same {selecting.noun(change.selector)}s is under way: wait for it.") from None
    return number


def drop(change: Change) -> None:
    """A plan that shall not be applied. Raises `NotNow`."""
    with transaction.atomic():
        change = _locked(change)
        if change.state != ChangeState.PLANNED:
            raise NotNow("This is no plan that could be dropped.")
        change.state, change.outcome, change.finished_at = ChangeState.STALE, "Dropped: nothing was sent.", timezone.now()
        change.save(update_fields=["state", "outcome", "finished_at"])


def again(change: Change, by: By) -> Change:
    """The same question anew: another plan, from what the vendor says now."""
    return ask(change.agency, change.selector, change.edit, _user(by), change.reason, undoes=change.undoes)


def undo(change: Change, by: By) -> Change:
    """A plan that takes back what this change did, the one that waits where there is one. Raises `NotNow`."""
    if not change.is_settled or not change.items.filter(state=ItemState.DONE).exists():
        raise NotNow("It has changed nothing that could be taken back.")
    if undoing.is_over(change):
        raise NotNow("It is undone already, or is being undone.")
    if found := undoing.waiting(change):
        return found
    return ask(change.agency, selecting.of_undo(change.selector), {}, _user(by), undoes=change)


def choose(change: Change, overwritten: set[str], reason: str) -> None:
    """Of a planned undo: which of the senders that somebody changed since are overwritten all the same, and what it is for.

    Raises `NotNow`.
    """
    with transaction.atomic():
        change = _locked(change)
        if change.state != ChangeState.PLANNED:
            raise NotNow("This plan has been applied already.")
        for item in change.items.filter(drifted=True):
            item.state = ItemState.PLANNED if str(item.uuid) in overwritten else ItemState.SKIPPED
            item.save(update_fields=["state"])
        change.calls, change.reason = calls.with_overwritten(change), reason.replace("\x00", "").strip()[:500]
        change.save(update_fields=["calls", "reason"])


def _locked(change: Change) -> Change:
    return Change.objects.select_for_update(of=("self",), no_key=True).select_related("agency", "client").get(pk=change.pk)


def _user(by: By) -> User | None:
    return by.user if by is not None and isinstance(by.user, User) else None
