"""What an answer, or its absence, means for a message; and writing it down, with its audit entry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clients import settled
from clients.models import Conversation, Message, MessageState, Sender
from clients.talking import asking, keeping
from clients.vendors.conversations import ConversationRecord, MessageRecord
from clients.vendors.errors import Busy, Rejected, UnexpectedAnswer, VendorDown, VendorError

#: So often what is not known yet is looked at.
AGAIN = timedelta(seconds=10)
#: An answer lost so long ago, and still no trace of it in the conversation: it was not sent.
SURE_AFTER = timedelta(minutes=2)
#: What could not be found out by then needs a person.
GIVE_UP = timedelta(hours=24)
#: What waited so long is not sent any more: a word of this morning may be wrong at noon.
PATIENCE = timedelta(minutes=15)
#: Clocks differ.
SLACK = timedelta(minutes=5)
_LOST = "The answer to its call was lost; it stands in the conversation."


@dataclass(frozen=True)
class Verdict(settled.Verdict):
    told: Sequence[ConversationRecord | MessageRecord] = ()  # what is to be kept of the vendor's answers


def hindrance(message: Message) -> str:
    """Why a message that has not left shall not leave any more; '' for nothing."""
    if timezone.now() - message.wanted_at > PATIENCE:
        return f"Nothing was sent: it waited too long. {message.why}".strip()
    theirs = Sender.objects.filter(pk=message.sender_id or 0, client=message.client_id, gone_at=None)
    return "" if theirs.exists() else f"Nothing was sent: the account it was to go out from is no longer {message.client}'s."


def answered(message: Message, said: MessageRecord, told: ConversationRecord | None, *, late: bool = False) -> Verdict:
    """`late`: it was found, not answered."""
    values = {"external_id": said.external_id, "thread": said.conversation}
    if said.failed:
        why = f"{_vendor(message)} took it and could not deliver it."
        return Verdict(MessageState.FAILED, why, values=values, told=(told,) if told else ())
    return Verdict(MessageState.SENT, _LOST if late else "", values=values, told=(*((told,) if told else ()), said))


def unanswered(error: VendorError) -> Verdict:
    """The call raised."""
    if isinstance(error, VendorDown | UnexpectedAnswer):
        why = f"{error} Whether it was sent is being found out in the conversation."
        return Verdict(MessageState.SENDING, why, timezone.now() + AGAIN)
    return unasked(error)


def unasked(error: Exception) -> Verdict:
    """It surely has not left: refused, or not even called."""
    if isinstance(error, Busy):
        return Verdict(MessageState.QUEUED, f"Nothing was sent yet. {error}", timezone.now() + _wait(error), {"called_at": None})
    if isinstance(error, VendorDown | UnexpectedAnswer):
        return Verdict(MessageState.QUEUED, f"Nothing was sent yet. {error}", timezone.now() + 3 * AGAIN, {"called_at": None})
    gone = isinstance(error, Rejected) and error.status == 404
    why = f"{error} It may have been deleted there." if gone else str(error)
    return Verdict(MessageState.FAILED, f"Nothing was sent. {why}", values={"called_at": None})


def unknown(message: Message, error: Exception) -> Verdict:
    """Whether it was sent could not be looked at."""
    if isinstance(error, Rejected) and error.status == 404:
        return Verdict(MessageState.UNCLEAR, f"{error} Whether the message was sent before can't be told any more.")
    return _later(message, f"{error} Whether it was sent is not known yet.", _wait(error))


def missing(message: Message, newer: Sequence[MessageRecord], *, whole: bool) -> Verdict:
    """It does not stand in the conversation. `newer`: what was said there since; `whole`: that is all of it."""
    if not whole or timezone.now() - (message.called_at or message.wanted_at) < SURE_AFTER:
        return _later(message, "Its answer was lost. Whether it was sent is being found out.", AGAIN)
    if any(one.inbound is False for one in newer):
        why = "Its answer was lost, and something else of ours stands in the conversation since: look whether that is it."
        return Verdict(MessageState.UNCLEAR, why)
    return Verdict(MessageState.FAILED, "It was not sent: its answer was lost, and the conversation has no such message.")


def broke(message: Message, error: Exception) -> Verdict:
    """Its text may hold anything: the log has it, pages get its kind."""
    why = f"An error of our own ({type(error).__name__})."
    if message.called_at:
        return _later(message, f"{why} Whether it was sent is not known yet.", 6 * AGAIN)
    return Verdict(MessageState.QUEUED, f"{why} Nothing was sent yet.", timezone.now() + 6 * AGAIN)


def ours(message: Message, said: Sequence[MessageRecord]) -> MessageRecord | None:
    """The one among these that this message became: not there before its call, ours, and word for word the same."""
    since = message.created_at - SLACK
    return next((one for one in said if _is(message, one) and (one.at is None or one.at >= since)), None)


def write(message: Message, token: uuid.UUID, verdict: Verdict) -> None:
    """Raises `Lost` where the message is no longer held."""
    forgotten = {"text": ""} if verdict.state == MessageState.SENT else {}
    with transaction.atomic():
        settled.let_go(message, token, verdict, **forgotten)
        if verdict.due_at is None:
            asking.record(message, f"message.{message.state}", outcome=message.why)
    if verdict.told:
        keeping.keep(message.connection, *verdict.told)
    if message.conversation_id is None and message.thread:
        rows = Conversation.objects.filter(connection=message.connection_id, external_id=message.thread)
        Message.objects.filter(pk=message.pk).update(conversation=rows.first())


def _is(message: Message, one: MessageRecord) -> bool:
    same = " ".join((one.text or "").split()) == " ".join(message.text.split())
    return one.inbound is False and same and one.external_id not in {*message.known, message.external_id}


def _later(message: Message, why: str, wait: timedelta) -> Verdict:
    if timezone.now() - (message.called_at or message.wanted_at) > GIVE_UP:
        return Verdict(MessageState.UNCLEAR, f"{why} It could not be found out for a day: look at the vendor's own pages.")
    return Verdict(MessageState.SENDING, why, timezone.now() + wait)


def _wait(error: Exception) -> timedelta:
    return max(AGAIN, timedelta(seconds=error.retry_after)) if isinstance(error, Busy) else 3 * AGAIN


def _vendor(message: Message) -> str:
    return message.connection.vendor_class.label
