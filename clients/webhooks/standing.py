"""How the events of one connection do: for its page, in figures and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from clients.models import Connection, Event, EventSource, EventState, Hook

#: After so long without a delivery, where there were some before, it is said.
SILENT = timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    hook: Hook  # one that is not saved where there is none yet
    delivered_at: datetime | None  # the last that was
    waiting: int
    failed: int

    @property
    def tone(self) -> str:
        if not self.hook.is_open:
            return ""
        return "bad" if self.refused_since else "look" if self.failed or self.silent or not self.delivered_at else "good"

    @property
    def word(self) -> str:
        if self.hook.token_hash is None:
            return "no address"
        if not self.hook.secrets:
            return "no secret"
        if self.refused_since:
            return "turned away"
        if not self.delivered_at:
            return "nothing came yet"
        return "silent" if self.silent else "some failed" if self.failed else "working"

    @property
    def silent(self) -> bool:
        return self.delivered_at is not None and timezone.now() - self.delivered_at > SILENT

    @property
    def refused_since(self) -> bool:
        """The last delivery was turned away."""
        refused = self.hook.refused_at
        return refused is not None and (self.delivered_at is None or refused > self.delivered_at)

    @property
    def rotating(self) -> bool:
        until = self.hook.old_until
        return until is not None and until > timezone.now()


def of(connection: Connection) -> Standing:
    events = Event.objects.filter(connection=connection)
    last = events.filter(source=EventSource.DELIVERED).order_by("-received_at").values_list("received_at", flat=True).first()
    counts = events.aggregate(
        waiting=Count("pk", filter=Q(state=EventState.WAITING)),
        failed=Count("pk", filter=Q(state=EventState.FAILED, forgotten_at=None)),
    )
    hook = Hook.objects.filter(connection=connection).first()
    return Standing(hook or Hook(connection=connection), last, **counts)
