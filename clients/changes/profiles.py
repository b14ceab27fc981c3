"""One sender profile at a time, while somebody waits: made, renamed, tagged, switched on and off.

Each call is sent once, and what the page then shows was read back.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agency import audit
from clients.calling import open_vendor
from clients.changes import payloads
from clients.changes.reading import Part, keep, read
from clients.models import UNSETTLED, ChangeItem, Connection, Sender
from clients.vendors.base import Vendor
from clients.vendors.errors import UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.records import NewSender


class UnderWay(Exception):
    """A change of this sender is being applied."""


def create(connection: Connection, new: NewSender, by: HttpRequest) -> Sender:
    """Raises `VendorError`, with the vendor's words at its fields where it says so, and `agency.secrets.Unreadable`."""
    with open_vendor(connection, foreground=True) as vendor:
        try:
            record = vendor.create_sender(new)
        except (VendorDown, UnexpectedAnswer) as error:
            record = _found(connection, vendor, new.email, error)
    keep(connection, [record])
    sender = Sender.objects.select_related("client").get(connection=connection, external_id=record.external_id)
    said = {"account": connection.label, "name": sender.name, "status": sender.status, "preset": sender.preset}
    _record(by, "sender.created", sender, after=said)
    return sender


def edit(sender: Sender, name: str, tags: list[str], status: str, by: HttpRequest) -> None:
    """Only what differs is sent. Where the second of two calls is refused, what the first did is kept and shown.

    Raises `UnderWay`, `VendorError` and `agency.secrets.Unreadable`.
    """
    if ChangeItem.objects.filter(sender=sender, state__in=UNSETTLED).exists():
        raise UnderWay
    before = _said(sender)
    with open_vendor(sender.connection, foreground=True) as vendor:
        try:
            if (name, tags) != (sender.name, [tag.name for tag in sender.tags.all()]):
                vendor.describe(sender.external_id, name, tags)
            if status != sender.status:
                vendor.edit(sender.external_id, payloads.order({"status": status}))
        finally:
            _read_back(sender, vendor, before, by)


def reconnect(sender: Sender, by: HttpRequest) -> str:
    """The address of the page where its owner signs in, '' where the vendor needs none. Raises as `edit`."""
    if ChangeItem.objects.filter(sender=sender, state__in=UNSETTLED).exists():
        raise UnderWay
    before = _said(sender)
    with open_vendor(sender.connection, foreground=True) as vendor:
        try:
            page = vendor.reconnect(sender.external_id)
        finally:
            _read_back(sender, vendor, before, by)
    _record(by, "sender.reconnected", sender, after={"signs_in_at": page.split("/")[2] if page else ""})
    return page


def _read_back(sender: Sender, vendor: Vendor, before: dict[str, Any], by: HttpRequest) -> None:
    try:
        keep(sender.connection, [vendor.sender(sender.external_id)])
    except VendorError:
        # What raised before this says more, and the next sync brings the truth.
        return
    after = _said(Sender.objects.get(pk=sender.pk))
    if changed := [key for key in after if after[key] != before[key]]:
        old, fresh = {key: before[key] for key in changed}, {key: after[key] for key in changed}
        _record(by, "sender.edited", sender, before=old, after=fresh)


def _found(connection: Connection, vendor: Vendor, email: str, error: VendorError) -> Any:
    """The answer was lost: the vendor's list tells whether it was made all the same."""
    records = read(Part(connection), vendor, [], lambda: None, whole=True).records.values()
    made = next((record for record in records if record.email.lower() == email.lower()), None)
    if made is None:
        raise error
    return made


def _said(sender: Sender) -> dict[str, Any]:
    return {"name": sender.name, "tags": sorted(tag.name for tag in sender.tags.all()), "status": sender.status}


def _record(by: HttpRequest, action: str, sender: Sender, **said: Any) -> None:
    agency = sender.connection.agency
    audit.record(by, action, sender.email, agency=agency, subject=sender.client.uuid if sender.client else None, **said)
