"""How well an account's mail lands, day by day. Days are counted from the anchor: 0 is today, -1 yesterday."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Curve = Callable[[str, int], float]
"""(mailbox provider, day) -> the chance that a mail is not spam."""

HEALTHY: Mapping[str, float] = {
    "gmail": 0.95, "yahoo": 0.93, "gsuite": 0.96, "hotmail": 0.92, "outlook": 0.93, "ms365": 0.95,
}  # fmt: skip


def well(provider: str, day: int) -> float:
    return HEALTHY[provider]


def sliding(at: str, to: float, days: int, levels: Mapping[str, float] = HEALTHY) -> Curve:
    """Falls at one mailbox provider over the last `days` days and stays as it was at the others."""

    def curve(provider: str, day: int) -> float:
        if provider != at:
            return levels[provider]
        return _between(levels[at], to, (min(day, 0) + days) / days)

    return curve


def recovering(low: float, fell: int, repaired: int, healed: int, levels: Mapping[str, float] = HEALTHY) -> Curve:
    """Falls within a week from day `fell`, lies low everywhere, and climbs from `repaired` to `healed`."""

    def curve(provider: str, day: int) -> float:
        floor = levels[provider] - (levels["gmail"] - low)
        if day < repaired:
            return _between(levels[provider], floor, (day - fell) / 7)
        return _between(floor, levels[provider], (day - repaired) / (healed - repaired))

    return curve


def _between(start: float, end: float, share: float) -> float:
    return start + (end - start) * min(1.0, max(0.0, share))
