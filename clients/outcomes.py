"""How a run ends: in words a person can act on, with the time of the next try."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Any, NamedTuple

from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from agency.secrets import Unreadable
from clients import lacking
from clients.checkpointing import Locked
from clients.models import Connection, Feed, Health, RunState, SyncRun
from clients.models.operations import AFTER
from clients.passes import Checkpoint
from clients.vendors.errors import AccessDenied, Busy, PlanLacks, StaleCursor, UnexpectedAnswer, VendorDown, VendorError
from clients.walking import CURSOR

#: After a failure the next try comes after a minute, then two, four, … up to the feed's own interval.
FIRST_RETRY = timedelta(minutes=1)
#: What only a new plan at the vendor changes is asked again once a day.
PLAN_RETRY = timedelta(days=1)
#: A vendor that says 'not now, but at once' would be asked by every tick.
SHORTEST_WAIT = timedelta(seconds=5)
#: A list that ends too early is taken for the vendor's word after so long, or after so many tries where nothing came home
#: before: whoever has really removed most of it says the same every time.
BELIEVED_AFTER, BELIEVED_TRIES = timedelta(days=1), 3
#: What a run changes while it goes on.
KEPT = (
    "state", "finished_at", "pages", "pages_expected", "rows", "new", "changed", "gone", "set_aside",
    "left_out", "outcome", "log",
)  # fmt: skip


class Stopped(Exception):
    """The worker is asked to stop; the run goes on from its checkpoint in the next."""


class Withdrawn(Exception):
    """The connection may no longer be asked with this key: refused, paused, removed or replaced while the run was at it. Its text
    says which (`why_withdrawn`)."""


class Verdict(NamedTuple):
    state: RunState
    outcome: str
    next_at: datetime
    failures: int


def why_withdrawn(connection: Locked, fingerprint: str) -> str:
    """'' for a connection that may still be asked with the key of this fingerprint."""
    if connection.removed_at:
        return "The account was removed meanwhile."
    if connection.health == Health.PAUSED:
        reason = f" {connection.health_reason}" if connection.health_reason else ""
        return f"The account was paused meanwhile.{reason} Goes on where it was when it is resumed."
    if connection.health != Health.OK:
        return "The key was refused meanwhile. Goes on when the account may be asked again."
    if connection.fingerprint != fingerprint:
        return "The key was replaced meanwhile. Goes on with the new one."
    return ""


def complete(row: SyncRun, feed: Feed, at: Checkpoint, remark: str = "") -> None:
    """The whole pass was good: only now is the feed fresh. Runs in the caller's transaction."""
    now = timezone.now()
    row.state = RunState.PARTIAL if at.set_aside or at.skipped else RunState.OK
    row.left_out = {place: cut(why) for place, why in at.skipped.items()}
    whole = "Read in part" if at.skipped else "Complete"
    row.outcome = f"{whole}, {at.set_aside} rows set aside: see the log." if at.set_aside else f"{whole}."
    row.outcome = cut(f"{row.outcome} {remark}")
    row.finished_at = now
    row.pages_expected = row.pages
    save(row)
    # A clock that was ahead when the pass began must not hide what comes between.
    watermark = feed.watermark if _reads_again(row, feed, at) else min(datetime.fromisoformat(at.started), now)
    # Whoever wanted it again sooner while it was read may have meant what it had read already.
    wanted = Q(next_at__gt=now, next_at__lt=now + feed.interval) & ~Q(next_at=feed.next_at)
    then = Case(When(wanted, then=F("next_at")), default=Value(now + feed.interval))
    ended = {"next_at": then, "failures": 0, "claim": None, "claimed_until": None}
    Feed.objects.filter(pk=feed.pk).update(checkpoint=None, watermark=watermark, last_ok_at=now, lacks="", **ended)
    Connection.objects.filter(pk=feed.connection_id).update(last_ok_at=now)
    if feed.last_ok_at is None:
        _read_on(feed, at, now)


