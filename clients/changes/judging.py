"""What became of an item, by what was read back: the vendor's 'yes' alone proves nothing, nor does its silence."""

from __future__ import annotations

from collections.abc import Iterable

from clients.changes import payloads
from clients.changes.reading import Reading
from clients.models import ChangeItem, ItemState

GONE = "Gone: the vendor has it no more."


def settle(items: Iterable[ChangeItem], found: Reading, vendor: str) -> list[ChangeItem]:
    """Sent items, or such as a crash left in between, become done, failed, or free to be sent."""
    return [_settled(item, found, vendor) for item in items]


def _settled(item: ChangeItem, found: Reading, vendor: str) -> ChangeItem:
    record = found.records.get(item.sender.external_id)
    if record is None:
        return _end(item, ItemState.FAILED, GONE)
    item.found = payloads.state_of(record)
    now = payloads.said(item.found, item.after)
    if payloads.meets(item.found, item.after):
        return _end(item, ItemState.DONE, "The answer was lost; it was carried out." if item.why else "")
    if not payloads.unchanged(item.found, item.before, item.after):
        return _end(item, ItemState.FAILED, f"Somebody has set it to {now} meanwhile.")
    if item.state == ItemState.SENT:
        return _end(item, ItemState.FAILED, f"{vendor} said yes, and still has {now}.")
    if item.why:
        return _end(item, ItemState.FAILED, f"{item.why} It was not carried out.")
    # Nobody knows whether it left; the vendor shows that it had no effect.
    return _end(item, ItemState.QUEUED, "")


def drift(item: ChangeItem, found: Reading) -> str:
    """How the sender differs from what the plan knew of it; empty where it does not."""
    record = found.records.get(item.sender.external_id)
    if record is None:
        return GONE
    now = payloads.state_of(record)
    return "" if payloads.unchanged(now, item.before, item.after) else f"It is {payloads.said(now, item.after)} by now."


def _end(item: ChangeItem, state: ItemState, why: str) -> ChangeItem:
    item.state, item.why = state, why[:300]
    return item
