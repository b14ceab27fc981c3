"""What was done at the vendor for a scope's clients: one line for each change and day, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from clients.models import ChangeItem, ItemState
from reports.scope import Scope, Window


def changes(scope: Scope, window: Window) -> list[tuple[date, str]]:
    """Oldest first; in one query. What was read back counts, not what was asked."""
    rows = (
        ChangeItem.objects.filter(
            client__in=scope.clients, state=ItemState.DONE, sent_at__date__range=(window.first, window.last)
        )
        .annotate(day=TruncDate("sent_at"))
        .values_list("day", "change_id", "change__edit")
        .annotate(senders=Count("pk"))
        .order_by("day", "change_id")
    )
    return [(day, _said(edit, senders)) for day, _, edit, senders in rows]


def _said(edit: Mapping[str, Any], senders: int) -> str:
    who = f"{senders:,} sender{'' if senders == 1 else 's'}"
    if not edit:
        return f"{who} put back to earlier rules"
    if "status" in edit:
        return f"{who} set to {edit['status']}"
    name = "percentages of our own" if edit["preset"] == "custom" else f"preset {edit['preset']}"
    return f"{who} put on {name}"
