"""`activity` as CSV: the daily activity, of each campaign and of each sender. The two are the same mails, counted twice over: a
sum takes the rows of one `counted_by`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, QuerySet, Subquery

from clients.models import ActivityDay, Campaign, Grain, Sender
from reports.exports.cells import day, words
from reports.exports.outreach import sender_of
from reports.listing import campaigns as listing
from reports.listing.sorting import bytewise
from reports.scope import Scope

_COUNTS = (
    "sent", "delivered", "opened", "clicked", "bounced", "bounced_hard", "bounced_soft", "replied", "replied_auto", "positive",
    "unsubscribed",
)  # fmt: skip
ACTIVITY = (
    "client", "vendor", "connection", "day", "counted_by", "campaign_id", "campaign", "sender_id", "sender", "domain", *_COUNTS,
)  # fmt: skip


def activity(scope: Scope) -> list[QuerySet[Any, Any]]:
    """Nobody's last. Filters are those of campaigns, and a sender's day is of none."""
    rows = ActivityDay.objects.filter(connection__agency=scope.agency)
    if scope.filters.any:
        rows = rows.by(Grain.CAMPAIGN).filter(campaign__in=listing.campaigns(scope).values("pk"))
    found = [rows.filter(client__in=scope.clients.values("pk"))]
    found += [rows.filter(client=None)] if scope.sees_unassigned else []
    return [_days(part, scope) for part in found]


def of_campaigns(campaigns: QuerySet[Campaign], scope: Scope) -> QuerySet[Any, Any]:
    return _days(ActivityDay.objects.by(Grain.CAMPAIGN).filter(campaign__in=campaigns.values("pk")), scope)


def of_senders(senders: QuerySet[Sender], scope: Scope) -> QuerySet[Any, Any]:
    rows = ActivityDay.objects.by(Grain.SENDER).filter(Exists(sender_of(senders)), client__in=scope.clients.values("pk"))
    return _days(rows, scope)


def _days(rows: QuerySet[ActivityDay], scope: Scope) -> QuerySet[Any, Any]:
    reported = rows.filter(gone_at=None, day__range=(scope.window.first, scope.window.last))
    cells: list[Any] = [
        words("client__slug"),
        F("connection__vendor"),
        words("connection__label"),
        day("day"),
        F("grain"),
        words("campaign__external_id"),
        words("campaign__name"),
        words("sender_ref"),
        words(Subquery(sender_of(Sender.objects.all()).values("email")[:1])),
        words("domain"),
        *(F(name) for name in _COUNTS),
    ]
    ordered = reported.order_by("client_id", "-day", "grain", "connection_id", "campaign_id", bytewise("sender_ref"))
    return ordered.values_list(*cells)
