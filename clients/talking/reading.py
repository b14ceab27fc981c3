"""One conversation as its page shows it: asked of the vendor at that moment. What is kept is shown where it can't be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from agency.secrets import Unreadable
from clients.calling import open_vendor
from clients.models import Client, Connection, Conversation, ConversationLabel, Health, LabelKind, Message, Sender
from clients.vendors.conversations import ConversationRecord, MessageRecord, Ref
from clients.vendors.errors import Rejected, StaleCursor, VendorError

GONE = 404


@dataclass(frozen=True)
class Said:
    """One message as it is shown."""

    at: datetime | None
    who: str
    text: str
    ours: bool
    marks: Sequence[str]  # what else is to be known of it
    failed: bool


@dataclass(frozen=True)
class Standing:
    """Where it stands: ids of labels, as the vendor has them now, or as they were kept."""

    done: bool
    is_request: bool
    assignee: str
    status: str
    tags: tuple[str, ...]
    valuation: Decimal | None
    notes: str | None  # None where they can't be read now


@dataclass(frozen=True)
class Opened:
    standing: Standing
    said: Sequence[Said] = ()
    older: str = ""  # leads to older messages; '' where there are none
    notes: Sequence[str] = ()  # what is missing of the messages
    trouble: str = ""  # why the vendor can't be asked


@dataclass
class Names:
    """What the ids of an account's labels stand for."""

    known: dict[tuple[str, str], ConversationLabel] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection) -> Names:
        return cls({(one.kind, one.external_id): one for one in ConversationLabel.objects.filter(connection=connection)})

    def name(self, kind: str, named: str) -> str:
        found = self.known.get((kind, named))
        return str(found) if found else named

    def choices(self, kind: str, beside: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Those that there are, and those that are in use all the same."""
        there = {one.external_id: str(one) for (of, _), one in self.known.items() if of == kind and one.gone_at is None}
        more = {named: self.name(kind, named) for named in beside if named and named not in there}
        return sorted((there | more).items(), key=lambda pair: pair[1].casefold())


def of_client(client: Client) -> QuerySet[Conversation]:
    found = Conversation.objects.filter(sender__client=client, connection__agency=client.agency_id, gone_at=None)
    return found.select_related("sender", "prospect", "connection__agency")


def ref_of(row: Conversation) -> Ref:
    return Ref(row.sender_ref, row.external_id)


def barred(connection: Connection, act: str = "read") -> str:
    """Why nothing of this can be asked there; '' for nothing."""
    if connection.removed_at:
        return f"{connection.label} is removed: its key is forgotten."
    if act not in connection.vendor_class.conversation_acts:
        return f"{connection.vendor_class.label} does not let this be done from outside."
    if connection.health != Health.OK:
        return f"{connection.label} can't be asked: {connection.get_health_display().lower()}. {connection.health_reason}".strip()
    return ""


def signed_out(sender: Sender | None, connection: Connection) -> str:
    """Why nothing can be sent as this one of that account, as of the last reading; '' for nothing."""
    vendor = connection.vendor_class
    if sender is None or sender.status not in vendor.signed_out:
        return ""
    return f"{sender.email} is signed out: nothing is sent from it until it is signed in again at {vendor.label}."


def opened(row: Conversation, names: Names, cursor: str = "") -> Opened:
    """Two calls, while a person waits; for older messages one."""
    before = kept(row)
    if why := barred(row.connection):
        return Opened(before, trouble=why)
    try:
        with open_vendor(row.connection, foreground=True) as vendor:
            there = None if cursor else vendor.conversation(ref_of(row))
            page = vendor.messages(ref_of(row), cursor or None)
    except StaleCursor:
        return Opened(before, trouble="The vendor no longer knows this place among the messages: go back to the newest.")
    except (VendorError, Unreadable) as error:
        gone = isinstance(error, Rejected) and error.status == GONE
        return Opened(before, trouble="The vendor has this conversation no more." if gone else str(error))
    here = _written_here(row, page.records)
    said = [_said(row, one, names, here.get(one.external_id, "")) for one in page.records]
    standing = told(there, before) if there else before

    return Opened(standing, said, page.cursor or "", [*page.notes, *page.set_aside])


def kept(row: Conversation) -> Standing:
    who = row.prospect
    return Standing(
        row.archived,
        row.is_request,
        (who.assignee if who else "") or row.assignee,
        who.status if who else "",
        tuple(who.tags) if who else (),
        who.valuation if who else None,
        None,
    )


def told(record: ConversationRecord, before: Standing) -> Standing:
    """What it does not say stays as it was."""
    who = record.prospect
    return Standing(
        before.done if record.archived is None else record.archived,
        before.is_request if record.is_request is None else record.is_request,
        before.assignee if record.assignee is None else record.assignee,
        before.status if who is None or who.status is None else who.status,
        before.tags if who is None or who.tags is None else who.tags,
        who.valuation if who and who.valuation_said else before.valuation,
        who.notes if who else None,
    )


def _written_here(row: Conversation, some: Sequence[MessageRecord]) -> dict[str, str]:
    """Of those of them that somebody sent from here: its id → who."""
    known = Message.objects.filter(conversation=row, external_id__in=[one.external_id for one in some])
    return dict(known.values_list("external_id", "actor"))


def _said(row: Conversation, one: MessageRecord, names: Names, actor: str) -> Said:
    theirs = one.inbound is True
    member = actor or (names.name(LabelKind.MEMBER, one.author) if one.author else "Us")
    marks = [
        f"by {one.way}" if one.way and not theirs and not actor else "",
        "edited" if one.edited else "",
        "deleted" if one.deleted else "",
        "not delivered" if one.failed else "",
        f"with {one.beside}" if one.beside else "",
    ]
    text = "" if one.deleted else one.text or ""
    who = str(row.prospect or "They") if theirs else member
    return Said(one.at, who, text, not theirs, [mark for mark in marks if mark], one.failed)
