"""Campaigns of a scope's clients. Gone ones stay, and their status says so."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from clients.changes.campaigns import GONE, Known, annotated, narrowed
from clients.changes.campaigns import known as of_senders
from clients.models import ActivityDay, Campaign, Grain
from clients.models import Scope as ConnectionScope
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope

__all__ = ["DEFAULT_SORT", "GONE", "campaigns", "known", "sorts", "unfiltered"]

DEFAULT_SORT = "-sent"


def unfiltered(scope: Scope) -> QuerySet[Any]:
    """Each with `shown_status`: our word, the vendor's number, or 'gone'."""
    mine = Q(client__in=scope.clients.values("pk"))
    mine |= Q(client=None) if scope.sees_unassigned else Q()
    rows: QuerySet[Any] = Campaign.objects.filter(mine, connection__agency=scope.agency)
    found: QuerySet[Any] = annotated(rows)
    return found


def campaigns(scope: Scope, among: Known | None = None) -> QuerySet[Any]:
    """`among`: the scope's own, where they have been read."""
    found: QuerySet[Any] = narrowed(unfiltered(scope), asdict(scope.filters), among)
    return found


def known(scope: Scope, *, shared: int) -> tuple[Known, list[Any]]:
    """The scope's own, unfiltered, with their `vendor` and what filters look at; and by name the first so many of those that
    are nobody's, since their senders are several clients'. Two queries."""
    own = unfiltered(scope).values("pk")
    nobodys = _shared(scope).values("pk")[:shared]
    rows = annotated(Campaign.objects.filter(Q(pk__in=own) | Q(pk__in=nobodys))).annotate(vendor=F("connection__vendor"))
    rows = rows.only("connection", "workspace", "name", "client", "conflict", "tags", "senders", "sender_tags")
    found = list(rows.order_by(bytewise("name"), "pk"))
    return of_senders([one for one in found if one.client_id]), [one for one in found if not one.client_id]


def _shared(scope: Scope) -> QuerySet[Campaign]:
    """Of the accounts that serve the scope's clients."""
    serving = ConnectionScope.objects.filter(client__in=scope.clients.values("pk")).values("connection")
    rows = Campaign.objects.filter(connection__agency=scope.agency, connection__in=serving, conflict=True, gone_at=None)
    return rows.filter(client=None).order_by(bytewise("name"), "pk")


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
