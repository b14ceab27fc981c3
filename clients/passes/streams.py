"""What each identity sent and what came back, day by day, counted from its stream of events: each event once, since the counts
and the place in the stream are written together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date
from typing import Any

from django.utils import timezone

from clients import outreach_days
from clients.models import ActivityDay, Feed, Grain, Position, ScopeKind
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.errors import Rejected
from clients.vendors.mails import Happening
from clients.vendors.records import Page

AT = "@"  # between the phase and its identity, whose handle has another one
#: What the events tell of. Opens and clicks no event tells of: they stay 'not measured'.
COUNTS = ("sent", "replied", "bounced", "bounced_hard", "bounced_soft")
_GONE = 404


class StreamPass(Pass):
    """Phases are 'list@<handle>', a cursor is a place in that identity's stream."""

    model = ActivityDay

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), f"list{AT}{next(iter(_handles(feed)), '')}")

    def read(self, cursor: str | None) -> Page[Any]:
        handle = self._handle()
        if not handle:
            return Page((), None)
        since = int(cursor) if cursor else self._position(handle)
        try:
            told = self.vendor.stream(handle, since)
        except Rejected as refusal:
            if refusal.status != _GONE:
                raise
            # The feed of identities says which; the others are counted all the same.
            return Page((), None)
        return Page(told.events, str(told.seq) if told.more else None, told.set_aside)

    def store(self, records: Sequence[Happening]) -> Stored:
        handle = self._handle()
        before = self._position(handle)
        fresh = [one for one in records if one.seq > before]
        if not fresh:
            return Stored(len(records))
        Position.objects.update_or_create(
            connection=self.connection, identity=handle, defaults={"seq": max(one.seq for one in fresh)}
        )  # fmt: skip
        days = _by_day(fresh)
        added = [self._add(handle, day, counts) for day, counts in days.items()]
        outreach_days.roll_up(self.connection.pk, {owner for _, owners in added for owner in owners}, days)
        return Stored(len(records), sum(new for new, _ in added), 0)

    def following(self) -> str | None:
        handles = _handles(self)
        after = [handle for handle in handles if handle > self._handle()]
        return f"list{AT}{after[0]}" if after else None

    @property
    def promises_hold(self) -> bool:
        return False

    def doubt(self, *, first: bool) -> str:
        return ""

    def finish(self) -> tuple[int, str]:
        return 0, ""

    def _handle(self) -> str:
        return self.at.phase.partition(AT)[2]

    def _position(self, handle: str) -> int:
        found = Position.objects.filter(connection=self.connection, identity=handle)
        return found.values_list("seq", flat=True).first() or 0

    def _add(self, handle: str, day: date, counts: Counter[str]) -> tuple[bool, set[int | None]]:
        """Whether the day is new, and whose it was and is. The caller holds the connection's lock."""
        domain = handle.partition(AT)[2]
        row, new = ActivityDay.objects.get_or_create(
            connection=self.connection, grain=Grain.SENDER, sender_ref=handle, day=day,
            defaults={"domain": domain, "workspace": handle, **dict.fromkeys(COUNTS, 0)},
        )  # fmt: skip
        before, row.client_id = row.client_id, self.resolver.owner(domain, (), handle).client_id
        for name in COUNTS:
            setattr(row, name, (getattr(row, name) or 0) + counts[name])
        row.save()
        return new, {before, row.client_id}


def _handles(of: Feed | StreamPass) -> list[str]:
    scopes = of.connection.scopes.filter(kind=ScopeKind.HANDLE)
    return sorted(scopes.values_list("value", flat=True))


def _by_day(events: Sequence[Happening]) -> dict[date, Counter[str]]:
    """By the vendor's day, which is UTC's, as its daily cap."""
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for one in events:
        if one.counts:
            day = days[one.at.astimezone(UTC).date()]
            day[one.counts] += 1
            if one.bounce in ("hard", "soft"):
                day[f"bounced_{one.bounce}"] += 1
    return days
