"""Who changed what, written down: one audit entry for each client concerned, so that its Activity tab shows its part."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from agency import audit
from clients.changes import payloads, selecting
from clients.models import Change, ChangeItem, ChangeState, Client, ItemState


def applied(change: Change, by: HttpRequest | None) -> None:
    """What is going to happen."""
    action = "change.undone" if change.undoes_id else "change.applied"
    for client, items in _of_clients(change, ItemState.PLANNED):
        _record(change, by, action, client, before=_summary(items, "before"), after=_summary(items, "after"))


def retried(change: Change, by: HttpRequest | None) -> None:
    for client, items in _of_clients(change, ItemState.QUEUED):
        _record(change, by, "change.retried", client, before=_summary(items, "before"), after=_summary(items, "after"))


def stopped(change: Change, by: HttpRequest | None) -> None:
    _record(change, by, "change.stopped", change.client)


def finished(change: Change) -> None:
    """How it ended."""
    states = change.items.exclude(state__in=(ItemState.NOOP, ItemState.SKIPPED)).order_by()
    counted: dict[int | None, Counter[str]] = {}
    for client_id, state, number in states.values_list("client_id", "state").annotate(Count("pk")):
        counted.setdefault(client_id, Counter())[ItemState(state).label.lower()] += number
    clients = Client.objects.in_bulk([pk for pk in counted if pk is not None])
    for client_id, counts in counted.items():
        said = ", ".join(f"{number:,} {state}" for state, number in sorted(counts.items()))
        result = f"{said}. {change.outcome}" if change.state == ChangeState.STALE else f"{said}."
        _record(change, None, "change.ended", clients.get(client_id or 0), after={"result": result})


def _of_clients(change: Change, state: ItemState) -> list[tuple[Client | None, list[ChangeItem]]]:
    parts: dict[Client | None, list[ChangeItem]] = {}
    for item in change.items.filter(state=state).select_related("client"):
        parts.setdefault(item.client, []).append(item)
    return list(parts.items())


def _summary(items: list[ChangeItem], field: str) -> dict[str, Any]:
    """What senders were or shall be, and how many of them."""
    counts = Counter(payloads.said(getattr(item, field), item.after) for item in items)
    name = "status" if "status" in items[0].after else "rules"
    return {name: [f"{said} × {number:,}" for said, number in counts.most_common(20)]}


def _record(change: Change, by: HttpRequest | None, action: str, client: Client | None, **said: Any) -> None:
    audit.record(
        by,
        action,
        f"{selecting.said(change.selector)}".capitalize() if not change.undoes_id else "What another change had set",
        agency=change.agency,
        user=change.applied_by,
        subject=client.uuid if client else None,
        reason=change.reason,
        **said,
    )
