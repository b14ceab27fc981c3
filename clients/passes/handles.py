"""Passes over a vendor that lists nothing but by identity: one handle after the other, of those that somebody typed."""

from __future__ import annotations

from django.utils import timezone

from clients.models import Feed, ScopeKind
from clients.passes.base import Checkpoint, Pass

AT = "@"  # between the phase and its identity, whose handle has another one
GONE = 404


class OfEachHandle(Pass):
    """Phases are 'list@<handle>'. What is no longer told is not gone: each list goes on from where it was read to."""

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), f"list{AT}{next(iter(handles(feed)), '')}")

    def following(self) -> str | None:
        after = [handle for handle in handles(self) if handle > self.handle]
        return f"list{AT}{after[0]}" if after else None

    @property
    def handle(self) -> str:
        """'' where there is none."""
        return self.at.phase.partition(AT)[2]

    @property
    def promises_hold(self) -> bool:
        return False

    def doubt(self, *, first: bool) -> str:
        return ""

    def finish(self) -> tuple[int, str]:
        return 0, ""


def handles(of: Feed | OfEachHandle) -> list[str]:
    scopes = of.connection.scopes.filter(kind=ScopeKind.HANDLE)
    return sorted(scopes.values_list("value", flat=True))
