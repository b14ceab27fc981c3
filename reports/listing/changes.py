"""Changes of senders and campaigns, the newest first, as their list and its file have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clients.changes import wording
from clients.changes.selecting import CAMPAIGNS
from clients.models import Change, ChangeItem, ChangeState, Client, ItemState
from clients.models.changes import FRESH
from reports.listing.forms import Offers
from reports.scope import Scope, Window

KINDS = {
    "preset": "A preset",
    "custom": "Custom percentages",
    "status": "The status",
    "warmup": "Warmup",
    "campaigns": "Campaigns",
    "undo": "An undo",
}
#: `?who=` of what a command asked for.
COMMAND = "command"
#: The list is about all there is, however old.
EVER = Window(date(1970, 1, 1), date.max)


def ever(scope: Scope) -> Scope:
    return replace(scope, window=EVER)


def changes(scope: Scope) -> QuerySet[Change]:
    """Each with how many `senders` it is about, and how many of them are `done` and `failed`."""
    asked, window = scope.filters, scope.window
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    rows = Change.objects.of(scope.agency).filter(created_at__range=times)
    if not scope.sees_unassigned:
        rows = rows.filter(_about(scope.clients))
    if asked.client:
        rows = rows.filter(_about(Client.objects.of(scope.agency).filter(slug=asked.client)))
    if asked.status:
        rows = rows.filter(_shown_as(asked.status))
    if asked.who:
        by = Q(made_by=None) if asked.who == COMMAND else Q(made_by__email=asked.who) | Q(applied_by__email=asked.who)
        rows = rows.filter(by)
    if asked.kind:
        rows = rows.filter(_OF_KIND[asked.kind]() if asked.kind in _OF_KIND else Q(pk__in=[]))
    if asked.search:
        rows = rows.filter(Q(reason__icontains=asked.search) | Exists(_items(email__icontains=asked.search)))
    return rows.annotate(
        senders=Count("items", filter=~Q(items__state__in=(ItemState.NOOP, ItemState.SKIPPED))),
        done=Count("items", filter=Q(items__state=ItemState.DONE)),
        failed=Count("items", filter=Q(items__state=ItemState.FAILED)),
    ).order_by("-created_at", "-pk")


def offers(scope: Scope) -> Offers:
    known = Change.objects.of(scope.agency).order_by()
    people: dict[str, str] = {}
    for role in ("made_by", "applied_by"):
        named = known.exclude(**{role: None}).values_list(f"{role}__email", f"{role}__name").distinct()
        people |= {email: name or email for email, name in named}
    commands = [(COMMAND, "a command")] if known.filter(made_by=None).exists() else []
    clients = Client.objects.of(scope.agency).order_by("name", "pk").values_list("slug", "name")
    return {
        "client": ("Client", list(clients)),
        "status": ("State", list(wording.STATES.items())),
        "who": ("Who", [*sorted(people.items(), key=lambda one: one[1].lower()), *commands]),
        "kind": ("What", list(KINDS.items())),
    }


def _about(clients: Any) -> Exists:
    return Exists(_items(client__in=clients))


def _items(**asked: Any) -> QuerySet[ChangeItem]:
    return ChangeItem.objects.filter(change=OuterRef("pk"), **asked)


def _shown_as(state: str) -> Q:
    """As `wording.state` calls them."""
    old = Q(planned_at__lt=timezone.now() - FRESH)
    stopping = Q(state=ChangeState.WAITING, stop_requested=True)
    if state == wording.EXPIRED:
        return Q(state=ChangeState.PLANNED) & old
    special = {
        ChangeState.PLANNED: Q(state=state) & ~old,
        ChangeState.STOPPED: Q(state=state) | stopping,
        ChangeState.WAITING: Q(state=state) & ~stopping,
    }
    return {str(name): query for name, query in special.items()}.get(state, Q(state=state))


def _undo() -> Q:
    return Q(undoes__isnull=False) | Q(selector__by="undo")


_OF_KIND: dict[str, Callable[[], Q]] = {
    "preset": lambda: Q(edit__has_key="preset") & ~Q(edit__preset="custom"),
    "custom": lambda: Q(edit__preset="custom"),
    "status": lambda: Q(edit__has_key="status") & (~Q(selector__has_key="by") | ~Q(selector__by=CAMPAIGNS)),
    "warmup": lambda: Q(edit__has_key="warmup"),
    "campaigns": lambda: Q(selector__by=CAMPAIGNS),
    "undo": _undo,
}
