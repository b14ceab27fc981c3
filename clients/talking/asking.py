"""What people ask for: a reply, a first message, taken back, tried again. Nothing here calls a vendor."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from agency import audit
from agency.models import User
from agency.queue import announce
from clients.models import Client, Conversation, Message, MessageState, Sender
from clients.talking import reading

TASK = "clients.send_message"
ONE_AT_A_TIME = "A message to them is on its way: wait until it has ended."


class NotNow(Exception):
    """The text says why."""


@dataclass(frozen=True)
class First:
    """Whom a conversation is begun with, and from which account."""

    sender: Sender
    kind: str  # one of the vendor's `person_kinds`
    person: str
    to: str  # as people call them


def reply(row: Conversation, client: Client, text: str, nonce: uuid.UUID, by: HttpRequest) -> Message:
    """Raises NotNow."""
    if row.gone_at:
        raise NotNow("The vendor has this conversation no more.")
    values = {"conversation": row, "thread": row.external_id, "to": str(row.prospect or "nobody we know")}
    return _ask(client, _of(row), "reply", f"thread {row.external_id}", text, nonce, by, values)


def begin(client: Client, first: First, text: str, nonce: uuid.UUID, by: HttpRequest) -> Message:
    """Raises NotNow."""
    target = f"{first.sender.external_id} {first.kind} {first.person}"
    values = {"kind": first.kind, "person": first.person, "to": first.to[:255]}
    return _ask(client, first.sender, "begin", target, text, nonce, by, values)


def cancel(message: Message, by: HttpRequest) -> None:
    """Raises NotNow where it has left, or may have."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, state=MessageState.QUEUED).unclaimed()
        values = {"finished_at": timezone.now(), "why": "", "text": ""}
        if not waiting.update(state=MessageState.CANCELLED, **values):
            raise NotNow("It is on its way already, or over: it can't be taken back.")
        record(message, "message.cancelled", by)


def again(message: Message, by: HttpRequest) -> None:
    """One that was not sent. Whether an earlier try arrived after all is looked at first. Raises NotNow."""
    now = timezone.now()
    values = {"state": MessageState.QUEUED, "finished_at": None, "why": "", "wanted_at": now, "due_at": now, "called_at": None}
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=message.client_id)
        if _others(message.connection_id, message.target):
            raise NotNow(ONE_AT_A_TIME)
        if not Message.objects.filter(pk=message.pk, state=MessageState.FAILED).update(**values):
            raise NotNow("It is on its way, or may have arrived: it is not sent again.")
        record(message, "message.retried", by)
        announce(TASK, message.pk)


def record(message: Message, action: str, by: HttpRequest | None = None, outcome: str = "") -> None:
    """Whom and from whom; not what was written."""
    after = {"to": message.to, "from": message.sender.email if message.sender else message.sender_ref}
    after |= {"outcome": outcome} if outcome else {}
    audit.record(
        by, action, message.to, agency=message.client.agency, subject=message.client.uuid, after=after,
        user=message.user, actor=message.actor, page=("message", message.uuid),
    )  # fmt: skip


def _ask(
    client: Client, sender: Sender, act: str, target: str, text: str, nonce: uuid.UUID, by: HttpRequest, values: dict[str, Any]
) -> Message:
    if client.is_archived:
        raise NotNow(f"{client} is archived: restore it first.")
    if why := reading.barred(sender.connection, act):
        raise NotNow(why)
    if why := reading.signed_out(sender, sender.connection):
        raise NotNow(why)
    with transaction.atomic():
        # Of two who press at once, the second waits here and finds the first one's row.
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if known := Message.objects.filter(nonce=nonce, client=client).first():
            return known
        if _others(sender.connection_id, target):
            raise NotNow(ONE_AT_A_TIME)
        made = Message.objects.create(
            client=client, connection=sender.connection, sender=sender, sender_ref=sender.external_id, nonce=nonce, target=target,
            text=text, user=by.user if isinstance(by.user, User) else None, actor=str(by.user)[:254], **values,
        )  # fmt: skip
        record(made, "message.asked", by)
        announce(TASK, made.pk)
    return made


def _others(connection_id: int, target: str) -> bool:
    return Message.objects.on_its_way().filter(connection=connection_id, target=target).exists()


def _of(row: Conversation) -> Sender:
    """Raises NotNow for one whose sender is not known, and whose client so is not either."""
    if row.sender is None:
        raise NotNow("Its account has not been read yet.")
    return row.sender
