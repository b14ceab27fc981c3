"""The orgs that are always there, and the keys to them, which are no secrets: they open nothing but this sandbox.

| name      | key                                         |
| --------- | ------------------------------------------- |
| `harbour` | `sk_sandbox_harbour_0000000000000000000001` |
| `tidal`   | `sk_sandbox_tidal_000000000000000000000002` |
| `revoked` | `sk_sandbox_revoked_0000000000000000000003` |

A key opens its org with every identity in it; which ones there are no call tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Rate = Callable[[int], float]
"""Day (0 is today, -1 yesterday) -> the share of mails that bounce for good."""


def steady(day: int) -> float:
    return 0.007


def rising(day: int) -> float:
    """Over the last three weeks from little to far too much: just when placement slides elsewhere."""
    return 0.007 + 0.05 * min(1.0, max(0.0, (day + 21) / 21))


@dataclass(frozen=True)
class Role:
    """One identity. `daily` mails went out on each working day of its history; `lost` is the day a mailbox behind it died."""

    handle: str
    name: str
    domains: tuple[str, ...]
    cap: int = 150
    daily: int = 0
    days: int = 60
    state: str = "active"
    hard: Rate = steady
    replies: float = 0.09
    lost: int | None = None
    client: str = ""
    """The client of the demo that it belongs to."""


@dataclass(frozen=True)
class OrgRole:
    name: str
    key: str
    story: str
    identities: tuple[Role, ...]
    revoked: bool = False


CAST = (
    OrgRole(
        "harbour",
        "sk_sandbox_harbour_0000000000000000000001",
        "An agency's org. Northwind's identity bounces more from week to week and lost a mailbox; Brunnen's is well; one is "
        "suspended, one is still being set up.",
        (
            Role("maya.northwind@inboxbase.ai", "Maya Lund", ("meetnorthwind.example", "northwind-team.example"), 60, 22,
                 hard=rising, lost=-6, client="Northwind"),
            Role("jan.brunnen@inboxbase.ai", "Jan Brunner", ("brunnen-kontakt.example",), 40, 12, replies=0.14,
                 client="Brunnen"),
            Role("ops.harbour@inboxbase.ai", "Harbour Ops", ("harbour-post.example",), 25, state="suspended"),
            Role("new.harbour@inboxbase.ai", "Harbour New", (), 25, state="provisioning"),
        ),
    ),
    OrgRole("tidal", "sk_sandbox_tidal_000000000000000000000002", "A small org of one identity, with a history of nine days.",
            (Role("crew.tidal@inboxbase.ai", "Tidal Crew", ("tidal-crew.example",), 20, 5, 9),)),
    OrgRole("revoked", "sk_sandbox_revoked_0000000000000000000003", "The key was revoked: 401 for everything.", (), True),
)  # fmt: skip
