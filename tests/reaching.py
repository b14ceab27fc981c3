"""Outreach as a sync would have stored it: campaigns, and days of campaigns and senders."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from clients.models import ActivityDay, Campaign, Connection, Grain, Sender, WarmupDay
from clients.scoping import Resolver
from clients.vendors import VENDORS
from tests.factories import SenderFactory, days_ago
from tests.placing import account

__all__ = ["account", "campaign", "sender", "sender_day", "sent", "warmup"]

_numbers = count(1)

#: A vendor that sends campaigns; `account` opens one of its accounts, as of the vendor that tests placement.
VENDOR = next(slug for slug, vendor in VENDORS.items() if "campaigns" in vendor.feeds)


def campaign(connection: Connection, **fields: Any) -> Campaign:
    """Active, of the client that everything on the account is, unless `fields` say otherwise; its days are read."""
    known: dict[str, Any] = {
        "external_id": f"campaign-{next(_numbers)}",
        "name": "Welcome",
        "status": "active",
        "days_stale": False,
    }
    if "client" not in fields:
        known["client_id"] = Resolver(connection).everything
    return Campaign.objects.create(connection=connection, **known | fields)


def sent(campaign: Campaign, on: date | int, number: int, **counts: Any) -> ActivityDay:
    """A day of it; `on` may be so many days ago."""
    day = days_ago(on) if isinstance(on, int) else on
    owner = {"connection": campaign.connection, "client": campaign.client}
    return ActivityDay.objects.create(**owner, grain=Grain.CAMPAIGN, campaign=campaign, day=day, sent=number, **counts)


def sender(connection: Connection, email: str = "ann@acme.example", **fields: Any) -> Sender:
    raw = {"daily_limit": 30, "warmup_status": "active", "warmup_score": 97, **fields.pop("raw", {})}
    owner = {"client_id": Resolver(connection).everything}
    return SenderFactory.create(
        connection=connection, external_id=email, email=email, **{"status": "active", **owner, **fields}, raw=raw
    )


def sender_day(sender: Sender, on: int, number: int, **counts: Any) -> ActivityDay:
    known = {"connection": sender.connection, "client": sender.client, "sender_ref": sender.external_id, "domain": sender.domain}
    return ActivityDay.objects.create(**known, grain=Grain.SENDER, day=days_ago(on), sent=number, **counts)


def warmup(sender: Sender, on: int, **counts: Any) -> WarmupDay:
    return WarmupDay.objects.create(connection=sender.connection, sender_ref=sender.external_id, day=days_ago(on), **counts)
