"""The accounts that are always there. Their keys are no secrets: they open nothing but this sandbox.

| account     | key                                    |
| ----------- | -------------------------------------- |
| `northwind` | `sandbox-northwind-000000000000000001` |
| `brunnen`   | `sandbox-brunnen-00000000000000000002` |
| `petit`     | `sandbox-petit-0000000000000000000003` |
| `halden`    | `sandbox-halden-000000000000000000004` |
| `shared`    | `sandbox-shared-000000000000000000005` |
| `refused`   | `sandbox-refused-00000000000000000006` |
| `atelier`   | `sandbox-atelier-00000000000000000007` |
| `tidal`     | `sandbox-tidal-0000000000000000000008` |

`brunnen` has a second key, as an account has whose key was renewed: `sandbox-brunnen-second-00000000000009`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.inboxally import subjects
from sandbox.stories import Curve, recovering, sliding, well


@dataclass(frozen=True)
class Group:
    """Senders that belong together, and how much they mail."""

    domain: str
    boxes: tuple[str, ...]
    tags: tuple[str, ...] = ()
    weekday: tuple[int, int] = (2, 6)
    """Fewest and most broadcasts of one day."""
    weekend: tuple[int, int] = (1, 2)
    mails: tuple[int, int] = (20, 120)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    subjects: tuple[str, ...] = subjects.SHOP
    personal: float = 0.0
    """The share of mailings with a subject of its own for each reader."""
    retired: tuple[str, ...] = ()
    """Boxes whose profile was switched off 45 days ago."""


@dataclass(frozen=True)
class Role:
    name: str
    story: str
    groups: tuple[Group, ...]
    mix: Mapping[str, int]
    """Share of the seeds at each mailbox provider, in percent."""
    seeds: int
    plan: int
    curve: Curve = well
    promotions: float = 0.25
    """The share of delivered mail that Gmail-type boxes sort under promotions."""
    preset: tuple[str, int] = ("default", -100)
    """The rules of all senders, and the day they were set."""
    shuffled: tuple[int, ...] = ()
    """Days of earlier shuffles."""
    silent_from: int | None = None
    refused: bool = False
    hostile: bool = False
    """Whether one broadcast a month has a subject that attacks careless readers."""

    @property
    def key(self) -> str:
        number = [role.name for role in CAST].index(self.name) + 1
        return f"sandbox-{self.name}-".ljust(34, "0") + f"{number:02}"


CAST = (
    Role(
        "northwind",
        "Slides at Outlook only: from about 92 % to about 45 % inboxing over the last three weeks. All else is well.",
        (Group("northwind.example", ("news", "offers", "club", "hello", "stores", "outlet"), ("retail",),
               weekday=(3, 6), mails=(60, 120), retired=("outlet",)),
         Group("mail.northwind.example", ("orders", "receipts"), ("retail", "service"), weekday=(1, 2), weekend=(1, 1))),
        {"gmail": 35, "yahoo": 15, "gsuite": 10, "hotmail": 10, "outlook": 20, "ms365": 10},
        seeds=240, plan=10, curve=sliding("outlook", to=0.43, days=21),
    ),
    Role(
        "brunnen",
        "Fell to about 55 % everywhere 48 days ago, was put on repair 34 days ago, and is nearly well again. "
        "Four of its subjects are hostile text.",
        (Group("brunnen.example", ("brief", "shop", "blog", "club", "hall"), ("brewery", "repair-2026"),
               subjects=subjects.TRADE + subjects.SHOP[:6]),),
        {"gmail": 30, "yahoo": 10, "gsuite": 20, "hotmail": 10, "outlook": 10, "ms365": 20},
        seeds=180, plan=5, curve=recovering(low=0.55, fell=-48, repaired=-34, healed=-8),
        preset=("repair", -34), shuffled=(-70, -33), hostile=True,
    ),
    Role(
        "petit",
        "Two broadcasts a week of two mails each: no rate ever rests on enough mail.",
        (Group("petit.example", ("bonjour", "atelier", "ventes"), ("studio",), weekday=(1, 1), weekend=(1, 1),
               mails=(2, 2), weekdays=(1, 4), subjects=subjects.NOTE),),
        {"gmail": 40, "yahoo": 20, "gsuite": 10, "hotmail": 10, "outlook": 10, "ms365": 10},
        seeds=60, plan=3,
    ),
    Role(
        "halden",
        "Mailed well every day and has been silent for the last 10 days: the seeds dropped out of the lists.",
        (Group("halden.example", ("post", "aktuelt", "kurs", "medlem"), ("association",), subjects=subjects.TRADE),),
        {"gmail": 25, "yahoo": 5, "gsuite": 10, "hotmail": 20, "outlook": 25, "ms365": 15},
        seeds=120, plan=5, shuffled=(-45,), silent_from=-9,
    ),
    Role(
        "shared",
        "One account for three clients: the domains lumen.example and kestrel.example, and the tag fjord on "
        "mail.polar.example. Nobody claims the sender at stray.example. Last shuffled 12 days ago.",
        (Group("lumen.example", tuple(f"team{n:02}" for n in range(1, 15)), ("lumen", "newsletter"),
               subjects=subjects.SHOP, retired=("team13", "team14")),
         Group("kestrel.example", tuple(f"desk{n:02}" for n in range(1, 14)), ("kestrel", "newsletter"),
               subjects=subjects.TRADE),
         Group("mail.polar.example", tuple(f"crew{n:02}" for n in range(1, 13)), ("fjord",),
               subjects=subjects.SHOP + subjects.NOTE),
         Group("stray.example", ("ops",), (), weekday=(0, 1), weekend=(0, 0), mails=(20, 40), subjects=subjects.NOTE)),
        {"gmail": 30, "yahoo": 20, "gsuite": 15, "hotmail": 10, "outlook": 15, "ms365": 10},
        seeds=500, plan=50, promotions=0.3, shuffled=(-12,),
    ),
    Role(
        "refused",
        "The key was taken back: every request with it is answered 401.",
        (Group("refused.example", ("info", "news", "team")),),
        {"gmail": 60, "yahoo": 20, "outlook": 20},
        seeds=60, plan=3, refused=True,
    ),
    Role(
        "atelier",
        "Healthy. Half of its mailings greet each reader by name, so that they shatter into many small broadcasts.",
        (Group("atelier.example", ("studio", "journal", "orders", "events"), ("furniture",), weekday=(2, 4),
               mails=(20, 60), personal=0.5),),
        {"gmail": 45, "yahoo": 15, "gsuite": 15, "hotmail": 5, "outlook": 10, "ms365": 10},
        seeds=100, plan=10,
    ),
    Role(
        "tidal",
        "Small and healthy, and nobody's yet: for trying out how an account is connected.",
        (Group("tidal.example", ("hello", "surf", "lessons"), ("season",), weekday=(1, 3), mails=(20, 80),
               subjects=subjects.SHOP),),
        {"gmail": 40, "yahoo": 20, "gsuite": 10, "hotmail": 10, "outlook": 10, "ms365": 10},
        seeds=80, plan=5,
    ),
)  # fmt: skip

SECOND_KEYS = {"brunnen": "sandbox-brunnen-second-00000000000009"}
"""By account."""
