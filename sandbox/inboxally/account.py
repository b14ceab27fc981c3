"""One vendor account: its seeds, senders, shuffles and broadcasts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sandbox.answers import Json
from sandbox.clock import at, iso
from sandbox.inboxally.broadcasts import Mailings
from sandbox.inboxally.vocabulary import PROVIDERS, rules


@dataclass(slots=True)
class Seed:
    serial: int
    email: str
    provider: str
    status: str
    created: int
    updated: int

    def values(self) -> dict[str, Json]:
        return {
            "email": self.email,
            "provider": self.provider,
            "status": self.status,
            "created_at": iso(at(self.created)),
            "updated_at": iso(at(self.updated)),
        }


@dataclass(slots=True)
class Sender:
    serial: int
    id: str
    name: str
    email: str
    tags: list[str]
    created: int
    updated: int
    status: str = "active"
    seed_count: int | None = None
    rules: dict[str, str | int] = field(default_factory=lambda: rules("default"))

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    def values(self, last_activity: int | None) -> dict[str, Json]:
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "domain": self.domain,
            "status": self.status,
            "tags": self.tags,
            "seed_count": self.seed_count,
            "engagement_rules": self.rules,
            "created_at": iso(at(self.created)),
            "updated_at": iso(at(self.updated)),
            "last_activity_at": None if last_activity is None else iso(at(last_activity)),
        }


@dataclass(slots=True)
class Shuffle:
    serial: int
    id: str
    asked: dict[str, Json]
    """The method with its percentages or mix, as in the request."""
    created: int
    completes: int
    before: dict[str, int]
    """Percent of the seeds at each mailbox provider; `after` likewise."""
    seeds_total: int
    after: dict[str, int] = field(default_factory=dict)
    seeds_replaced: int = 0
    status: str = "pending"


@dataclass(slots=True)
class Account:
    name: str
    key: str
    story: str
    plan: int
    """How many sender profiles the plan allows."""
    verified: set[str]
    """Root domains whose ownership has been shown; they cover their subdomains."""
    mailings: Mailings
    refused: bool = False
    seeds: dict[str, Seed] = field(default_factory=dict)
    senders: dict[str, Sender] = field(default_factory=dict)
    shuffles: list[Shuffle] = field(default_factory=list)
    serial: int = 0
    reads: int = 0
    """How often the first page of broadcasts has been read while reading let counts grow."""

    def arrived_by(self, now: int, grow_every: int) -> int:
        """The moment up to which mail has come in: now, or later where reading lets counts grow."""
        if not grow_every:
            return now
        # No further than the day's end: mail of tomorrow would come out under today's date.
        return min(now + self.reads // grow_every * 1800, now - now % 86400 + 86399)

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    def active_seeds(self, provider: str | None = None) -> list[Seed]:
        active = [seed for seed in self.seeds.values() if seed.status == "active"]
        return active if provider is None else [seed for seed in active if seed.provider == provider]

    def seed_numbers(self) -> dict[str, int]:
        """Active seeds at each mailbox provider that has any."""
        counted = Counter(seed.provider for seed in self.active_seeds())
        return {provider: counted[provider] for provider in PROVIDERS if counted[provider]}

    def is_verified(self, domain: str) -> bool:
        return any(domain == root or domain.endswith("." + root) for root in self.verified)
