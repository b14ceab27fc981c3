"""Campaigns of a scope's clients. Gone ones stay, and their status says so."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from clients.changes.campaigns import GONE, annotated, narrowed
from clients.models import ActivityDay, Campaign, Grain
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope

__all__ = ["DEFAULT_SORT", "GONE", "campaigns", "shared", "sorts", "unfiltered"]

DEFAULT_SORT = "-sent"


def unfiltered(scope: Scope) -> QuerySet[Any]:
    """Each with `shown_status`: our word, the vendor's number, or 'gone'."""
    mine = Q(client__in=scope.clients.values("pk"))
    mine |= Q(client=None) if scope.sees_unassigned else Q()
    rows: QuerySet[Any] = Campaign.objects.filter(mine, connection__agency=scope.agency)
    found: QuerySet[Any] = annotated(rows)
    return found


def campaigns(scope: Scope) -> QuerySet[Any]:
    found: QuerySet[Any] = narrowed(unfiltered(scope), asdict(scope.filters))
    return found


def shared(scope: Scope) -> QuerySet[Campaign]:
    """Nobody's, since their senders are several clients': of the accounts that serve the scope's."""
    serving = Campaign.objects.filter(connection__agency=scope.agency, connection__scopes__client__in=scope.clients.values("pk"))
    return serving.filter(conflict=True, gone_at=None).order_by(bytewise("name"), "pk").distinct()


def sorts(scope: Scope) -> Keys:
    """Never null: campaigns without mail in the window stand last when the most come first."""
    return {
        "name": bytewise("name"),
        "status": bytewise("shown_status"),
        "limit": Coalesce("daily_limit", Value(-1)),
        **{name: Coalesce(_sum(scope, name), Value(-1)) for name in ("sent", "opened", "clicked", "replied")},
    }


def _sum(scope: Scope, count: str) -> Subquery:
    days = ActivityDay.objects.by(Grain.CAMPAIGN).filter(campaign=OuterRef("pk"))
    days = days.filter(day__range=(scope.window.first, scope.window.last)).order_by()
    return Subquery(days.values("campaign").annotate(whole=Sum(count)).values("whole"))
