"""The token bucket of one key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sandbox.imail.cast import Tier


@dataclass(slots=True)
class Bucket:
    tier: Tier
    tokens: float
    at: datetime

    def take(self, now: datetime) -> int | None:
        """None, or where there is no token the seconds until there is one."""
        self.refill(now)
        if self.tokens < 1:
            return max(1, ceil((1 - self.tokens) / self.rate))
        self.tokens -= 1
        return None

    def refill(self, now: datetime) -> None:
        passed = max(0.0, (now - self.at).total_seconds())
        self.tokens, self.at = min(self.tier.burst, self.tokens + passed * self.rate), now

    def full_in(self) -> int:
        """Seconds."""
        return ceil((self.tier.burst - self.tokens) / self.rate)

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.tier.per_minute / 60
