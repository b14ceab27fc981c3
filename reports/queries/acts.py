"""What was done at the vendor for a scope's clients: one line for each change and day, in words."""

from __future__ import annotations

from datetime import date

from django.db.models import Count
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from clients.models import ChangeItem, ItemState
from reports.scope import Scope, Window


def changes(scope: Scope, window: Window) -> list[tuple[date, str]]:
    """Oldest first; in one query. What was read back counts, not what was asked."""
    rows = (
        ChangeItem.objects.filter(
            client__in=scope.clients, state=ItemState.DONE, sent_at__date__range=(window.first, window.last)
        )
        .annotate(day=TruncDate("sent_at"), preset=KT("after__preset"), status=KT("after__status"))
        .values_list("day", "change_id", "change__undoes_id", "preset", "status")
        .annotate(senders=Count("pk"))
        .order_by("day", "change_id", "preset", "status")
    )
    return [(day, _said(senders, preset, status, "back " if undoes else "")) for day, _, undoes, preset, status, senders in rows]


def _said(senders: int, preset: str | None, status: str | None, back: str) -> str:
    """What they are on since: an undo says it as well, for it may have been undone itself."""
    who = f"{senders:,} sender{'' if senders == 1 else 's'}"
    if status:
        return f"{who} set {back}to {status}"
    return f"{who} put {back}on {'percentages of our own' if preset == 'custom' else f'preset {preset}'}"
