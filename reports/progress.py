"""Syncs that somebody waits for, as progress bars: first ones, and those a person asked for."""

from __future__ import annotations

from collections.abc import Iterable
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
    bars: list[Bar]
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
    bars = [_bar(feed) for feed in running[:AT_MOST]]
    mark = f"{done}.{sum(feed.rows for feed in running)}"
    live = bool(running) or first or bool(unattended)
    return Progress(bars, max(0, len(running) - AT_MOST), live, mark, unattended)


def _bar(feed: FeedAtWork) -> Bar:
    note, known = so_far(feed.pages, feed.rows, feed.pages_expected, feed.began)
    return Bar(f"Syncing: {feed.label} · {feed.resource}", note, feed.pages, known)
