"""What an answer means for a mail: over, later, or not known; and writing it down, with its audit entry."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency import audit
from clients import settled
from clients.models import Mail, MailState, ScopeKind
from clients.models.sending import midnight
from clients.sending import asking, landing
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, Rejected, UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.mails import ASLEEP, FULL, INVALID, UNWANTED, Receipt, Refusal

#: A lost answer is asked for again so soon; the wait doubles up to an hour.
AGAIN = timedelta(seconds=15)
#: 409 after a lost answer: the first call may still be carried out. So often it is looked again.
TWINS = 5
#: What could not go out for so long after its time is not wanted any more.
PATIENCE = timedelta(days=7)
_CONFLICT = 409
_REASONS = {
    ASLEEP: "{vendor} does not let {mail.identity} send now ({said}).",
    UNWANTED: "{vendor} writes to {mail.to} no more: it bounced before ({said}).",
    INVALID: "{vendor} finds that {mail.to} is no address that takes mail ({said}).",
}


@dataclass(frozen=True)
class Verdict(settled.Verdict):
    """`sure`: the vendor has answered, so nobody wonders whether it left."""

    sure: bool = True


def hindrance(mail: Mail) -> str:
    """Why a mail that has not left shall not leave any more; '' for nothing."""
    if timezone.now() - mail.wanted_at > PATIENCE:
        return f"Nothing was sent: it was to go out a week ago. {mail.why}".strip()
    theirs = mail.connection.scopes.filter(kind=ScopeKind.HANDLE, value=mail.identity, client=mail.client)
    return "" if theirs.exists() else f"Nothing was sent: {mail.identity} is no longer {mail.client}'s."


def answered(mail: Mail, receipt: Receipt) -> Verdict:
    sent = receipt.sent
    if sent.refusal:
        return _refused(mail, sent.refusal, kept=sent.replayed)
    told = {
        "message": sent.message, "conversation": sent.conversation, "pending": sent.queued, "mailbox": sent.mailbox,
        "leaves_at": sent.due_at,
    }  # fmt: skip
    label = mail.connection.vendor_class.label
    queued = f"{label} has queued it." if sent.queued else ""
    again = "The answer to its first call was lost; it was sent once." if sent.replayed else ""
    return Verdict(MailState.ACCEPTED, f"{queued} {again}".strip(), values=told)


def unanswered(mail: Mail, error: VendorError, *, first: bool) -> Verdict:
    """The call raised. `first`: no call before it can have been carried out."""
    if isinstance(error, VendorDown | UnexpectedAnswer):
        wait = min(AGAIN * 2 ** min(mail.attempts - 1, 10), timedelta(hours=1))
        why = f"{error} Whether it left is being found out with the same key, which sends nothing twice."
        return Verdict(MailState.SENDING, why, timezone.now() + wait, sure=False)
    if isinstance(error, Busy):
        return _later(mail, str(error), timezone.now() + timedelta(seconds=error.retry_after), first=first)
    if isinstance(error, AccessDenied) and first:
        # The account's next sync says so on every page; who puts a new key in lets it go on.
        return _later(mail, f"Nothing was sent yet. {error}", timezone.now() + timedelta(minutes=30), first=True)
    if isinstance(error, Rejected) and error.status == _CONFLICT:
        return _conflict(mail, error, first=first)
    # An identity or a conversation that is gone, a body that makes no sense.
    if first:
        return Verdict(MailState.FAILED, f"Nothing was sent. {error}")
    why = f"{error} An earlier call may have been carried out: that is being found out."
    return Verdict(MailState.SENDING, why, timezone.now() + timedelta(minutes=30), sure=False)


def unasked(mail: Mail, error: Exception) -> Verdict:
    """The vendor was not even called, or only to be read."""
    return _later(mail, str(error), timezone.now() + timedelta(minutes=5), first=mail.called_at is None)


def traced(mail: Mail, vendor: Vendor) -> Verdict:
    """A day after a call whose answer is not known: what the conversations with the recipient say. Raises `VendorError`."""
    since = (mail.called_at or mail.created_at) - timedelta(minutes=5)
    for talk in vendor.talks(mail.identity, None, peer=mail.to.lower(), since=since).records:
        for line in vendor.lines(mail.identity, talk.external_id):
            ours = line.at >= since and line.inbound is False and _same(line.text, mail.text)
            if ours:
                why = "The answer to its call was lost; it stands in the conversation."
                return Verdict(MailState.ACCEPTED, why, values={"conversation": talk.external_id, "message": line.external_id})
    label = mail.connection.vendor_class.label
    why = f"{label} gave no answer for a day and shows no such mail. Look there before you send another."
    return Verdict(MailState.UNCLEAR, why)


def broke(mail: Mail, error: Exception) -> Verdict:
    """Its text may hold anything: the log has it, pages get its kind."""
    why = f"An error of our own ({type(error).__name__})."
    return _later(mail, why, timezone.now() + timedelta(minutes=10), first=mail.called_at is None)


def write(mail: Mail, token: uuid.UUID, verdict: Verdict) -> None:
    """Raises `Lost` where the mail is no longer held."""
    uncalled = {"called_at": None} if verdict.sure and verdict.state != MailState.UNCLEAR else {}
    with transaction.atomic():
        settled.let_go(mail, token, verdict, **uncalled)
        if verdict.due_at is None:
            record(mail)
        if mail.state == MailState.ACCEPTED:
            landing.look_soon(mail)


def _refused(mail: Mail, refusal: Refusal, *, kept: bool) -> Verdict:
    """`kept`: the vendor gives an answer of before again, and would go on doing so."""
    vendor = mail.connection.vendor_class.label
    if refusal.kind == FULL:
        now = timezone.now()
        why = f"{mail.identity} has sent what {vendor} lets it send today ({refusal.said}): it goes on after midnight UTC."
        # Not all in the same second.
        return Verdict(
            MailState.QUEUED, why, midnight(now) + timedelta(seconds=30 + mail.pk % 60), values=_anew() if kept else {}
        )
    text = _REASONS.get(refusal.kind, "{vendor} does not take it ({said}).")
    return Verdict(MailState.REJECTED, text.format(vendor=vendor, mail=mail, said=refusal.said))


def _anew() -> dict[str, Any]:
    """Another key, for a mail of which the vendor has said that it did not leave."""
    return {"key": asking.mint()}


def _later(mail: Mail, why: str, due_at: datetime, *, first: bool) -> Verdict:
    """Of a mail that surely has not left, and that can still be taken back, unless a call before may have been carried out."""
    return Verdict(MailState.QUEUED if first else MailState.SENDING, why, due_at, sure=first)


def _conflict(mail: Mail, error: Rejected, *, first: bool) -> Verdict:
    vendor = mail.connection.vendor_class.label
    if first:
        # Whatever went out under the key, it was not this mail, which gets another.
        why = f"Nothing was sent: {vendor} knows this mail's key already ({error.said}). Tried again it goes out under a new one."
        return Verdict(MailState.FAILED, why)
    if mail.attempts <= TWINS:
        # Our own first call may be under way there yet.
        return Verdict(MailState.SENDING, str(error), timezone.now() + timedelta(minutes=1), sure=False)
    why = f"{vendor} knows this mail's key with another text ({error.said}). What it sent under it stands in the conversation."
    return Verdict(MailState.FAILED, why, sure=False)


def _same(told: str, text: str) -> bool:
    return " ".join(told.split()) == " ".join(text.split())


def record(mail: Mail) -> None:
    audit.record(
        None, f"mail.{mail.state}", mail.subject or f"a reply to {mail.to}", agency=mail.connection.agency,
        subject=mail.client.uuid, after={"identity": mail.identity, "to": [mail.to], "outcome": mail.why}, user=mail.user,
        actor=mail.actor, page=("mail", mail.uuid),
    )  # fmt: skip
