"""Which calls a plan takes: the vendor's own call for a domain or tag where it touches just what is meant, else one a sender.

A change keeps them as [{number, connection, label, kind, value, senders, calls, why}, …]; an item's `call` is the number of
the one that carries it, or null for a call of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from clients.changes.reading import Beat, Reading, selected
from clients.models import Change, ChangeItem, Connection, ItemState
from clients.vendors.base import Vendor

type Call = dict[str, Any]
type ById = dict[str, ChangeItem]

SENDER, DOMAIN, TAG = "sender", "domain", "tag"


def arrange(
    change: Change, connection: Connection, vendor: Vendor, items: list[ChangeItem], found: Reading, beat: Beat, first: int
) -> list[Call]:
    """Gives the planned items of one connection their calls, those with a number counted from `first`."""
    arranged: list[Call] = []
    why = "they were picked one by one"
    meant = {item.sender.external_id: item for item in items if item.state in (ItemState.PLANNED, ItemState.NOOP)}
    for kind, value in _candidates(change, found, _left(meant)) if found.whole else ():
        touched, why_not = _touched(vendor, kind, value, meant, found, beat)
        if why_not:
            why = why_not
            continue
        call = _call(connection, kind, value, touched, first + len(arranged))
        for item in touched:
            item.call = call["number"]
        arranged.append(call)
    if left := _left(meant):
        arranged.append(_singles(connection, len(left), why))
    return arranged


def number_of(calls: list[Call]) -> int:
    return sum(call["calls"] for call in calls)


def with_overwritten(change: Change) -> list[Call]:
    """The calls of a planned undo after it was chosen which of the changed senders are overwritten: one for each."""
    kept = [call for call in change.calls if not call.get("overwrites")]
    for connection in Connection.objects.filter(pk__in=change.items.filter(drifted=True).values("connection")):
        senders = change.items.filter(drifted=True, state=ItemState.PLANNED, connection=connection).count()
        if senders:
            kept.append(_singles(connection, senders, "they are overwritten by choice") | {"overwrites": True})
    return kept


def touches(found: Reading, kind: str, value: str) -> set[str]:
    """By the account's whole list: whose domain, or one of whose tags, is exactly this."""
    if kind == DOMAIN:
        return {key for key, record in found.records.items() if record.domain == value}
    return {key for key, record in found.records.items() if value in record.tags}


def _left(meant: ById) -> list[ChangeItem]:
    return [item for item in meant.values() if item.state == ItemState.PLANNED and item.call is None]


def _candidates(change: Change, found: Reading, left: list[ChangeItem]) -> Iterator[tuple[str, str]]:
    """What was asked for first, then every domain, the largest first."""
    asked = change.selector.get("filters") or {}
    if tag := asked.get(TAG):
        yield TAG, tag
    domains = Counter(found.records[item.sender.external_id].domain for item in left)
    for domain, _ in domains.most_common():
        if domain:
            yield DOMAIN, domain


def _touched(vendor: Vendor, kind: str, value: str, meant: ById, found: Reading, beat: Beat) -> tuple[list[ChangeItem], str]:
    """The items of the call, or why it can't be one call."""
    name = f"{'on' if kind == DOMAIN else 'tagged'} {value}"
    ours = touches(found, kind, value)
    items = [meant[key] for key in ours if key in meant]
    if others := len(ours) - len(items):
        return (
            [],
            f"{others:,} other sender{' ' if others == 1 else 's '}{name} {'is' if others == 1 else 'are'} not to be changed",
        )
    todo = [item for item in items if item.state == ItemState.PLANNED and item.call is None]
    if len(todo) < 2:
        return [], f"only one {name} is to be changed"
    if any(item.after != todo[0].after for item in items):
        return [], f"those {name} are not all to become the same"
    theirs = selected(vendor, kind, value, beat)
    if theirs is None:
        return [], f"{vendor.label} does not say what one call to all senders {name} would touch"
    if theirs != ours:
        return [], f"one call to all senders {name} would not touch just these, by what {vendor.label} lists for it"
    return todo, ""


def _call(connection: Connection, kind: str, value: str, items: list[ChangeItem], number: int) -> Call:
    vendor = connection.vendor_class.label
    name = f"{'on' if kind == DOMAIN else 'tagged'} {value}"
    why = f"One call for {value}: {vendor} has no other sender {name} than those meant here."
    return _entry(connection, kind, value, len(items), 1, why) | {"number": number}


def _singles(connection: Connection, senders: int, why: str) -> Call:
    said = "One call: a single sender." if senders == 1 else f"A call for each sender: {why}."
    return _entry(connection, SENDER, "", senders, senders, said)


def _entry(connection: Connection, kind: str, value: str, senders: int, calls: int, why: str) -> Call:
    named = {"connection": connection.pk, "label": connection.label, "kind": kind, "value": value}
    return {"number": None, **named, "senders": senders, "calls": calls, "why": why}
