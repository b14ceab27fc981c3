"""Syncs that somebody waits for, as one line: first ones, and those a person asked for. Several have a bar each behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clients.progress import so_far
from reports.queries.freshness import Account, FeedAtWork

AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    note: str
    value: int
    max: int  # 0: of unknown length


@dataclass(frozen=True, slots=True)
class Progress:
    line: Bar | None  # the one sync, or all of them together
    bars: list[Bar]  # of several, each
    more: int
    is_live: bool  # something is still to come
    mark: str  # differs once there are new rows to show
    unattended: str = ""  # says that no worker takes anything up


def progress(
    accounts: Iterable[Account], feeds: Iterable[FeedAtWork], expected: dict[str, int], unattended: str = ""
) -> Progress:
    """`expected`: vendor → how many feeds one of its accounts has; one with fewer complete passes is in its first sync."""
    running = [feed for feed in feeds if feed.running and (feed.first or feed.asked)]
    accounts = list(accounts)
    done = sum(account.feeds_done for account in accounts)
    # Between two feeds of a first sync nothing runs for a moment: that is not the end of it.
    first = any(a.feeds_done + a.lacking < expected.get(a.vendor, 0) and a.health == "ok" and not a.failing for a in accounts)
    bars = [_bar(feed) for feed in running]
    line = _together(running, bars) if len(bars) > 1 else next(iter(bars), None)
    each = bars[:AT_MOST] if len(bars) > 1 else []
    mark = f"{done}.{sum(feed.rows for feed in running)}"
    live = bool(running) or first or bool(unattended)
    return Progress(line, each, max(0, len(running) - AT_MOST), live, mark, unattended)


def _together(feeds: Sequence[FeedAtWork], bars: Sequence[Bar]) -> Bar:
    """Of unknown length while one of them is."""
    pages, rows = sum(feed.pages for feed in feeds), sum(feed.rows for feed in feeds)
    known = sum(bar.max for bar in bars) if all(bar.max for bar in bars) else 0
    done = f"{pages:,} of {known:,} pages" if known else f"{pages:,} pages so far"
    return Bar(f"Reading {len(feeds)} feeds …", f"{done}, {rows:,} rows", pages, known)


def _bar(feed: FeedAtWork) -> Bar:
    note, known = so_far(feed.pages, feed.rows, feed.pages_expected, feed.began)
    return Bar(f"Syncing: {feed.label} · {feed.resource}", note, feed.pages, known)
