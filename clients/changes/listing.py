"""A change's senders in the order in which people look at them."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from clients.models import Change, ChangeItem, ItemState

#: What somebody must look at comes first.
_ORDER = (
    ItemState.FAILED, ItemState.STOPPED, ItemState.SENDING, ItemState.PLANNED, ItemState.QUEUED, ItemState.SENT, ItemState.DONE,
    ItemState.SKIPPED,
)  # fmt: skip


def items(change: Change) -> QuerySet[ChangeItem]:
    places = [When(state=state, then=Value(place)) for place, state in enumerate(_ORDER)]
    place = Case(*places, default=Value(len(_ORDER)), output_field=IntegerField())
    return change.items.select_related("client", "connection").annotate(place=place).order_by("place", "email", "pk")
