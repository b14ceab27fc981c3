"""What is changed of a conversation and of whom it is with, at the vendor, while the person waits. What it answers is kept at
once. Each call is sent once; after a lost answer the conversation is read, and says whether it was carried out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agency import audit
from agency.secrets import Unreadable
from clients.calling import open_vendor
from clients.models import Client, Conversation, LabelKind
from clients.talking import reading
from clients.talking.keeping import keep
from clients.talking.reading import Names, Standing
from clients.vendors.base import Vendor
from clients.vendors.conversations import ConversationRecord, Edit, Ref
from clients.vendors.errors import UnexpectedAnswer, VendorDown, VendorError

TROUBLE = (VendorError, Unreadable)


class Meanwhile(VendorError):
    """Somebody else has changed the notes since they were read; `notes` are theirs."""

    def __init__(self, notes: str) -> None:
        super().__init__("Somebody has changed the notes since you opened this page.")
        self.notes = notes

    def __reduce__(self) -> tuple[type[Meanwhile], tuple[str]]:
        return type(self), (self.notes,)


def edit(row: Conversation, client: Client, wanted: Edit, by: HttpRequest, *, notes_before: str = "") -> Standing:
    """How it stands then. Raises `TROUBLE`; `Meanwhile` where `notes_before` are no longer the vendor's."""
    if why := _barred(row, client, wanted):
        raise VendorError(why)
    with open_vendor(row.connection, foreground=True) as vendor:
        before = _there(vendor, row)
        if wanted.notes is not None and _plain(before) not in (notes_before.strip(), wanted.notes.strip()):
            raise Meanwhile(_plain(before))
        after = _edited(vendor, row, before, wanted)
    keep(row.connection, after)
    row.refresh_from_db()
    return _record(row, client, before, after, by)


def _barred(row: Conversation, client: Client, wanted: Edit) -> str:
    if client.is_archived:
        return f"{client} is archived: restore it first."
    return next((why for act in acts_of(wanted) if (why := reading.barred(row.connection, act))), "")


def acts_of(wanted: Edit) -> list[str]:
    """The parts it changes, as `conversation_acts` names them."""
    tags = bool(wanted.add_tags or wanted.remove_tags)
    worth = wanted.valuation is not None or wanted.no_valuation
    named = {name: getattr(wanted, name) is not None for name in ("done", "assignee", "status", "notes")}
    return [name for name, changed in {**named, "tags": tags, "valuation": worth}.items() if changed]


def _there(vendor: Vendor, row: Conversation) -> ConversationRecord:
    found = vendor.conversation(reading.ref_of(row))
    if found is None:
        raise VendorError("The vendor has this conversation no more.")
    return found


def _edited(vendor: Vendor, row: Conversation, before: ConversationRecord, wanted: Edit) -> ConversationRecord:
    ref = Ref(row.sender_ref, row.external_id, person=before.prospect.ref if before.prospect else "")
    try:
        return vendor.edit_conversation(ref, wanted)
    except VendorError as error:
        # A part of it may have been carried out, or all of it where the answer was lost.
        now = _there(vendor, row)
        keep(row.connection, now)
        if isinstance(error, VendorDown | UnexpectedAnswer) and _meets(now, wanted):
            return now
        raise


def _meets(now: ConversationRecord, wanted: Edit) -> bool:
    who = now.prospect
    if who is None:
        return False
    tags = set(who.tags or ())
    worth = who.valuation is None if wanted.no_valuation else wanted.valuation in (None, who.valuation)
    given = [(wanted.done, now.archived), (wanted.assignee, now.assignee), (wanted.status, who.status)]
    notes = wanted.notes is None or wanted.notes.strip() == _plain(now)
    same = all(asked is None or asked == told for asked, told in given)
    return same and notes and worth and tags.issuperset(wanted.add_tags) and tags.isdisjoint(wanted.remove_tags)


def _plain(told: ConversationRecord) -> str:
    return ((told.prospect.notes if told.prospect else None) or "").replace("\r\n", "\n").strip()


def _record(
    row: Conversation, client: Client, before: ConversationRecord, after: ConversationRecord, by: HttpRequest
) -> Standing:
    names, kept = Names.of(row.connection), reading.kept(row)
    was, now = reading.told(before, kept), reading.told(after, kept)
    old, new = _said(was, names), _said(now, names)
    changed = [name for name in old if old[name] != new[name]]
    if was.notes != now.notes:
        new["notes"] = "changed"
        changed.append("notes")
    if changed:
        audit.record(
            by, "conversation.changed", row.prospect or row, agency=client.agency, subject=client.uuid,
            before={name: old[name] for name in changed if name in old}, after={name: new[name] for name in changed},
        )  # fmt: skip
    return now


def _said(one: Standing, names: Names) -> dict[str, Any]:
    """For the audit log; of the notes, which are about a person, only that they changed."""
    return {
        "done": one.done,
        "assigned to": names.name(LabelKind.MEMBER, one.assignee) if one.assignee else "",
        "status": names.name(LabelKind.STATUS, one.status) if one.status else "",
        "tags": sorted(names.name(LabelKind.TAG, tag) for tag in one.tags),
        "value": "" if one.valuation is None else f"{one.valuation:.2f}",
    }