def _read_on(feed: Feed, at: Checkpoint, now: datetime) -> None:
    """After a feed's first complete pass: what read without it has something to ask for now, and so has this one where another
    that it needed came to its end meanwhile."""
    others = Feed.objects.filter(connection=feed.connection_id)
    after = [name for name, before in AFTER.items() if feed.resource in before]
    others.filter(resource__in=after, last_ok_at__isnull=False, next_at__gt=now).update(next_at=now)
    if others.filter(resource__in=AFTER.get(feed.resource, ()), last_ok_at__gte=at.started).exists():
        Feed.objects.filter(pk=feed.pk).update(next_at=now)


def believed(feed: Feed, doubt: str) -> bool:
    """Whether a list that ends too early is to be taken as it is by now."""
    if feed.last_ok_at is None:
        return feed.failures >= BELIEVED_TRIES
    if timezone.now() - feed.last_ok_at > BELIEVED_AFTER:
        return True
    complete = feed.runs.filter(state__in=[RunState.OK, RunState.PARTIAL]).order_by("-started_at")
    return _numberless(doubt) in _numberless(complete.values_list("outcome", flat=True).first() or "")


def _numberless(text: str) -> str:
    """One row more that can't be read is no other doubt."""
    return re.sub(r"\d[\d,]*", "#", text)


def _reads_again(row: SyncRun, feed: Feed, at: Checkpoint) -> bool:
    """Rows set aside may be whole the next time: the next pass reads as far back as this one. A third such pass in a row
    shows that they are the vendor's for good."""
    if not at.set_aside:
        return False
    before = list(feed.runs.exclude(pk=row.pk).order_by("-started_at").values_list("state", flat=True)[:2])
    return before != [RunState.PARTIAL] * 2


def park(row: SyncRun, feed: Feed, token: uuid.UUID, error: Exception) -> None:
    """Ends a run that did not come to its end; its checkpoint stays, so the next goes on from there.

    Where the database is away for longer than one new connection takes, this raises its error, and the next worker takes
    over when the lease has ended.
    """
    try:
        _park(row, feed, token, error)
    except DatabaseError:
        if database.in_atomic_block:
            raise
        # The connection that broke the run is of no use for its end.
        database.close()
        _park(row, feed, token, error)


def lose(row: SyncRun) -> None:
    """Another worker took over, or the feed was deleted: the run's own row is all that may still be written."""
    row.state, row.outcome, row.finished_at = RunState.LOST, "Another worker took over.", timezone.now()
    SyncRun.objects.filter(pk=row.pk).update(state=row.state, outcome=row.outcome, finished_at=row.finished_at)


def save(row: SyncRun) -> None:
    row.save(update_fields=KEPT)


def note(row: SyncRun, level: str, text: str) -> None:
    row.log = [*row.log, [timezone.now().isoformat(timespec="seconds"), level, cut(text, 1000)]][-200:]


def cut(text: str, length: int = 300) -> str:
    """At a word, where it is longer than its column."""
    return shorten(text, length, placeholder=" …")


def _park(row: SyncRun, feed: Feed, token: uuid.UUID, error: Exception) -> None:
    with transaction.atomic():
        if isinstance(error, (AccessDenied, Unreadable)):
            _refuse(feed, str(error))
        if isinstance(error, PlanLacks):
            lacking.keep(feed, error.naming(feed.resource))
        verdict = judge(feed, error, _pages_behind(feed, error) if row.pages else 0)
        ended = {"next_at": verdict.next_at, "failures": verdict.failures, "claim": None, "claimed_until": None}
        if not Feed.objects.filter(pk=feed.pk, claim=token).update(**ended, **_restart(error)):
            lose(row)
            return
        row.state, row.outcome, row.finished_at = verdict.state, cut(verdict.outcome), timezone.now()
        note(row, "error" if verdict.state == RunState.FAILED else "info", verdict.outcome)
        save(row)


