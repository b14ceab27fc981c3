"""Leads: people whom a campaign writes to, as the agency brings them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewLead:
    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    timezone: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one call made of its leads, as numbers; `refused`: the place of each that was not taken → the vendor's words."""

    created: int
    updated: int
    skipped: int
    refused: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class KnownLead:
    """One that is in a campaign."""

    email: str
    created_at: datetime | None
