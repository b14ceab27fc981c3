"""How far a connection's sync is, for the bar that moves; and whether anybody is at work at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Q
from django.utils import timezone

from clients.models import Connection, Feed, Health, RunState, SyncRun
from clients.models.leased import Leased
from clients.models.operations import FeedQuerySet
from clients.passes import BroadcastPass

#: A feed asked for so long ago and still not taken up has no worker that could: the bar stops promising.
PATIENCE = timedelta(minutes=10)
#: No page for so long: a vendor that is well has answered by then.
SILENCE = timedelta(seconds=30)
#: A worker takes up what is due within a tick of the clock that hands it out.
SOON = timedelta(seconds=30)
UNTAKEN = "Waiting for the worker: nothing has taken this up. Is it running?"


@dataclass(frozen=True)
class Progress:
    active: bool
    label: str = ""
    note: str = ""
    value: int = 0
    max: int = 0  # 0: nobody knows yet how long it takes
    unattended: str = ""


def progress_of(connection: Connection) -> Progress:
    """Reads `connection.feeds.all()` and its running runs."""
    feeds = list(connection.feeds.all())
    claimed = at_work(feeds)
    running = SyncRun.objects.filter(feed__in=claimed, state=RunState.RUNNING).select_related("feed").defer("log")
    run = running.order_by("started_at").first()
    if run:
        return _of_run(run, sum(_awaited(connection, feed) for feed in feeds if feed.pk not in claimed))
    if claimed:
        # Taken up a moment ago, and its run is not written down yet: a page that stopped looking now would never see it.
        return Progress(True, "Starting", ", ".join(feed.resource for feed in feeds if feed.pk in claimed))
    if said := unattended(Feed.objects.filter(connection=connection)):
        return Progress(True, unattended=said)
    waiting = [feed.resource for feed in feeds if _awaited(connection, feed)]
    return Progress(True, "Waiting for a worker", ", ".join(waiting)) if waiting else Progress(False)


def at_work(feeds: Iterable[Feed]) -> set[int]:
    """The keys of those that a worker holds."""
    now = timezone.now()
    return {feed.pk for feed in feeds if feed.claimed_until and feed.claimed_until > now}


def unattended(feeds: FeedQuerySet) -> str:
    """A sentence when one of the feeds has been due for longer than SOON, and no worker has taken up anything since."""
    now = timezone.now()
    # One query, overdue or not: pages have a budget of them.
    seen = Feed.objects.aggregate(
        due=Min("next_at", filter=Q(pk__in=feeds.due().order_by().values("pk"))),
        claimed=Max("claimed_until"),
        started=Max("last_run__started_at"),
    )
    since: datetime | None = seen["due"]
    if since is None or now - since < SOON:
        return ""
    # The lease of a worker that was killed is waited for by the next one: until then nobody could have taken it up.
    idle = now - max(since, seen["started"] or since, seen["claimed"] or since)
    if idle < SOON:
        return ""
    return f"Waiting for the worker: nothing has taken this up for {_span(idle)}. Is it running?"


def untaken(row: Leased, due_at: datetime | None) -> str:
    """A sentence when `row` has been due for longer than SOON and nobody holds it."""
    now = timezone.now()
    held = row.claimed_until is not None and row.claimed_until >= now
    return "" if held or due_at is None or now - due_at <= SOON else UNTAKEN


def is_settled(checkpoint: dict[str, Any] | None) -> bool:
    """Whether the pass knows how many pages it takes: with the details it is a count, in a list that goes on it is a guess."""
    at = checkpoint or {}
    # Details that hold no split are given up after a few, and lists follow.
    return at.get("phase") == BroadcastPass.DETAIL and bool(at.get("rows"))


def so_far(pages: int, rows: int, expected: int, began: datetime) -> tuple[str, int]:
    """The words, and the bar's end: 0 while `expected` is 0, or was too small. `began`: the run."""
    # Of later pages nobody writes down when they came.
    if not pages and timezone.now() - began > SILENCE:
        return f"waiting for the vendor's answer for {_span(timezone.now() - began)}", 0
    known = expected if expected > pages else 0
    done = f"{pages:,} of {known:,} pages" if known else f"{pages:,} page{'' if pages == 1 else 's'} so far"
    return f"{done}, {rows:,} row{'' if rows == 1 else 's'}", known


def _awaited(connection: Connection, feed: Feed) -> bool:
    if connection.health != Health.OK or connection.removed_at:
        return False
    asked = feed.requested_at or (connection.created_at if feed.last_ok_at is None and feed.last_run_id is None else None)
    return asked is not None and timezone.now() - asked < PATIENCE


def _of_run(run: SyncRun, waiting: int) -> Progress:
    expected = (run.pages_expected or 0) if is_settled(run.feed.checkpoint) else 0
    note, known = so_far(run.pages, run.rows, expected, run.started_at)
    after = f" · then {waiting} more" if waiting else ""
    return Progress(True, f"Reading {run.feed.resource}", note + after, run.pages, known)


def _span(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
