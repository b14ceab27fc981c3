"""Whom a first message would reach, looked up at the vendor before anything is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from clients.calling import open_vendor
from clients.models import Client, Conversation, Health, Message, Sender
from clients.talking import asking, keeping, reading
from clients.talking.asking import First
from clients.vendors import VENDORS
from clients.vendors.conversations import Ref
from clients.vendors.errors import Rejected


class Nobody(Exception):
    """The text says why nobody can be written to by that name."""


@dataclass(frozen=True)
class Found:
    """`row`: the conversation that is there already; it is gone on with then."""

    kind: str
    person: str
    name: str
    row: Conversation | None = None


def accounts(client: Client) -> list[Sender]:
    able = [slug for slug, vendor in VENDORS.items() if "begin" in vendor.conversation_acts]
    may = {"connection__vendor__in": able, "connection__removed_at": None, "connection__health": Health.OK}
    found = Sender.objects.filter(client=client, gone_at=None, **may).select_related("connection__agency", "client")
    return [one for one in found.order_by("email", "pk") if not reading.signed_out(one, one.connection)]


def kinds(accounts: Sequence[Sender]) -> dict[str, str]:
    """By what somebody can be named, in words."""
    return {kind: label for one in accounts for kind, label in one.connection.vendor_class.person_kinds.items()}


def limit(accounts: Sequence[Sender]) -> int:
    return min((one.connection.vendor_class.message_limit for one in accounts), default=0)


def find(sender: Sender, kind: str, person: str) -> Found:
    """Raises `Nobody`, `VendorError`, `Unreadable`."""
    vendor_class = sender.connection.vendor_class
    if kind not in vendor_class.person_kinds:
        raise Nobody("This account's vendor does not know people by that.")
    ref = Ref(sender.external_id, kind=kind, person=person)
    try:
        with open_vendor(sender.connection, foreground=True) as vendor:
            there = vendor.conversation(ref)
            known = None if there or kind in vendor_class.known_kinds else vendor.person(ref)
    except Rejected as refusal:
        raise Nobody(str(refusal)) from None
    if there:
        keeping.keep(sender.connection, there)
        rows = Conversation.objects.select_related("connection__agency", "prospect", "sender")
        row = rows.get(connection=sender.connection, external_id=there.external_id)
        return Found(kind, person, str(row.prospect or person), row)
    if kind in vendor_class.known_kinds:
        raise Nobody(f"{sender.email} has spoken with nobody of that name yet: name them by a number or id.")
    return Found(kind, person, (known.name or known.handle or "") if known else "")


def ask(client: Client, sender: Sender, reached: Found, text: str, nonce: uuid.UUID, by: HttpRequest) -> Message:
    """Into the conversation that is there, or the first one. Raises `asking.NotNow`."""
    if reached.row:
        return asking.reply(reached.row, client, text, nonce, by)
    first = First(sender, reached.kind, reached.person, reached.name or reached.person)
    return asking.begin(client, first, text, nonce, by)
