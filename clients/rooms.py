"""Which of a worker's threads syncs may hold: of one vendor half of them, of all vendors so many that two are left.

A vendor that hangs holds whoever waits for it for minutes. What people, other vendors and webhooks wait for must find a thread
all the same. Who is turned away stays due; whoever leaves a full room takes along what is due there next.
"""

from __future__ import annotations

import threading
from collections import Counter

from django.conf import settings

from clients import sync
from clients.models import Feed

#: Threads that syncs never hold, where there are so many.
LEFT = 2

_at_work: Counter[str] = Counter()
_turned_away: set[str] = set()
_lock = threading.Lock()


def run(feed: Feed) -> None:
    """The feed with its connection. Returns at once where its vendor's room is full."""
    vendor = feed.connection.vendor
    if not _enter(vendor):
        return
    try:
        following: Feed | None = feed
        while following and not sync.stopping.is_set():
            sync.run(following.pk, "person" if following.requested_at else "schedule")
            following = _next(vendor)
    finally:
        _leave(vendor)


def _enter(vendor: str) -> bool:
    with _lock:
        threads = settings.WORKER_THREADS
        free: bool = _at_work[vendor] < max(1, threads // 2) and _at_work.total() < max(1, threads - LEFT)
        if free:
            _at_work[vendor] += 1
        else:
            _turned_away.add(vendor)
        return free


def _leave(vendor: str) -> None:
    with _lock:
        _at_work[vendor] -= 1


def _next(vendor: str) -> Feed | None:
    if vendor not in _turned_away:
        return None
    found: Feed | None = Feed.objects.due().filter(connection__vendor=vendor).first()
    if found is None:
        with _lock:
            _turned_away.discard(vendor)
    return found
