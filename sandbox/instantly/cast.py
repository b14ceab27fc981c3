"""The workspaces that are always there, and the keys to them, which are no secrets: they open nothing but this sandbox.

| name          | key                                             |
| ------------- | ----------------------------------------------- |
| `agency`      | `sandbox-instantly-agency-00000000000000000001` |
| `readonly`    | `sandbox-instantly-readonly-000000000000000002` |
| `tidal`       | `sandbox-instantly-tidal-000000000000000000003` |
| `noplacement` | `sandbox-instantly-noplacement-000000000000004` |
| `noplan`      | `sandbox-instantly-noplan-00000000000000000005` |
| `lapsed`      | `sandbox-instantly-lapsed-00000000000000000006` |
| `revoked`     | `sandbox-instantly-revoked-0000000000000000007` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.instantly.vocabulary import GROWTH, HYPERGROWTH, LEVELS
from sandbox.stories import Curve, sliding

HEALTHY: Curve = lambda provider, day: LEVELS[provider]  # noqa: E731


def low_at_outlook(provider: str, day: int) -> float:
    return 0.42 if provider == "outlook" else LEVELS[provider]


@dataclass(frozen=True)
class Domain:
    name: str
    boxes: tuple[str, ...]
    provider_code: int = 2
    tags: tuple[str, ...] = ()
    paused: Mapping[str, int] = field(default_factory=dict)
    """Box -> the day it was paused."""
    broken: Mapping[str, int] = field(default_factory=dict)
    """Box -> its error status, as it has been for 20 days."""
    dkim_fails_from: int | None = None
    listed_from: int | None = None
    """The day from which on a blacklist names the domain."""


@dataclass(frozen=True)
class Role:
    name: str
    title: str
    domains: tuple[Domain, ...]
    placement_plan: str | None
    plan: str | None = "pid_hg_v1"
    """None: no paid plan at all."""
    curve: Curve = HEALTHY
    automated: bool = True


@dataclass(frozen=True)
class Key:
    name: str
    workspace: str
    scopes: tuple[str, ...]
    story: str
    revoked: bool = False

    @property
    def key(self) -> str:
        number = [one.name for one in KEYS].index(self.name) + 1
        return f"sandbox-instantly-{self.name}-".ljust(44, "0") + f"{number}"


CAST = (
    Role("agency", "Harbour Agency", (Domain("harbour-agency.example", ("pat", "kim"), tags=("house",)),), HYPERGROWTH,
         automated=False),
    # Tells of northwind what InboxAlly's account of that name tells: a slide at Outlook over the last three weeks.
    Role("northwind", "Northwind",
         (Domain("northwind.example", ("news", "offers", "club", "hello", "outlet"), tags=("retail",), paused={"outlet": -45}),
          Domain("getnorthwind.example", ("sam", "alex", "lou"), 3, ("retail", "outbound"), broken={"lou": -1},
                 dkim_fails_from=-25, listed_from=-18)),
         HYPERGROWTH, curve=sliding("outlook", to=0.43, days=21, levels=LEVELS)),
    # InboxAlly finds atelier well at Outlook, and this does not.
    Role("atelier", "Atelier",
         (Domain("atelier.example", ("studio", "journal", "orders", "events"), tags=("furniture",)),
          Domain("tryatelier.example", ("mia", "noa"), 3, ("outbound",))),
         HYPERGROWTH, curve=low_at_outlook),
    Role("petit", "Petit Studio", (Domain("petit.example", ("bonjour", "ventes")),), HYPERGROWTH),
    Role("halden", "Halden", (Domain("halden.example", ("post", "kurs")),), HYPERGROWTH),
    Role("tidal", "Tidal Surf", (Domain("tidal.example", ("hello", "surf", "lessons"), tags=("season",)),), GROWTH,
         automated=False),
    Role("kestrel", "Kestrel", (Domain("kestrel.example", ("desk01", "desk02"), tags=("newsletter",)),), None),
    Role("lapsed", "Lapsed", (Domain("lapsed.example", ("info",)),), None, plan=None),
)  # fmt: skip
ADMIN = "agency"
MEMBERS = {"northwind": "accepted", "atelier": "accepted", "petit": "pending", "halden": "rejected"}
"""The group that `agency` leads."""

_NO_PLACEMENT = (
    "accounts:read", "campaigns:read", "custom_tags:read", "custom_tag_mappings:read", "workspaces:read",
    "background-jobs:read",
)  # fmt: skip
KEYS = (
    Key(
        "agency",
        "agency",
        ("all:all",),
        "Leads a group: northwind (slides at Outlook, as InboxAlly says) and atelier (low at Outlook, where InboxAlly finds it "
        "well) have accepted, petit is pending, halden has declined.",
    ),
    Key("readonly", "agency", ("all:read",), "The agency's group with every scope that reads and none that writes."),
    Key("tidal", "tidal", ("all:all",), "One workspace without a group, on the smaller placement plan: three seed groups."),
    Key("noplacement", "tidal", _NO_PLACEMENT, "Tidal's workspace, without the scopes for placement tests."),
    Key("noplan", "kestrel", ("all:all",), "A workspace without a placement plan: 402 for tests, all else is there."),
    Key("lapsed", "lapsed", ("all:all",), "A workspace without any paid plan: 402 for everything."),
    Key("revoked", "tidal", ("all:all",), "The key was taken back: every request with it is answered 401.", revoked=True),
)
