"""Broadcasts, whose counts grow while their mail arrives."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from sandbox.answers import Json
from sandbox.clock import at, epoch, iso
from sandbox.inboxally.vocabulary import PROVIDERS

Counts = tuple[int, int, int]
"""Mails in primary, promotions, spam."""
Filter = tuple[str | None, str | None]
"""Mailbox provider and from-address; None = any."""


@dataclass(slots=True)
class Broadcast:
    id: str
    subject: str
    from_email: str
    sender_id: str | None
    sent: int
    """Epoch second of the first mail."""
    span: int
    """Seconds from the first mail to the last."""
    counts: tuple[Counts, ...]
    """In the order of PROVIDERS, when all mail has come."""
    place: int = 0
    """Sort key: falls with time, so that rising keys are newest first."""
    _rows: dict[str | None, bytes | None] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return at(self.sent).date()

    def at(self, now: int) -> tuple[Counts, ...]:
        """The counts that have arrived by `now`."""
        if now >= self.sent + self.span:
            return self.counts
        if now <= self.sent:  # a clock that was set back
            return ((0, 0, 0),) * len(self.counts)
        gone = now - self.sent
        return tuple((p * gone // self.span, c * gone // self.span, s * gone // self.span) for p, c, s in self.counts)

    def row(self, provider: str | None, now: int) -> bytes | None:
        """The list row, or None when no mail has arrived yet. Encoded once when nothing can change any more."""
        if now < self.sent + self.span:
            return self._encode(provider, now)
        if provider not in self._rows:
            self._rows[provider] = self._encode(provider, now)
        return self._rows[provider]

    def _encode(self, provider: str | None, now: int) -> bytes | None:
        values = self.values(provider, now)
        return None if values is None else json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    def values(self, provider: str | None, now: int) -> dict[str, Json] | None:
        arrived = self.at(now)
        counts = summed(arrived) if provider is None else arrived[PROVIDERS.index(provider)]
        if not sum(counts):
            return None
        return {
            "id": self.id,
            "subject": self.subject,
            "from_email": self.from_email,
            "sender_id": self.sender_id,
            "date": self.day.isoformat(),
            **measured(counts),
        }

    def detail(self, now: int, with_providers: bool) -> dict[str, Json] | None:
        values = self.values(None, now)
        if values is None:
            return None
        if with_providers:
            arrived = zip(PROVIDERS, self.at(now), strict=True)
            values["providers"] = [{"provider": name, **measured(counts)} for name, counts in arrived if sum(counts)]
        values["first_received_at"] = iso(at(self.sent))
        values["last_received_at"] = iso(at(min(now, self.sent + self.span)))
        return values


def summed(counts: tuple[Counts, ...]) -> Counts:
    primary, promotions, spam = zip(*counts, strict=True)
    return sum(primary), sum(promotions), sum(spam)


def measured(counts: Counts) -> dict[str, int | float]:
    primary, promotions, spam = counts
    total = primary + promotions + spam
    return {
        "total_emails": total,
        "primary_inbox": primary,
        "promotions": promotions,
        "spam": spam,
        "inboxing_percentage": round((primary + promotions) / total * 100, 2) if total else 0.0,
    }


class Mailings(Protocol):
    """All broadcasts of one account; `now` is always an epoch second, `oldest` the first day still kept."""

    def page(self, wanted: Filter, after: int | None, limit: int, now: int, oldest: date) -> tuple[bytes, int | None]:
        """The rows, joined by commas, and the key to go on after (None at the end)."""

    def get(self, broadcast_id: str, now: int, oldest: date) -> Broadcast | None: ...

    def visible(self, now: int, oldest: date) -> Iterator[Broadcast]: ...

    def last_activity(self, from_email: str, now: int) -> int | None: ...


class DailyMailings:
    """Made day by day from a story; days that the clock reaches later are made when they come."""

    def __init__(self, make_day: Callable[[date], list[Broadcast]], first: date) -> None:
        self._make_day = make_day
        self._next = first
        self._serial = 0
        self._all: list[Broadcast] = []
        self._by_id: dict[str, Broadcast] = {}
        self._views: dict[Filter, tuple[list[int], list[Broadcast]]] = {}
        self._moments: dict[str, list[int]] = {}

    def page(self, wanted: Filter, after: int | None, limit: int, now: int, oldest: date) -> tuple[bytes, int | None]:
        self._make_until(now, oldest)
        places, view = self._view(wanted)
        start = 0 if after is None else bisect_right(places, after)
        limit_sent = epoch(oldest)
        rows: list[bytes] = []
        last: int | None = None
        for index in range(start, len(view)):
            broadcast = view[index]
            if broadcast.sent < limit_sent:
                break
            row = broadcast.row(wanted[0], now)
            if row is None:
                continue
            if len(rows) == limit:
                return b",".join(rows), last
            rows.append(row)
            last = broadcast.place
        return b",".join(rows), None

    def get(self, broadcast_id: str, now: int, oldest: date) -> Broadcast | None:
        self._make_until(now, oldest)
        found = self._by_id.get(broadcast_id)
        return found if found and found.sent >= epoch(oldest) else None

    def visible(self, now: int, oldest: date) -> Iterator[Broadcast]:
        self._make_until(now, oldest)
        limit_sent = epoch(oldest)
        return (b for b in self._all if b.sent >= limit_sent and b.row(None, now))

    def last_activity(self, from_email: str, now: int) -> int | None:
        self._make_until(now, at(now).date() - timedelta(days=120))
        if not self._moments:
            for broadcast in reversed(self._all):
                self._moments.setdefault(broadcast.from_email, []).append(broadcast.sent)
        moments = self._moments.get(from_email, [])
        index = bisect_right(moments, now)
        return moments[index - 1] if index else None

    def add(self, broadcast: Broadcast) -> None:
        """Sorted in by its time; of two at the same second the later added is the newer."""
        self._serial += 1
        broadcast.place = -(broadcast.sent * 100_000 + self._serial)
        index = bisect_left(self._all, broadcast.place, key=lambda one: one.place)
        self._all.insert(index, broadcast)
        self._by_id[broadcast.id] = broadcast
        self._forget_views()

    def remove(self, broadcast_id: str) -> bool:
        gone = self._by_id.pop(broadcast_id, None)
        if gone is None:
            return False
        self._all.remove(gone)
        self._forget_views()
        return True

    def known(self, broadcast_id: str) -> Broadcast | None:
        return self._by_id.get(broadcast_id)

    def grown(self) -> None:
        """A broadcast has mail at mailbox providers where it had none."""
        self._forget_views()

    def _make_until(self, now: int, oldest: date) -> None:
        today = at(now).date()
        while self._next <= today:
            # After a jump of years only the days that can still be seen are worth making.
            self._next = max(self._next, oldest)
            for broadcast in sorted(self._make_day(self._next), key=lambda one: one.sent):
                self.add(broadcast)
            self._next += timedelta(days=1)

    def _forget_views(self) -> None:
        self._views.clear()
        self._moments.clear()

    def _view(self, wanted: Filter) -> tuple[list[int], list[Broadcast]]:
        if wanted not in self._views:
            provider, from_email = wanted
            view = self._all
            if from_email is not None:
                view = [one for one in view if one.from_email == from_email]
            if provider is not None:
                column = PROVIDERS.index(provider)
                view = [one for one in view if sum(one.counts[column])]
            self._views[wanted] = [one.place for one in view], view
        return self._views[wanted]
