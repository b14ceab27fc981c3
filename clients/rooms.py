"""Which of a worker's threads one vendor may hold.

A vendor that hangs holds whoever waits for it for minutes. What people, other vendors and webhooks wait for must find a thread
all the same. So of the threads

- syncs of one vendor hold at most half, and those of all vendors so many that two are left;
- acts of one vendor (what people ask it to do) hold at most half of those that syncs and other vendors' acts leave;
- both of one vendor together leave a quarter, and the last one is for a vendor that holds none.

Who is turned away stays due; whoever leaves a full room takes along what is due there next.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection

from django.conf import settings

from clients import sync
from clients.models import Feed

#: Threads that syncs never hold, where there are so many.
LEFT = 2
#: Acts that are remembered here; the next tick hands out the others.
MOST_REMEMBERED = 1_000

type Work = Callable[[int], object]

_syncs: Counter[str] = Counter()
_acts: Counter[str] = Counter()
_acting: set[object] = set()  # one for each thread: an act may be of several vendors
_turned_away: set[str] = set()
_acts_turned_away: dict[tuple[Work, int], frozenset[str]] = {}
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


def act(vendors: Collection[str], work: Work, pk: int) -> None:
    """`work(pk)`, which calls these vendors and takes up only what is due. Returns at once where one's room is full."""
    following: tuple[frozenset[str], Work, int] | None = (frozenset(vendors), work, pk)
    while following and not sync.stopping.is_set():
        whose, work, pk = following
        token = _begin(whose, work, pk)
        if token is None:
            return
        try:
            work(pk)
        finally:
            _end(whose, token)
        following = _next_act()


def _enter(vendor: str) -> bool:
    with _lock:
        threads = settings.WORKER_THREADS
        free: bool = (
            _syncs[vendor] < max(1, threads // 2)
            and _syncs.total() < max(1, threads - LEFT)
            and _leaves_room(frozenset([vendor]))
        )
        if free:
            _syncs[vendor] += 1
        else:
            _turned_away.add(vendor)
        return free


def _leave(vendor: str) -> None:
    with _lock:
        _syncs[vendor] -= 1


def _next(vendor: str) -> Feed | None:
    if vendor not in _turned_away:
        return None
    found: Feed | None = Feed.objects.due().filter(connection__vendor=vendor).first()
    if found is None:
        with _lock:
            _turned_away.discard(vendor)
    return found


def _begin(vendors: frozenset[str], work: Work, pk: int) -> object | None:
    """None where it is turned away."""
    with _lock:
        if not _may_act(vendors):
            if len(_acts_turned_away) < MOST_REMEMBERED:
                _acts_turned_away[work, pk] = vendors
            return None
        _acts_turned_away.pop((work, pk), None)
        _acts.update(vendors)
        _acting.add(token := object())
        return token


def _end(vendors: frozenset[str], token: object) -> None:
    with _lock:
        _acts.subtract(vendors)
        _acting.discard(token)


def _next_act() -> tuple[frozenset[str], Work, int] | None:
    with _lock:
        for (work, pk), vendors in _acts_turned_away.items():
            if _may_act(vendors):
                return vendors, work, pk
    return None


def _may_act(vendors: frozenset[str]) -> bool:
    def free(vendor: str) -> bool:
        left: int = settings.WORKER_THREADS - _syncs.total() - (len(_acting) - _acts[vendor])
        return _acts[vendor] < max(1, left // 2)

    return all(free(vendor) for vendor in vendors) and _leaves_room(vendors)


def _leaves_room(vendors: frozenset[str]) -> bool:
    threads: int = settings.WORKER_THREADS
    held: int = max((_syncs[vendor] + _acts[vendor] for vendor in vendors), default=0)
    if held and _syncs.total() + len(_acting) >= threads - 1:
        return False
    return held < max(1, threads - max(1, threads // 4))
