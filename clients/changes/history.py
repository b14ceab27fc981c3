"""Who changed what, written down: one audit entry for each client concerned, so that its Activity tab shows its part.

What was asked for and how it ended are entries of their own: nothing is said to be so before it was read back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from agency import audit
from clients.changes import payloads
from clients.models import Change, ChangeItem, ChangeState, Client, ItemState

#: So many domains are named.
NAMED = 3


def asked(change: Change, by: HttpRequest | None) -> None:
    """What is going to happen."""
    action = "change.undo_asked" if change.undoes_id else "change.apply_asked"
    for client, items in _of_clients(change, ItemState.PLANNED):
        _record(change, by, action, client, items, before=_summary(items, "before"), after=_summary(items, "after"))


def asked_again(change: Change, by: HttpRequest | None) -> None:
    for client, items in _of_clients(change, ItemState.QUEUED):
        said = {"before": _summary(items, "before"), "after": _summary(items, "after")}
        _record(change, by, "change.retry_asked", client, items, **said)


def asked_to_stop(change: Change, by: HttpRequest | None) -> None:
    items = list(change.items.exclude(state__in=(ItemState.NOOP, ItemState.SKIPPED)))
    _record(change, by, "change.stop_asked", change.client, items)


def ended(change: Change) -> None:
    """How it ended."""
    for client, items in _of_clients(change):
        counts = Counter(ItemState(item.state).label.lower() for item in items)
        said = ", ".join(f"{number:,} {state}" for state, number in sorted(counts.items()))
        result = f"{said}. {change.outcome}" if change.state == ChangeState.STALE else f"{said}."
        action = "change.undo_ended" if change.undoes_id else "change.ended"
        _record(change, None, action, client, items, after={"result": result})


def whom(addresses: Iterable[str]) -> str:
    """'12 senders on acme.example', 'one@acme.example', '40 senders on a.example, b.example and 7 more domains'."""
    addresses = list(addresses)
    if len(addresses) == 1:
        return addresses[0]
    return on_domains(Counter(address.rpartition("@")[2] for address in addresses))


def about(items: Iterable[ChangeItem]) -> str:
    """'12 senders on acme.example', 'one@acme.example', '3 campaigns', 'Spring push'."""
    items = list(items)
    if len(items) > 1 and items[0].campaign_id:
        return f"{len(items):,} campaigns"
    return whom(item.email for item in items)


def on_domains(senders: Counter[str]) -> str:
    """'12 senders on acme.example', from how many there are on each."""
    number = senders.total()
    domains = [name for name, _ in senders.most_common()]
    shown = domains[:NAMED] if len(domains) > NAMED + 1 else domains
    last = [f"{len(domains) - len(shown):,} more domains"] if len(shown) < len(domains) else []
    names = [*shown, *last]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return f"{number:,} sender{'' if number == 1 else 's'}{f' on {listed}' if listed else ''}"


def _of_clients(change: Change, *states: ItemState) -> list[tuple[Client | None, list[ChangeItem]]]:
    found = (
        change.items.filter(state__in=states) if states else change.items.exclude(state__in=(ItemState.NOOP, ItemState.SKIPPED))
    )
    parts: dict[Client | None, list[ChangeItem]] = {}
    for item in found.select_related("client").order_by("pk"):
        parts.setdefault(item.client, []).append(item)
    return list(parts.items())


def _summary(items: list[ChangeItem], field: str) -> dict[str, Any]:
    """What senders were or shall be, and how many of them."""
    part = payloads.part(items[0].after)
    counts = Counter(payloads.said(getattr(item, field), item.after).removeprefix(f"{part} ") for item in items)
    return {"rules" if part == payloads.PRESET else part: [f"{said} × {number:,}" for said, number in counts.most_common(20)]}


def _record(
    change: Change, by: HttpRequest | None, action: str, client: Client | None, items: list[ChangeItem], **said: Any
) -> None:
    audit.record(
        by,
        action,
        about(items),
        agency=change.agency,
        user=change.applied_by,
        subject=client.uuid if client else None,
        reason=change.reason,
        page=("change", change.uuid),
        **said,
    )
