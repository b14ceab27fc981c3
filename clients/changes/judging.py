"""What became of an item, by what was read back: the vendor's 'yes' alone proves nothing, nor does its silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clients.changes import payloads
from clients.changes.reading import Reading
from clients.models import ChangeItem, ItemState

GONE = "Gone: the vendor has it no more."


def settle(items: Iterable[ChangeItem], found: Reading, vendor: str, ends: Mapping[str, str] | None = None) -> list[ChangeItem]:
    """Sent items, or such as a crash left in between, become done, failed, or free to be sent. `ends`: how jobs of the vendor's
    have ended, by their ids, where that was without success."""
    return [_settled(item, found, vendor, (ends or {}).get(item.job, "")) for item in items]


def _settled(item: ChangeItem, found: Reading, vendor: str, end: str) -> ChangeItem:
    state = found.state(item.key)
    if state is None:
        return _end(item, ItemState.FAILED, GONE)
    item.found = state
    now = payloads.said(item.found, item.after)
    if payloads.meets(item.found, item.after):
        return _end(item, ItemState.DONE, "The answer was lost; it was carried out." if item.why else "")
    if not payloads.unchanged(item.found, item.before, item.after):
        return _end(item, ItemState.FAILED, f"Somebody has set it to {now} meanwhile.")
    if end:
        return _end(item, ItemState.FAILED, f"{end} It is still {now}.")
    if item.state == ItemState.SENT or item.job:
        return _end(item, ItemState.FAILED, f"{vendor} said yes, and still has {now}.")
    if item.why:
        return _end(item, ItemState.FAILED, f"{item.why} It was not carried out.")
    # Nobody knows whether it left; the vendor shows that it had no effect.
    return _end(item, ItemState.QUEUED, "")


def drift(item: ChangeItem, found: Reading) -> str:
    """How the sender differs from what the plan knew of it; empty where it does not."""
    now = found.state(item.key)
    if now is None:
        return GONE
    return "" if payloads.unchanged(now, item.before, item.after) else f"It is {payloads.said(now, item.after)} by now."


def _end(item: ChangeItem, state: ItemState, why: str) -> ChangeItem:
    item.state, item.why = state, why[:300]
    return item
