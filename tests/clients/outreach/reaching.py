"""Bringing outreach home, and what the vendor truly has."""

from __future__ import annotations

from datetime import date, timedelta

from clients.models import ActivityDay, Connection, Grain, SyncRun
from sandbox.instantly.daily import sent_on
from sandbox.server import Sandbox
from tests.clients.sync.syncing import TODAY, bring
from tests.clients.tests.testing import connect

__all__ = ["CAMPAIGN_DAYS", "SENDER_DAYS", "bring_outreach", "connect", "days", "true_days"]

CAMPAIGNS, TOTALS, CAMPAIGN_DAYS, SENDER_DAYS, WARMUP, TAGS = (
    f"/api/v2/{path}"
    for path in (
        "campaigns", "campaigns/analytics", "campaigns/analytics/daily", "accounts/analytics/daily",
        "accounts/warmup-analytics", "custom-tags",
    )
)  # fmt: skip

#: (sender, day) → (sent, replied, bounced)
type Days = dict[tuple[str, date], tuple[int | None, int | None, int | None]]


def bring_outreach(connection: Connection) -> list[SyncRun]:
    return [bring(connection, resource) for resource in ("workspaces", "senders", "campaigns", "outreach")]


def days(connection: Connection, grain: Grain) -> Days:
    rows = ActivityDay.objects.by(grain).filter(connection=connection)
    return {row[:2]: row[2:] for row in rows.values_list("sender_ref", "day", "sent", "replied", "bounced")}


def true_days(box: Sandbox, workspace: str, first: date) -> Days:
    """By sender, of the sandbox's own workspace."""
    found: Days = {}
    made = box.instantly.workspace(workspace)
    for offset in range((TODAY - first).days + 1):
        day = first + timedelta(days=offset)
        for one in made.mailboxes.newest_first():
            counts = sent_on(made, one, day)
            if counts["sent"]:
                found[one.email, day] = counts["sent"], counts["unique_replies"], counts["bounced"]
    return found
