"""A plan: what a change would do to each sender, worked out from a fresh read of the vendors and then frozen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.models import Agency, User
from agency.queue import announce
from agency.secrets import Unreadable
from clients.calling import open_vendor
from clients.changes import calls, payloads, selecting
from clients.changes.holding import Hold
from clients.changes.reading import Beat, Reading, read
from clients.models import Change, ChangeItem, ChangeState, Client, Connection, Health, ItemState, Sender
from clients.vendors.base import Vendor
from clients.vendors.errors import VendorError

type Items = list[ChangeItem]

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
    wanted = _by_connection(selecting.of_change(change))
    items: Items = []
    change.calls = []
    for connection in Connection.objects.filter(pk__in=wanted).order_by("label", "pk"):
        items += _of_connection(change, connection, wanted[connection.pk], hold.beat)
    _freeze(hold, items)


def _of_connection(change: Change, connection: Connection, pks: set[int], beat: Beat) -> Items:
    if barred := barred_from(connection):
        return [_skipped(change, sender, barred) for sender in _senders(pks)]
    try:
        with open_vendor(connection) as vendor:
            return _fresh(change, connection, vendor, pks, beat)
    except (VendorError, Unreadable) as error:
        return [_skipped(change, sender, f"It could not be read: {error}") for sender in _senders(pks)]


def barred_from(connection: Connection) -> str:
    """Why nothing on this account may be changed; empty where it may."""
    if connection.removed_at:
        return f"{connection.label} is removed: its key is forgotten."
    if "engagement" not in connection.vendor_class.can:
        return f"{connection.vendor_class.label} lets nobody change rules from outside."
    if connection.health == Health.PAUSED:
        return f"{connection.label} is paused: nothing is asked of the vendor."
    if connection.health == Health.REFUSED:
        return f"{connection.label}: its key is refused."
    return ""


def _fresh(change: Change, connection: Connection, vendor: Vendor, pks: set[int], beat: Beat) -> Items:
    ids = list(Sender.objects.filter(pk__among=list(pks)).values_list("external_id", flat=True))
    found = read(connection, vendor, ids, beat, whole=change.selector.get("by") == "filter")
    # The read may have brought senders that we did not know, and changed what others are.
    matched = set(selecting.of_change(change).filter(connection=connection).values_list("pk", flat=True))
    done = ChangeItem.objects.filter(change=change.undoes_id, connection=connection, state=ItemState.DONE)
    originals = {item.sender_id: item for item in done} if change.undoes_id else {}
    items = [_item(change, sender, found, matched, originals) for sender in _senders(pks | matched)]
    change.calls += calls.arrange(change, connection, vendor, items, found, beat, len(change.calls) + 1)
    return items


def _item(change: Change, sender: Sender, found: Reading, matched: set[int], originals: dict[int, ChangeItem]) -> ChangeItem:
    record = found.records.get(sender.external_id)
    if record is None:
        return _skipped(change, sender, "Gone: the vendor has it no more.")
    if sender.pk not in matched:
        return _skipped(change, sender, "No longer what was asked for: it was changed at the vendor meanwhile.")
    before = payloads.state_of(record)
    if change.undoes_id:
        return _taken_back(change, sender, originals[sender.pk], before)
    return _towards(change, sender, before, change.edit)


def _taken_back(change: Change, sender: Sender, original: ChangeItem, now: dict[str, Any]) -> ChangeItem:
    target = payloads.back(original.before, original.after)
    if target is None:
        return _skipped(change, sender, "It is not known how it was before.")
    item = _towards(change, sender, now, target)
    if item.state == ItemState.PLANNED and not payloads.unchanged(now, original.found, original.after):
        item.state, item.drifted = ItemState.SKIPPED, True
        item.why = f"Somebody has set it to {payloads.said(now, target)} since."
    return item


def _towards(change: Change, sender: Sender, before: dict[str, Any], target: dict[str, Any]) -> ChangeItem:
    state = ItemState.NOOP if payloads.meets(before, target) else ItemState.PLANNED
    return _new(change, sender, before=before, after=target, state=state)


def _skipped(change: Change, sender: Sender, why: str) -> ChangeItem:
    return _new(change, sender, before=payloads.state_of(sender), after=change.edit, state=ItemState.SKIPPED, why=why[:300])


def _new(change: Change, sender: Sender, **values: Any) -> ChangeItem:
    return ChangeItem(
        change=change, sender=sender, connection_id=sender.connection_id, client_id=sender.client_id, email=sender.email, **values
    )


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


def _by_connection(rows: selecting.SenderRows) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for connection, pk in rows.order_by().values_list("connection_id", "pk"):
        found[connection].add(pk)
    return found


def _senders(pks: Iterable[int]) -> list[Sender]:
    return list(Sender.objects.filter(pk__among=list(pks)).order_by("email", "pk"))
