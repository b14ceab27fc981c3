"""Which calls a plan takes: the vendor's own call for a domain or tag where it touches just what is meant, else one for as many
as it takes by their names, which may be one each.

A change keeps them as [{number, connection, label, kind, value, senders, calls, why}, …]; an item's `call` is the number of
the one that carries it, or null where it goes with others by its name, or by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any

from clients.changes import payloads
from clients.changes.reading import Beat, Part, Reading, selected
from clients.models import Change, ChangeItem, Connection, ItemState
from clients.vendors.base import Vendor

type Call = dict[str, Any]
type ById = dict[str, ChangeItem]

SENDER, SEVERAL, DOMAIN, TAG, CAMPAIGN = "sender", "several", "domain", "tag", "campaign"


def arrange(
    change: Change, part: Part, vendor: Vendor, items: list[ChangeItem], found: Reading, beat: Beat, first: int
) -> list[Call]:
    """Gives the planned items of one part their calls, those with a number counted from `first`."""
    arranged: list[Call] = []
    connection = part.connection
    meant = {item.key: item for item in items if item.state in (ItemState.PLANNED, ItemState.NOOP)}
    if part.campaigns:
        left = len(_left(meant))
        why = "One call: a single campaign." if left == 1 else "A call for each campaign."
        return [_entry(connection, CAMPAIGN, "", left, left, why)] if left else []
    why = "they were picked one by one" if vendor.selects else f"{vendor.label} has no call for several of them"
    for kind, value in _candidates(change, found, _left(meant)) if found.whole and vendor.selects else ():
        touched, why_not = _touched(vendor, kind, value, meant, found, beat)
        if why_not:
            why = why_not
            continue
        call = _call(connection, kind, value, touched, first + len(arranged))
        for item in touched:
            item.call = call["number"]
        arranged.append(call)
    return arranged + _by_name(connection, _left(meant), why)


def number_of(calls: list[Call]) -> int:
    return sum(call["calls"] for call in calls)


def with_overwritten(change: Change) -> list[Call]:
    """The calls of a planned undo after it was chosen which of the changed senders are overwritten: one for each."""
    kept = [call for call in change.calls if not call.get("overwrites")]
    for connection in Connection.objects.filter(pk__in=change.items.filter(drifted=True).values("connection")):
        items = list(change.items.filter(drifted=True, state=ItemState.PLANNED, connection=connection).select_related("sender"))
        if items and items[0].campaign_id:
            why = "They are overwritten by choice: a call for each campaign."
            found = [_entry(connection, CAMPAIGN, "", len(items), len(items), why)]
        else:
            found = _by_name(connection, items, "they are overwritten by choice")
        kept += [call | {"overwrites": True} for call in found]
    return kept


def together(vendor: type[Vendor], items: Iterable[ChangeItem]) -> Iterator[list[ChangeItem]]:
    """Parts them into what one call by their names carries: senders of one workspace that shall become the same."""
    groups: dict[tuple[Any, ...], list[ChangeItem]] = defaultdict(list)
    for item in items:
        groups[item.about.workspace, *sorted(item.after.items())].append(item)
    for group in groups.values():
        most = vendor.at_once(payloads.order(group[0].after))
        yield from map(list, batched(group, most))


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
    domains = Counter(found.records[item.key].domain for item in left)
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


def _by_name(connection: Connection, items: list[ChangeItem], why: str) -> list[Call]:
    if not items:
        return []
    vendor = connection.vendor_class
    calls = len(list(together(vendor, items)))
    if calls == len(items):
        return [_singles(connection, len(items), why)]
    said = (
        f"{vendor.label} takes up to {vendor.at_once(payloads.order(items[0].after)):,} of them by their addresses in one call."
    )
    return [_entry(connection, SEVERAL, "", len(items), calls, said)]


def _singles(connection: Connection, senders: int, why: str) -> Call:
    said = "One call: a single sender." if senders == 1 else f"A call for each sender: {why}."
    return _entry(connection, SENDER, "", senders, senders, said)


def _entry(connection: Connection, kind: str, value: str, senders: int, calls: int, why: str) -> Call:
    named = {"connection": connection.pk, "label": connection.label, "kind": kind, "value": value}
    return {"number": None, **named, "senders": senders, "calls": calls, "why": why}
