"""A mailbox connected at a vendor while somebody waits. The call is sent once, and its password goes nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from agency import audit
from clients.calling import open_vendor
from clients.changes.planning import barred_from
from clients.changes.reading import keep
from clients.models import Connection, Sender
from clients.vendors.base import Vendor
from clients.vendors.errors import UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.inboxes import SMTP, NewInbox
from clients.vendors.records import SenderRecord


@dataclass(frozen=True, slots=True)
class Connected:
    """`sign_in`: where its owner signs in, '' where nobody must. `lost`: the answer was, and with it that address."""

    sender: Sender
    sign_in: str
    lost: bool = False


def barred(connection: Connection) -> str:
    """Why none can be connected there; empty where one can."""
    if "inboxes" not in connection.vendor_class.can:
        return f"{connection.vendor_class.label} lets nobody connect mailboxes from outside."
    return barred_from(connection)


@sensitive_variables()
def connect(connection: Connection, new: NewInbox, by: HttpRequest) -> Connected:
    """Raises `VendorError`, with our fields where it says so, and `agency.secrets.Unreadable`."""
    lost = False
    with open_vendor(connection, foreground=True) as vendor:
        try:
            record, sign_in = vendor.connect_inbox(new)
        except (VendorDown, UnexpectedAnswer) as error:
            found = _found(vendor, new.email)
            if found is None:
                raise VendorDown(f"{error} It may be connected all the same: connecting it again tells.") from None
            record, sign_in, lost = found, "", new.provider != SMTP
    keep(connection, [record])
    sender = Sender.objects.select_related("client", "connection__agency").get(
        connection=connection, external_id=record.external_id
    )
    said = {"account": connection.label, "provider": new.provider, "signs_in_at": urlsplit(sign_in).hostname or ""}
    subject = sender.client.uuid if sender.client else None
    audit.record(by, "sender.connected", sender.email, agency=connection.agency, subject=subject, after=said)
    return Connected(sender, sign_in, lost)


def _found(vendor: Vendor, email: str) -> SenderRecord | None:
    """The answer was lost: the vendor's list tells whether it was connected all the same."""
    try:
        return vendor.sender(email.lower())
    except VendorError:
        return None
