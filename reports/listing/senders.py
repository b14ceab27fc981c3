"""Senders of a scope by address; of connections whose key is still held. Gone ones stay, and their status says so."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from clients.models import Sender
from reports.listing.owners import owned
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope

DEFAULT_SORT = "email"
GONE, CONFLICT = "gone", "conflict"


def senders(scope: Scope) -> QuerySet[Sender]:
    """Each with `shown_status`: the vendor's word, or 'gone'."""
    rows = owned(Sender.objects.filter(connection__removed_at=None), scope)
    shown = Case(When(gone_at=None, then=F("status")), default=Value(GONE), output_field=CharField())
    return _asked_for(rows.annotate(shown_status=shown), scope)


def sorts() -> Keys:
    return {
        "email": bytewise("email"),
        "client": Coalesce(bytewise("client__slug"), Value("")),
        "domain": bytewise("domain"),
        "status": bytewise("shown_status"),
        "preset": bytewise("preset"),
        "seeds": Coalesce("seed_count", Value(-1)),
        "activity": Coalesce("last_activity_at", "first_seen"),
    }


def _asked_for(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    asked = scope.filters
    if asked.domain:
        rows = rows.filter(domain=asked.domain.lower())
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.tag:
        rows = rows.filter(tags__name=asked.tag)
    if asked.preset:
        rows = rows.filter(preset=asked.preset)
    if asked.status:
        rows = rows.filter(conflict=True) if asked.status == CONFLICT else rows.filter(shown_status=asked.status)
    if asked.search:
        rows = rows.filter(Q(email__icontains=asked.search) | Q(name__icontains=asked.search))
    return rows