def judge(feed: Feed, error: Exception, pages: int = 0) -> Verdict:
    """`pages`: those that the pass has behind it now that this run came so far; the next need not read them again."""
    now = timezone.now()
    vendor = feed.connection.vendor_class.label
    failures = feed.failures + 1
    again = now + min(FIRST_RETRY * 2 ** min(failures - 1, 10), max(feed.interval, FIRST_RETRY))
    match error:
        case Stopped():
            return Verdict(RunState.WAITING, "The worker was stopped; goes on where it was.", now, feed.failures)
        case Withdrawn():
            return Verdict(RunState.WAITING, f"{error}", now, feed.failures)
        case Busy():
            until = now + max(timedelta(seconds=error.retry_after), SHORTEST_WAIT)
            return Verdict(RunState.WAITING, f"{error} Goes on at {_clock(until)}.", until, feed.failures)
        case AccessDenied():
            return Verdict(RunState.FAILED, f"{error}", again, failures)
        case Unreadable():
            said = f"{error} Replace the key, or give CREDENTIAL_KEYS the key it was stored with."
            return Verdict(RunState.FAILED, said, again, failures)
        case PlanLacks():
            said = error.naming(feed.resource)
            return Verdict(RunState.FAILED, f"{said} Asked again {_clock(now + PLAN_RETRY)}.", now + PLAN_RETRY, 0)
        case VendorDown():
            stop = f"{vendor} stopped answering after page {pages:,} at {_clock(now)}; the next run goes on from there. "
            said = f"{stop if pages else ''}{error} {_since(feed)}Next try at {_clock(again)}."
            return Verdict(RunState.FAILED, said, again, failures)
        case UnexpectedAnswer():
            field = f" (field '{error.field}')" if error.field else ""
            after = f" after page {pages:,}" if pages else ""
            on = "The next run goes on from there. " if pages else ""
            said = f"{vendor}'s answer{after} was not understood{field}: {error} {on}Next try at {_clock(again)}."
            return Verdict(RunState.FAILED, said, again, failures)
        case VendorError():
            return Verdict(RunState.FAILED, f"{error} Next try at {_clock(again)}.", again, failures)
        case IntegrityError():
            said = "A client or account was deleted while this was stored: nothing of the page was kept."
            return Verdict(RunState.FAILED, f"{said} Next try at {_clock(again)}.", again, failures)
        case DatabaseError():
            return Verdict(RunState.FAILED, f"The database did not answer. Next try at {_clock(again)}.", again, failures)
    # Its text may hold anything: the log has it, pages get its kind.
    text = f"An error of our own ({type(error).__name__})."
    return Verdict(RunState.FAILED, f"{text} Next try at {_clock(again)}.", again, failures)


def _refuse(feed: Feed, reason: str) -> None:
    # A key that was replaced meanwhile is not the one that was refused.
    asked = Connection.objects.filter(pk=feed.connection_id, health=Health.OK, fingerprint=feed.connection.fingerprint)
    asked.update(health=Health.REFUSED, health_reason=reason[:300], health_since=timezone.now())


def _pages_behind(feed: Feed, error: Exception) -> int:
    kept = None if _restart(error) else Feed.objects.filter(pk=feed.pk).values_list("checkpoint", flat=True).first()
    return int((kept or {}).get("pages", 0))


def _restart(error: Exception) -> dict[str, Any]:
    """Circles of cursors, and cursors that are refused, would be walked again from the middle: such a pass starts anew."""
    lost = isinstance(error, StaleCursor) or (isinstance(error, UnexpectedAnswer) and error.field == CURSOR)
    return {"checkpoint": None} if lost else {}


def _since(feed: Feed) -> str:
    """Since when it has been failing, if this is not the first time."""
    if not feed.failures:
        return ""
    fine = feed.runs.filter(state__in=[RunState.OK, RunState.PARTIAL]).order_by("-started_at")
    good = fine.values_list("started_at", flat=True).first()
    failed = feed.runs.filter(state=RunState.FAILED, **({"started_at__gt": good} if good else {})).order_by("started_at")
    first = failed.values_list("started_at", flat=True).first()
    return f"Down since {_clock(first)}. " if first else ""


def _clock(at: datetime) -> str:
    day = "" if at.date() == timezone.now().date() else f"{at:%-d %b} "
    return f"{day}{at:%H:%M} UTC"
