"""How a run of a change ends: done, parked until a time that its page tells, stopped, or not begun at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from agency.secrets import Unreadable
from clients.changes import history, selecting
from clients.changes.holding import Hold
from clients.models import UNSETTLED, Change, ChangeItem, ChangeState, Connection, Health, ItemState
from clients.vendors.errors import AccessDenied, Busy, UnexpectedAnswer, VendorDown

#: After a fault of the vendor's the change rests for a minute, then two, four, …; after so many in a row it gives up.
FIRST_REST = timedelta(minutes=1)
GIVES_UP = 5


@dataclass(frozen=True)
class Park:
    until: datetime
    why: str
    fault: bool = False  # of the vendor: it counts towards giving up


def end(hold: Hold, parks: list[Park], *, progress: bool) -> None:
    """Settled, or parked until the first of `parks` is over. `progress`: something got done. Raises `Lost`."""
    change = hold.change
    change.failures = change.failures + 1 if any(park.fault for park in parks) and not progress else 0
    if change.failures >= GIVES_UP:
        give_up(change, parks)
    if change.items.filter(state__in=UNSETTLED).exists():
        park = min(parks, key=lambda one: one.until, default=Park(timezone.now(), "Goes on."))
        _park(hold, park)
    else:
        _settle(hold)


def wait(hold: Hold, why: str, time: timedelta) -> None:
    _park(hold, Park(timezone.now() + time, why))


def fault(change: Change, connection: Connection, items: Iterable[ChangeItem], error: Exception) -> Park | None:
    """When to go on after this error, or None: then what had not left has failed with it."""
    if isinstance(error, Busy):
        until = timezone.now() + timedelta(seconds=max(error.retry_after, 1))
        return Park(until, f"{error} Goes on at {_clock(until)}.")
    if isinstance(error, (VendorDown, UnexpectedAnswer)):
        until = timezone.now() + FIRST_REST * 2**change.failures
        return Park(until, f"{error} Goes on at {_clock(until)}.", fault=True)
    if isinstance(error, (AccessDenied, Unreadable)):
        _refuse(connection, str(error))
    fail(items, str(error))
    return None


def fail(items: Iterable[ChangeItem], why: str) -> None:
    """Those that had not left, with the reason; of those on their way it is said that nobody knows."""
    items = [item for item in items if item.state in UNSETTLED]
    for item in items:
        unknown = item.state != ItemState.QUEUED
        item.why = f"{'Whether it was carried out is not known. ' if unknown else ''}{why}"[:300]
        item.state = ItemState.FAILED
    ChangeItem.objects.bulk_update(items, ["state", "why"], batch_size=500)


def give_up(change: Change, parks: Iterable[Park]) -> None:
    why = next((park.why.partition(" Goes on at ")[0] for park in parks if park.fault), "")
    fail(change.items.filter(state__in=UNSETTLED), f"Given up after {GIVES_UP} tries. {why}")


def unplanned(hold: Hold, why: str) -> None:
    hold.change.state, hold.change.outcome = ChangeState.STALE, f"It could not be planned. {why}"[:300]
    hold.change.finished_at = timezone.now()
    hold.save("state", "outcome", "finished_at")


def broken(hold: Hold, why: str, rest: timedelta) -> None:
    """The same as a fault of the vendor's: tried again, and given up after a few times."""
    until = timezone.now() + rest
    end(hold, [Park(until, f"{why} Goes on at {_clock(until)}.", fault=True)], progress=False)


def leave(change: Change) -> None:
    """Stopped: what has not left stays."""
    left = change.items.filter(state__in=(ItemState.PLANNED, ItemState.QUEUED))
    left.update(state=ItemState.STOPPED, why="Stopped before it was sent.")


def stale(hold: Hold, moved: list[ChangeItem]) -> None:
    """Nothing was sent: some are not as the plan says."""
    change = hold.change
    number = len(moved)
    with transaction.atomic():
        hold.renew()
        ChangeItem.objects.bulk_update(moved, ["why"], batch_size=500)
        queued = change.items.filter(state=ItemState.QUEUED)
        queued.filter(why="").update(why="Not sent: the plan was no longer true.")
        queued.update(state=ItemState.STOPPED)
        change.state, change.finished_at = ChangeState.STALE, timezone.now()
        noun = selecting.noun(change.selector)
        who = f"1 {noun} has" if number == 1 else f"{number:,} {noun}s have"
        change.outcome = f"{who} changed since this plan was made, so nothing was sent. Make it again."
        hold.save("state", "finished_at", "outcome")
        history.ended(change)


def stop_idle(change: Change) -> None:
    """Of a change that nobody works on, inside a transaction that holds it. What has left already is read back in its time."""
    leave(change)
    if not change.items.filter(state__in=UNSETTLED).exists():
        _conclude(change)
        # Whoever comes back from the dead must not write into what has ended.
        change.claim = change.claimed_until = change.resume_at = None
        change.save(update_fields=[*_ENDS, "claim", "claimed_until", "resume_at"])
        history.ended(change)


def _park(hold: Hold, park: Park) -> None:
    change = hold.change
    change.state, change.resume_at, change.outcome = ChangeState.WAITING, park.until, park.why[:300]
    with transaction.atomic():
        hold.renew()
        change.stop_requested = Change.objects.filter(pk=change.pk, stop_requested=True).exists()
        if change.stop_requested:
            # Asked for while this run was ending: what has not left need not wait to be left.
            leave(change)
        if change.stop_requested and not change.items.filter(state__in=UNSETTLED).exists():
            _settle(hold)
        else:
            hold.save("state", "resume_at", "outcome", "failures")


#: What `_conclude` sets.
_ENDS = ("state", "outcome", "finished_at")


def _settle(hold: Hold) -> None:
    with transaction.atomic():
        hold.renew()
        _conclude(hold.change)
        hold.save(*_ENDS, "failures")
        history.ended(hold.change)


def _conclude(change: Change) -> None:
    """By what became of its items."""
    counts = Counter(change.items.values_list("state", flat=True))
    stopped, failed = counts[ItemState.STOPPED], counts[ItemState.FAILED]
    change.state = ChangeState.STOPPED if stopped else ChangeState.PARTIAL if failed else ChangeState.DONE
    change.outcome, change.finished_at = _outcome(counts), timezone.now()


def _outcome(counts: Counter[str]) -> str:
    parts = [
        f"{counts[state]:,} {word}"
        for state, word in ((ItemState.DONE, "done"), (ItemState.FAILED, "failed"), (ItemState.STOPPED, "not sent"))
        if counts[state]
    ]
    return ", ".join(parts or ["nothing to do"]).capitalize() + "."


def _refuse(connection: Connection, reason: str) -> None:
    # A key that was replaced meanwhile is not the one that was refused.
    asked = Connection.objects.filter(pk=connection.pk, health=Health.OK, fingerprint=connection.fingerprint)
    asked.update(health=Health.REFUSED, health_reason=reason[:300], health_since=timezone.now())


def _clock(at: datetime) -> str:
    day = "" if at.date() == timezone.now().date() else f"{at:%-d %b} "
    return f"{day}{at:%H:%M} UTC"
