"""The workspaces that are always there, and the keys to them, which are no secrets: they open nothing but this sandbox.

| name             | key                                   |
| ---------------- | ------------------------------------- |
| `northwind`      | `imk_live_sandboxNorthwind0000000001` |
| `northwind-test` | `imk_test_sandboxNorthwind0000000002` |
| `brunnen`        | `imk_live_sandboxBrunnen000000000003` |
| `tidal`          | `imk_live_sandboxTidal0000000000004`  |
| `starter`        | `imk_live_sandboxStarter00000000005`  |
| `revoked`        | `imk_live_sandboxRevoked00000000006`  |

A live key and a test key of one workspace see two ledgers: what is in the one is not in the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    name: str
    per_minute: int
    burst: int
    daily_limit: int
    """The most a campaign may send in a day."""
    api: bool = True


SURGE = Tier("Surge", 100, 240, 5_000)
VELOCITY = Tier("Velocity", 500, 1_200, 25_000)
APEX = Tier("Apex", 2_000, 5_000, 1_000_000)
LAUNCH = Tier("Launch", 100, 240, 500, api=False)

Rate = Callable[[int], float]
"""Day (0 is today, -1 yesterday) -> the share of mails that bounce for good."""


def steady(day: int) -> float:
    return 0.006


def rising(day: int) -> float:
    """Over the last three weeks from little to far too much: just when placement slides elsewhere."""
    return 0.006 + 0.044 * min(1.0, max(0.0, (day + 21) / 21))


@dataclass(frozen=True)
class Box:
    email: str
    provider: str = "google"
    lost: int | None = None
    """The day on which it was disconnected."""
    warmup: str = "ready"


@dataclass(frozen=True)
class Mailing:
    """A campaign: the days it sent on are counted from today, its boxes by their place."""

    name: str
    boxes: tuple[int, ...]
    daily: int
    start: int | None
    """None: a draft."""
    end: int | None = None
    status: str = "active"
    leads: int = 60


@dataclass(frozen=True)
class Role:
    name: str
    title: str
    tier: Tier
    boxes: tuple[Box, ...]
    mailings: tuple[Mailing, ...]
    hard: Rate = steady


@dataclass(frozen=True)
class Key:
    name: str
    text: str
    workspace: str
    story: str
    live: bool = True
    revoked: bool = False
    serves: str = ""
    """The client of the demo that the workspace is."""


_NORTHWIND = "trynorthwind.example"
_BRUNNEN = "brunnen-post.example"
CAST = (
    # Tells of northwind what the other vendors tell: while its mail slides at Outlook, its bounces rise.
    Role(
        "northwind", "Northwind", SURGE,
        (Box(f"maya@{_NORTHWIND}"), Box(f"owen@{_NORTHWIND}"), Box(f"iris@{_NORTHWIND}", "microsoft", warmup="threshold_paused"),
         Box(f"theo@{_NORTHWIND}", "microsoft", lost=-2), Box(f"lena@{_NORTHWIND}", "smtp", warmup="warming")),
        (Mailing("Q4 outbound: retail buyers", (0, 1, 2), 240, -75, leads=340),
         Mailing("Store openings: regional press", (1, 3), 90, -40, leads=120),
         Mailing("Summer win-back", (0, 4), 120, -85, -30, "completed", 90),
         Mailing("Wholesale re-engagement", (2, 4), 60, -50, -6, "paused", 60),
         Mailing("Spring preview", (0, 1), 200, None, status="draft", leads=0)),
        rising,
    ),
    Role(
        "brunnen", "Brunnen", VELOCITY,
        (Box(f"vertrieb@{_BRUNNEN}", "smtp"), Box(f"team@{_BRUNNEN}", "smtp"), Box(f"anna@{_BRUNNEN}")),
        (Mailing("Gastronomie Berlin", (0, 1), 160, -80, leads=240),
         Mailing("Hotels Bayern", (1, 2), 110, -60, leads=150),
         Mailing("Messekontakte", (0, 2), 80, -70, -20, "completed", 80)),
    ),
    Role(
        "tidal", "Tidal Surf", SURGE,
        (Box("book@tidal-trips.example"), Box("crew@tidal-trips.example", lost=-1)),
        (Mailing("Surf schools", (0, 1), 70, -30), Mailing("Hostels", (0,), 40, -12)),
    ),
    Role("starter", "Starter", LAUNCH, (Box("one@starter.example"),), (Mailing("First steps", (0,), 20, -5, leads=40),)),
)  # fmt: skip
KEYS = (
    Key("northwind", "imk_live_sandboxNorthwind0000000001", "northwind",
        "Surge. Hard bounces rise from 0.6 % to 5 % over three weeks; one inbox lost, one paused by its warmup.",
        serves="Northwind"),
    Key("northwind-test", "imk_test_sandboxNorthwind0000000002", "northwind",
        "The same workspace's test ledger: one campaign, two inboxes, none of them in the live one.", live=False),
    Key("brunnen", "imk_live_sandboxBrunnen000000000003", "brunnen", "Velocity. All is well.", serves="Brunnen"),
    Key("tidal", "imk_live_sandboxTidal0000000000004", "tidal", "Surge, small: an inbox lost yesterday."),
    Key("starter", "imk_live_sandboxStarter00000000005", "starter", "A tier without the API: 403 for everything."),
    Key("revoked", "imk_live_sandboxRevoked00000000006", "tidal", "The key was taken back: 401 for everything.", revoked=True),
)  # fmt: skip
