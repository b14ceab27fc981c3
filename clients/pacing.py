"""How often one API key is asked: a budget in the database, shared by every worker on every host.

A call reserves the next free moment (GCRA) and waits for it. Times are the database's: the workers' clocks need not agree.
Never inside a transaction, which would hold the budget's row while a vendor thinks; that raises RuntimeError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from clients.models import Budget
from clients.vendors.answers import not_now
from clients.vendors.errors import Busy

LONGEST = 10.0  # seconds: who would have to wait longer goes back to the queue
ANSWERED = 30.0  # seconds in which the one call of `lift` has its answer
AHEAD = 3  # calls that a person's call may overtake
SLOWEST = 8.0  # seconds between two calls as long as the vendor's budget has any left: less than LONGEST, so nobody gives up
EMPTY = 60.0  # seconds, at most, when it has none


@dataclass(frozen=True)
class KeyPace:
    """What `clients.vendors.http` asks before each call. A `foreground` call is one that a person waits for."""

    fingerprint: str
    rate: float
    foreground: bool = False
    vendor: str = "The vendor"  # what it is called where it has said 'not before'
    longest: float = LONGEST

    def take(self) -> float:
        return take(self.fingerprint, self.rate, foreground=self.foreground, vendor=self.vendor, longest=self.longest)

    def block(self, seconds: float) -> None:
        if self.rate:
            block(self.fingerprint, seconds)

    def heed(self, calls: int, seconds: float) -> None:
        wait = spacing(calls, seconds)
        if self.rate:
            Budget.objects.filter(fingerprint=self.fingerprint).update(left=calls, left_at=Now())
        if self.rate and wait > 1 / self.rate:
            block(self.fingerprint, wait)


def take(
    fingerprint: str, rate: float, *, foreground: bool = False, vendor: str = KeyPace.vendor, longest: float = LONGEST
) -> float:
    """Reserves a call at `rate` a second and returns the seconds to wait for it; raises `Busy`, reserving nothing, where
    they are more than `longest`. A rate of 0 is no limit, and costs no query."""
    if not rate:
        return 0.0
    each = timedelta(seconds=1 / rate)
    with _locked(fingerprint) as (budget, now):
        if budget.lifted and budget.blocked_until and budget.blocked_until > now:
            return _one_call(budget, now, each)
        slot = max(now, _sane(budget.next_at, now, each) - each * AHEAD * foreground, budget.blocked_until or now)
        wait = (slot - now).total_seconds()
        if wait <= longest:
            budget.next_at = max(slot, _sane(budget.next_at, now, each) if foreground else slot) + each
            budget.save(update_fields=["next_at"])
    if wait > longest:
        own = "Inboxdeck has as many calls waiting for this API key as it may make for now."
        raise Busy(not_now(vendor, wait) if slot == budget.blocked_until else own, wait)
    return wait


def spacing(calls: int, seconds: float) -> float:
    """Seconds between two calls where so many are left for so long. Others may use the same key: the less they leave, the
    slower we go, instead of taking the last one and being refused. But we go: a page may take several calls, and a run that
    went back to the queue before each second one would begin with the first for ever."""
    return min(SLOWEST if calls else EMPTY, seconds / (calls + 1))


def block(fingerprint: str, seconds: float) -> None:
    """Nobody asks with this key for so long; a longer block that stands is kept."""
    with _locked(fingerprint) as (budget, now):
        until = now + timedelta(seconds=seconds)
        if budget.blocked_until is None or budget.blocked_until < until:
            budget.blocked_until, budget.lifted = until, False
            budget.save(update_fields=["blocked_until", "lifted"])


def lift(fingerprint: str) -> bool:
    """A person asks although the vendor said 'not before': one call is let through, and its answer tells whether the others
    still have to wait. False where nothing is blocked for longer than that takes."""
    # What spaces calls by itself is over in a moment.
    blocked = Budget.objects.filter(fingerprint=fingerprint, blocked_until__gt=Now() + timedelta(seconds=EMPTY))
    return bool(blocked.update(lifted=True))


def _one_call(budget: Budget, now: datetime, each: timedelta) -> float:
    """A 429 to it blocks the key anew (`block`); without one, the others go on when it has been answered."""
    budget.lifted, budget.blocked_until, budget.next_at = False, now + timedelta(seconds=ANSWERED), now + each
    budget.save(update_fields=["lifted", "blocked_until", "next_at"])
    return 0.0


def blocked_until(fingerprint: str) -> datetime | None:
    """None where it may be asked."""
    return Budget.objects.filter(fingerprint=fingerprint, blocked_until__gt=Now()).values_list("blocked_until", flat=True).first()


def left(fingerprint: str) -> tuple[int, datetime] | None:
    """Calls that the vendor's own budget had left, and when it said so. None where it never did."""
    calls, at = Budget.objects.filter(fingerprint=fingerprint).values_list("left", "left_at").first() or (None, None)
    return None if calls is None or at is None else (calls, at)


@contextmanager
def _locked(fingerprint: str) -> Iterator[tuple[Budget, datetime]]:
    # SQLite has the whole database locked from the beginning of the transaction, PostgreSQL the row.
    with transaction.atomic(durable=True):
        rows = Budget.objects.filter(fingerprint=fingerprint).select_for_update().annotate(now=Now())
        budget = rows.first()
        if budget is None:
            Budget.objects.bulk_create([Budget(fingerprint=fingerprint, next_at=Now())], ignore_conflicts=True)
            budget = rows.get()
        yield budget, budget.now


def _sane(next_at: datetime, now: datetime, each: timedelta) -> datetime:
    """Nobody reserves this far ahead: the clock has been set back since."""
    return now if next_at - now > timedelta(seconds=LONGEST) + each * (AHEAD + 2) else next_at
