"""A plan: what a change would do to each sender or campaign, worked out from a fresh read of the vendors and then frozen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.models import Agency, User
from agency.queue import announce
from agency.secrets import Unreadable
from clients.changes import calls, fitting, payloads, selecting
from clients.changes.holding import Hold
from clients.changes.reading import Beat, Part, Reading, read
from clients.models import Campaign, Change, ChangeItem, ChangeState, Client, Connection, Health, ItemState, Sender
from clients.vendors.base import Vendor
from clients.vendors.errors import VendorError

type Items = list[ChangeItem]
type Row = Sender | Campaign

TASK = "clients.apply_change"


def ask(
    agency: Agency,
    selector: dict[str, Any],
    edit: dict[str, Any],
    by: User | None,
    reason: str = "",
    undoes: Change | None = None,
    *,
    announced: bool = True,
) -> Change:
    """A change that a worker plans; its page shows how far that is."""
    asked = {"selector": selector, "edit": edit, "made_by": by, "reason": reason[:500], "undoes": undoes}
    change = Change.objects.create(agency=agency, **asked)
    if announced:
        announce(TASK, change.pk)
    return change


def plan(hold: Hold) -> None:
    """Freezes the items and calls of a change that is being planned. Raises `Lost`."""
    change = hold.change
    items: Items = []
    change.calls = []
    for part, pks in _by_part(change):
        items += _of_part(change, part, pks, hold.beat)
    _freeze(hold, items)


def _of_part(change: Change, part: Part, pks: set[int], beat: Beat) -> Items:
    vendor_class = part.connection.vendor_class
    lacks = fitting.lacks(vendor_class, change.edit, campaigns=part.campaigns) if change.edit else ""
    if barred := lacks or barred_from(part.connection):
        return [_skipped(change, row, barred) for row in _rows(part, pks)]
    try:
        with part.open() as vendor:
            return _fresh(change, part, vendor, pks, beat)
    except (VendorError, Unreadable) as error:
        return [_skipped(change, row, f"It could not be read: {error}") for row in _rows(part, pks)]


def barred_from(connection: Connection) -> str:
    """Why nothing on this account may be changed; empty where it may."""
    if connection.removed_at:
        return f"{connection.label} is removed: its key is forgotten."
    if connection.health == Health.PAUSED:
        return f"{connection.label} is paused: nothing is asked of the vendor."
    if connection.health == Health.REFUSED:
        return f"{connection.label}: its key is refused."
    return ""


def _fresh(change: Change, part: Part, vendor: Vendor, pks: set[int], beat: Beat) -> Items:
    keys = [row.external_id for row in _rows(part, pks)]
    found = read(part, vendor, keys, beat, whole=change.selector.get("by") == "filter")
    # The read may have brought senders that we did not know, and changed what others are.
    meant: Any = selecting.of_change(change)
    matched = set(meant.filter(connection=part.connection, workspace=part.workspace).values_list("pk", flat=True))
    done = ChangeItem.objects.filter(change=change.undoes_id, connection=part.connection, state=ItemState.DONE)
    originals = {item.campaign_id or item.sender_id: item for item in done} if change.undoes_id else {}
    items = [_item(change, row, found, matched, originals) for row in _rows(part, pks | matched)]
    change.calls += calls.arrange(change, part, vendor, items, found, beat, len(change.calls) + 1)
    return items


def _item(change: Change, row: Row, found: Reading, matched: set[int], originals: dict[int | None, ChangeItem]) -> ChangeItem:
    before = found.state(row.external_id)
    if before is None:
        return _skipped(change, row, "Gone: the vendor has it no more.")
    if row.pk not in matched:
        return _skipped(change, row, "No longer what was asked for: it was changed at the vendor meanwhile.")
    if change.undoes_id:
        return _taken_back(change, row, originals[row.pk], before)
    return _towards(change, row, before, change.edit)


def _taken_back(change: Change, row: Row, original: ChangeItem, now: dict[str, Any]) -> ChangeItem:
    target = payloads.back(original.before, original.after)
    if target is None:
        was = payloads.said(original.before, original.after)
        why = "It is not known how it was before." if was == "unknown" else f"It was ‘{was}’ before: nobody can put that back."
        return _new(change, row, before=now, after=original.after, state=ItemState.SKIPPED, why=why)
    item = _towards(change, row, now, target)
    if item.state == ItemState.PLANNED and not payloads.unchanged(now, original.found, original.after):
        item.state, item.drifted = ItemState.SKIPPED, True
        item.why = f"Somebody has set it to {payloads.said(now, target)} since."
    return item


def _towards(change: Change, row: Row, before: dict[str, Any], target: dict[str, Any]) -> ChangeItem:
    if payloads.meets(before, target):
        return _new(change, row, before=before, after=target, state=ItemState.NOOP)
    if why := fitting.bars(row.connection.vendor_class, before, target, campaigns=isinstance(row, Campaign)):
        return _new(change, row, before=before, after=target, state=ItemState.SKIPPED, why=why)
    return _new(change, row, before=before, after=target, state=ItemState.PLANNED, why=fitting.lasts(before, target))


def _skipped(change: Change, row: Row, why: str) -> ChangeItem:
    return _new(change, row, before=payloads.state_of(row), after=change.edit, state=ItemState.SKIPPED, why=why[:300])


def _new(change: Change, row: Row, **values: Any) -> ChangeItem:
    about = {"campaign": row, "email": str(row)} if isinstance(row, Campaign) else {"sender": row, "email": row.email}
    return ChangeItem(change=change, connection_id=row.connection_id, client_id=row.client_id, **about, **values)


def _freeze(hold: Hold, items: Items) -> None:
    change = hold.change
    clients = {item.client_id for item in items}
    with transaction.atomic():
        hold.renew()
        change.items.all().delete()
        ChangeItem.objects.bulk_create(items, batch_size=500)
        change.client = Client.objects.filter(pk__in=[pk for pk in clients if pk]).first() if len(clients) == 1 else None
        change.state, change.planned_at = ChangeState.PLANNED, timezone.now()
        hold.save("calls", "client", "state", "planned_at")


def _by_part(change: Change) -> list[tuple[Part, set[int]]]:
    """In the order of the accounts' labels."""
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    for connection, workspace, pk in selecting.of_change(change).order_by().values_list("connection_id", "workspace", "pk"):
        found[connection, workspace].add(pk)
    connections = Connection.objects.filter(pk__in={connection for connection, _ in found}).order_by("label", "pk")
    campaigns = selecting.is_of_campaigns(change.selector)
    return [
        (Part(connection, workspace, campaigns), pks)
        for connection in connections
        for (pk, workspace), pks in sorted(found.items())
        if pk == connection.pk
    ]


def _rows(part: Part, pks: Iterable[int]) -> list[Row]:
    if part.campaigns:
        return list(Campaign.objects.filter(pk__among=list(pks)).select_related("connection").order_by("name", "pk"))
    return list(Sender.objects.filter(pk__among=list(pks)).select_related("connection").order_by("email", "pk"))
