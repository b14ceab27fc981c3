"""`senders` and `seeds` as CSV: who sends, and who receives for us."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, QuerySet

from clients.models import Scope as ClientScope
from clients.models import SenderTag
from reports.exports.cells import Joined, Moment, words
from reports.listing import seeds as seed_listing
from reports.listing import senders as sender_listing
from reports.listing.sorting import Sort, bytewise
from reports.scope import Scope

_RULES = ("open", "scroll_down", "spam_to_inbox", "promo_to_inbox", "mark_important", "reply", "click_link")
SENDERS = ("client", "vendor", "connection", "sender_id", "email", "domain", "tags", "status", "preset", *_RULES)
SEEDS = ("client", "vendor", "connection", "email", "mailbox_provider", "status", "first_seen", "gone")


def senders(scope: Scope) -> list[QuerySet[Any, Any]]:
    sort = Sort.read(scope.filters.sort, sender_listing.sorts(), sender_listing.DEFAULT_SORT)
    tags = SenderTag.objects.filter(sender=OuterRef("pk")).order_by(bytewise("name"))
    cells: list[Any] = [
        words("client__slug"),
        F("connection__vendor"),
        words("connection__label"),
        *(words(name) for name in ("external_id", "email", "domain")),
        words(Joined(tags, "name")),
        words("shown_status"),
        words("preset"),
        *(F(name) for name in _RULES),
    ]
    return [sort.order(sender_listing.senders(scope)).values_list(*cells)]


def seeds(scope: Scope) -> list[QuerySet[Any, Any]]:
    sort = Sort.read(scope.filters.sort, seed_listing.sorts(), seed_listing.DEFAULT_SORT)
    cells: list[Any] = [
        words(served(scope, "connection")),
        F("connection__vendor"),
        words("connection__label"),
        words("email"),
        F("mailbox_provider"),
        words("shown_status"),
        Moment("first_seen"),
        Moment("gone_at"),
    ]
    return [sort.order(seed_listing.seeds(scope)).values_list(*cells)]


def served(scope: Scope, connection: str, by: str = "connection") -> Joined:
    """Slugs of the clients that the row's connection serves, of those that the scope may see; `by` is what names it."""
    scopes = ClientScope.objects.filter(**{by: OuterRef(connection)}, client__in=scope.clients.values("pk"))
    return Joined(scopes.order_by(bytewise("client__slug")).distinct(), "client__slug")
