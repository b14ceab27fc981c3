"""Broadcasts of a scope, newest first unless asked otherwise.

Filtered by mailbox provider, a row carries that mailbox provider's counts instead of its totals.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce

from clients.models import ALL_PROVIDERS, Broadcast, PlacementDay, SenderTag
from clients.vendors import VENDORS
from reports.listing.owners import owned, unassigned
from reports.listing.sorting import Keys
from reports.scope import Scope

#: What a row carries beside its own fields: mails, of the mailbox provider asked for or of all.
COUNTS = ("n", "n_primary", "n_promotions", "n_spam", "n_missing")
DEFAULT_SORT = "-day"


class Account(NamedTuple):
    label: str
    vendor: str  # its label


class Origins(NamedTuple):
    """Where the window's broadcasts come from, whatever else is asked for: sending domains, and accounts by their key."""

    domains: list[str]
    accounts: dict[int, Account]


def origins(scope: Scope) -> Origins:
    """One query."""
    rows = PlacementDay.objects.filter(client__in=scope.clients, mailbox_provider=ALL_PROVIDERS)
    rows = rows.filter(day__range=(scope.window.first, scope.window.last)).order_by()
    found = set(rows.values_list("domain", "connection", "connection__label", "connection__vendor").distinct())
    accounts = {key: Account(label, VENDORS[vendor].label) for _, key, label, vendor in found}
    return Origins(sorted({domain for domain, *_ in found if domain}), accounts)


def broadcasts(scope: Scope) -> QuerySet[Broadcast]:
    return asked_for(owned(Broadcast.objects.all(), scope), scope)


def unassigned_broadcasts(scope: Scope) -> QuerySet[Broadcast]:
    return asked_for(unassigned(Broadcast.objects.all(), scope), scope)


def sorts() -> Keys:
    """Never null: broadcasts without mail stand last when the best come first."""
    return {
        "day": F("day"),
        "received": F("n"),
        "inboxing": Coalesce(_millionths(), Value(-1)),
        "spam": F("n_spam"),
    }


def asked_for(rows: QuerySet[Broadcast], scope: Scope) -> QuerySet[Broadcast]:
    asked = scope.filters
    # What is gone at the vendor counts nowhere, so that a list sums to its headline.
    rows = rows.filter(gone_at=None, day__gte=scope.window.first, day__lte=scope.window.last)
    if asked.domain:
        rows = rows.filter(domain=asked.domain.lower())
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.search:
        rows = rows.filter(Q(subject__icontains=asked.search) | Q(from_email__icontains=asked.search))
    if asked.tag:
        rows = rows.filter(_sent_by_tagged(asked.tag))
    return _counted(rows, asked.mailbox_provider)


def _sent_by_tagged(tag: str) -> Exists:
    """By the vendor's reference to its sender or, without one, by address: as scopes find a broadcast's client."""
    tagged = SenderTag.objects.filter(name=tag, sender__connection=OuterRef("connection"))
    by_reference = Q(sender__external_id=OuterRef("sender_ref"))
    return Exists(tagged.filter(by_reference | Q(sender__email=OuterRef("from_email"))))


def _counted(rows: QuerySet[Broadcast], mailbox_provider: str) -> QuerySet[Broadcast]:
    source = ""
    if mailbox_provider:
        rows = rows.filter(placements__mailbox_provider=mailbox_provider)
        source = "placements__"
    return rows.annotate(
        n=F(f"{source}received"),
        n_primary=F(f"{source}primary"),
        n_promotions=F(f"{source}promotions"),
        n_spam=F(f"{source}spam"),
        n_missing=F(f"{source}missing"),
    )


def _millionths() -> Case:
    """Inboxing in whole millionths: an integer compares the same on every database."""
    landed = Cast(F("n_primary") + F("n_promotions"), BigIntegerField())
    return Case(When(n__gt=0, then=landed * 1_000_000 / F("n")), output_field=BigIntegerField())
