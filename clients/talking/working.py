"""One message on its way: claim → look what stands in its conversation → write down that it is sent → send once → keep what
came of it.

What was sent is never sent again: when the answer is lost, or its worker dies waiting for it, the conversation tells whether it
arrived. No HTTP happens inside a transaction.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from functools import partial

from django.db.models import F
from django.db.models.functions import Now

from agency.secrets import Unreadable
from clients import leases, pacing
from clients.calling import open_vendor
from clients.models import Message, MessageState
from clients.settled import settled
from clients.talking import settling
from clients.talking.settling import Verdict
from clients.vendors import waiting
from clients.vendors.base import Vendor
from clients.vendors.conversations import ConversationRecord, MessageRecord, Ref
from clients.vendors.errors import Busy, VendorError

MOST_PAGES = 5  # of a conversation, newest first, that are looked through for one message


def send(message_id: int) -> Message | None:
    """Takes the message as far as it goes now. None when another worker has it, or when it is not due."""
    token = leases.take(Message.objects.due().filter(pk=message_id))
    if token is None:
        return None
    rows = Message.objects.select_related("connection__agency", "client__agency", "sender", "user")
    message = rows.get(pk=message_id)
    find, write = partial(_verdict, message, token), partial(settling.write, message, token)
    return settled(message, find, write, partial(settling.broke, message))


def _verdict(message: Message, token: uuid.UUID) -> Verdict:
    asked = message.called_at is not None
    if not asked and (why := settling.hindrance(message)):
        return Verdict(MessageState.FAILED, why)
    try:
        with open_vendor(message.connection) as vendor:
            return _found_out(message, vendor) if asked else _sent(message, token, vendor)
    except (VendorError, Unreadable) as error:
        # Nothing has left by this try.
        return settling.unknown(message, error) if asked else settling.unasked(error)


def _sent(message: Message, token: uuid.UUID, vendor: Vendor) -> Verdict:
    ref = _place(message, vendor)
    said = _newest(message, vendor, ref)[0] if ref.external_id else []
    if message.attempts and (found := settling.ours(message, said)):
        return settling.answered(message, found, _now(vendor, ref), late=True)
    known = [one.external_id for one in said]
    _keep_pace(message, vendor)
    called = {"called_at": Now(), "attempts": F("attempts") + 1}
    leases.renew(Message, message.pk, token, state=MessageState.SENDING, known=known, **called)
    message.refresh_from_db(fields=["called_at", "attempts", "known", "state"])
    # From here on nothing is raised: it may have been sent.
    try:
        told = vendor.reply(ref, message.text) if message.thread else vendor.begin(ref, message.text)
    except VendorError as error:
        return settling.unanswered(error)
    return settling.answered(message, told, _now(vendor, Ref(ref.sender, told.conversation)))


def _found_out(message: Message, vendor: Vendor) -> Verdict:
    ref = _place(message, vendor)
    said, whole = _newest(message, vendor, ref) if ref.external_id else ([], True)
    if found := settling.ours(message, said):
        return settling.answered(message, found, _now(vendor, ref), late=True)
    return settling.missing(message, [one for one in said if one.external_id not in message.known], whole=whole)


def _place(message: Message, vendor: Vendor) -> Ref:
    """Where it goes; without an id where nothing has been said to them yet."""
    ref = Ref(message.sender_ref, message.thread, message.kind, message.person)
    if message.thread:
        return ref
    there = vendor.conversation(ref)
    return Ref(ref.sender, there.external_id if there else "", ref.kind, ref.person)


def _newest(message: Message, vendor: Vendor, ref: Ref) -> tuple[Sequence[MessageRecord], bool]:
    """Messages of the conversation, back to those that were there before ours was called; and whether these are all of them."""
    found: list[MessageRecord] = []
    cursor, known, whole = None, set(message.known), True
    for _ in range(MOST_PAGES):
        page = vendor.messages(ref, cursor)
        found += page.records
        cursor, whole = page.cursor, whole and not (page.notes or page.set_aside)
        if not cursor or not known or known.intersection(one.external_id for one in page.records):
            return found, whole
    return found, False


def _now(vendor: Vendor, ref: Ref) -> ConversationRecord | None:
    """How the conversation stands since; it is told by an event or the next reading as well."""
    try:
        return vendor.conversation(Ref(ref.sender, ref.external_id))
    except VendorError:
        return None


def _keep_pace(message: Message, vendor: Vendor) -> None:
    """One budget for each sender, shared by all workers and all keys to it. Raises `Busy`."""
    label, rate = type(vendor).label, type(vendor).sends_a_minute / 60
    name = hashlib.sha256(f"sends {message.connection.vendor} {message.sender_ref}".encode()).hexdigest()
    try:
        waiting.pause(pacing.take(name, rate, foreground=False, vendor=label))
    except Busy as busy:
        raise Busy(f"{label} lets one account send so many messages a minute: it takes its turn.", busy.retry_after) from None
