"""Senders of a scope by address; of connections whose key is still held. Gone ones stay, and their status says so."""

from __future__ import annotations

from dataclasses import asdict

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from clients.changes.selecting import narrowed
from clients.models import Sender
from reports.listing.owners import owned
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope

DEFAULT_SORT = "email"


def unfiltered(scope: Scope) -> QuerySet[Sender]:
    """Of the clients asked for, whatever else is: what the filters choose from."""
    return owned(Sender.objects.filter(connection__removed_at=None), scope)


def senders(scope: Scope, among: QuerySet[Sender] | None = None) -> QuerySet[Sender]:
    """Each with `shown_status`, the vendor's word or 'gone', and `health`. `among`: the `unfiltered`, where they are at hand."""
    found: QuerySet[Sender] = narrowed(unfiltered(scope) if among is None else among, asdict(scope.filters))
    return found


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
