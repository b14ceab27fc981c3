"""Shuffles in our words: what is asked of a vendor, what it says of the last one, and when the next is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from clients.vendors.records import Record

#: The methods a vendor may offer: a part of all seeds; a part at each mailbox provider; a new mix of mailbox providers.
IN_PLACE, BY_PROVIDER, CUSTOM = "in_place", "in_place_by_provider", "custom"

PENDING, COMPLETED, FAILED = "pending", "completed", "failed"


@dataclass(frozen=True)
class Order:
    """`percentage` goes with `in_place`, `shares` (percent by mailbox provider, in our words) with the other two."""

    method: str
    percentage: int | None = None
    shares: Mapping[str, int] = field(default_factory=dict)


class ShuffleRecord(Record, frozen=True):
    """One shuffle as the vendor tells of it. `state` is PENDING, COMPLETED or FAILED; mixes are percent, where told."""

    external_id: str
    method: str
    state: str
    at: datetime | None  # when it was triggered, by the vendor's clock
    percentage: int | None = None
    shares: dict[str, int] = msgspec.field(default_factory=dict)
    replaced: int | None = None
    next_allowed_at: datetime | None = None


class Cooldown(Record, frozen=True):
    """Whether a shuffle is allowed now, by the vendor's word."""

    allowed: bool
    last_at: datetime | None
    next_allowed_at: datetime | None
