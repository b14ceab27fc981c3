"""Seeds of the accounts that a scope may see. They belong to the account, whichever clients it serves."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from clients.models import Connection, Seed
from clients.vendors import VENDORS
from reports.listing.owners import chosen
from reports.listing.sorting import Keys, bytewise
from reports.scope import Scope

DEFAULT_SORT = "email"
GONE = "gone"


def connections(scope: Scope) -> QuerySet[Connection]:
    """Of vendors that have seeds of one's own, those that serve the scope's clients; all of the agency's for who sees
    unassigned rows and asks for no client."""
    having = [slug for slug, vendor in VENDORS.items() if "seeds" in vendor.feeds]
    rows = Connection.objects.of(scope.agency).present().filter(vendor__in=having)
    if not scope.sees_unassigned or scope.filters.client:
        rows = rows.filter(pk__in=Connection.objects.filter(scopes__client__in=chosen(scope)).values("pk"))
    return rows.filter(vendor=scope.filters.vendor) if scope.filters.vendor else rows


def seeds(scope: Scope) -> QuerySet[Seed]:
    """Each with `shown_status`: the vendor's word, or 'gone'."""
    rows = Seed.objects.filter(connection__in=connections(scope))
    shown = Case(When(gone_at=None, then=F("status")), default=Value(GONE), output_field=CharField())
    return _asked_for(rows.annotate(shown_status=shown), scope)


def sorts() -> Keys:
    return {
        "email": bytewise("email"),
        "provider": bytewise("mailbox_provider"),
        "status": bytewise("shown_status"),
        "seen": F("first_seen"),
    }


def _asked_for(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    asked = scope.filters
    if asked.mailbox_provider:
        rows = rows.filter(mailbox_provider=asked.mailbox_provider)
    if asked.status:
        rows = rows.filter(shown_status=asked.status)
    if asked.search:
        rows = rows.filter(Q(email__icontains=asked.search))
    return rows
