"""Whether what 'somebody' has changed since was a change of our own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from clients.changes import payloads
from clients.models import Change, ChangeItem, ItemState


def by_us(undo: Change, drifted: Sequence[ChangeItem]) -> dict[int, Change]:
    """Drifted items of an undo (by primary key) → the last change of ours since what it undoes, where that one set the sender
    to what it was found to be. At the vendor somebody may have done the rest.
    """
    if not drifted or undo.undoes is None or undo.undoes.applied_at is None:
        return {}
    later = (
        ChangeItem.objects.filter(Q(sender__in=_ids(drifted, "sender_id")) | Q(campaign__in=_ids(drifted, "campaign_id")))
        .filter(state=ItemState.DONE)
        .filter(change__applied_at__gt=undo.undoes.applied_at, change__agency=undo.agency)
        .exclude(change=undo)
        .select_related("change__applied_by", "change__made_by")
        .order_by("change__applied_at")
    )
    # A change of the status does not explain a preset, nor the other way round.
    last = {_about(item): item for item in later if payloads.part(item.after) == payloads.part(drifted[0].after)}
    return {
        item.pk: last[_about(item)].change
        for item in drifted
        if _about(item) in last and payloads.unchanged(item.before, last[_about(item)].found, item.after)
    }


def _ids(items: Sequence[ChangeItem], name: str) -> list[int]:
    return [pk for item in items if (pk := getattr(item, name))]


def _about(item: ChangeItem) -> tuple[int | None, int | None]:
    return item.sender_id, item.campaign_id
