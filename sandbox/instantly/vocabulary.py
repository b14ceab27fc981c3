"""Codes and word lists of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.answers import Json
from sandbox.stories import HEALTHY

GOOGLE, MICROSOFT, AIRMAIL, WEB_DE, LIBERO = 1, 2, 8, 12, 13
ESPS = (GOOGLE, MICROSOFT, AIRMAIL, WEB_DE, LIBERO)
PROFESSIONAL, PERSONAL = 1, 2
GEOS = (1, 2, 3, 4)
SENT, RECEIVED = 1, 2
ONCE, AUTOMATED = 1, 2
ACTIVE, PAUSED, COMPLETED = 1, 2, 3
GROWTH, HYPERGROWTH = "pid_ip_g", "pid_ip_hg"
CONDITIONS = ("placement_goes_below", "placement_goes_above", "added_to_blacklists", "removed_from_blacklists")
ACCOUNT_STATUSES = (1, 2, 3, -1, -2, -3)
PROVIDER_CODES = (1, 2, 3, 4, 8, 11)
CAMPAIGN_STATUSES = (-99, -2, -1, 0, 1, 2, 3, 4)
# A mailbox's provider_code says Google with 2, a placement row's sender_esp with 1.
SENDER_ESP = {2: GOOGLE, 3: MICROSOFT, 8: AIRMAIL, 11: AIRMAIL}

PROVIDERS = {
    (GOOGLE, PERSONAL): "gmail", (GOOGLE, PROFESSIONAL): "gsuite",
    (MICROSOFT, PERSONAL): "outlook", (MICROSOFT, PROFESSIONAL): "ms365",
    (WEB_DE, PERSONAL): "webde", (LIBERO, PERSONAL): "libero",
}  # fmt: skip
"""The mailbox providers of the stories."""
LEVELS: Mapping[str, float] = {**HEALTHY, "webde": 0.9, "libero": 0.88}


@dataclass(frozen=True, slots=True)
class Label:
    """A group of seeds that can be chosen for a test."""

    region: str
    sub_region: str
    type: str
    esp: str
    geo: int
    code: int
    """ESP in the rows."""
    seeds: int
    domain: str

    @property
    def recipient_type(self) -> int:
        return PROFESSIONAL if self.type == "Professional" else PERSONAL

    @property
    def provider(self) -> str:
        return PROVIDERS[self.code, self.recipient_type]

    def values(self) -> dict[str, Json]:
        return {"region": self.region, "sub_region": self.sub_region, "type": self.type, "esp": self.esp}


LABELS: dict[str, tuple[Label, ...]] = {
    GROWTH: (
        Label("North America", "US", "Professional", "Google", 1, GOOGLE, 8, "seedhouse-one.example"),
        Label("North America", "US", "Personal", "Google", 1, GOOGLE, 7, "gmail.com"),
        Label("North America", "US", "Professional", "Outlook", 1, MICROSOFT, 7, "seedhouse-two.example"),
    ),
}
LABELS[HYPERGROWTH] = (
    *LABELS[GROWTH],
    Label("North America", "US", "Personal", "Outlook", 1, MICROSOFT, 8, "outlook.com"),
    Label("Europe", "Germany", "Personal", "Web.de", 3, WEB_DE, 5, "web.de"),
    Label("Europe", "Italy", "Personal", "Libero.it", 2, LIBERO, 5, "libero.it"),
)
"""Which seeds a plan may use. The spelling of the European ones is a guess."""
