"""What an identity's events tell of the mails that it sent for us: one that was queued has left, or never will; one came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.models import Connection, Mail, MailState
from clients.sending import landing, settling
from clients.vendors.mails import SENT, Happening

_BOUNCES = {"hard": "It came back for good", "soft": "It came back for now"}


def hear(connection: Connection, identity: str, events: Sequence[Happening]) -> None:
    """In the transaction that counts the events."""
    telling = [one for one in events if one.conversation and (one.counts == SENT or one.dropped or one.bounce)]
    if not telling:
        return
    ours = Mail.objects.filter(connection=connection, identity=identity, state=MailState.ACCEPTED)
    found = ours.filter(conversation__in={one.conversation for one in telling}).order_by("-pk")
    mails = list(found.select_related("client", "connection__agency", "test"))
    for one in telling if mails else ():
        mail = next((mail for mail in mails if _is_of(mail, one)), None)
        if mail is None:
            continue
        if one.dropped:
            mails.remove(mail)
            _dropped(mail, one)
        elif one.bounce:
            _keep(mail, why=f"{_BOUNCES.get(one.bounce, 'It came back')}, says {mail.connection.vendor_class.label}.")
        elif not mail.mailbox:
            _left(mail, one)


def _is_of(mail: Mail, one: Happening) -> bool:
    if mail.conversation != one.conversation:
        return False
    if one.queued:
        return mail.pending == one.queued
    return one.bounce != "" or (one.line is not None and mail.message == one.line.external_id)


def _left(mail: Mail, one: Happening) -> None:
    _keep(mail, why="", mailbox=one.mailbox, message=one.line.external_id if one.line else "", leaves_at=None, finished_at=one.at)
    landing.look_soon(mail)


def _dropped(mail: Mail, one: Happening) -> None:
    why = f"{mail.connection.vendor_class.label} had queued it and does not send it after all ({one.dropped})."
    _keep(mail, state=MailState.REJECTED, why=why[:300], leaves_at=None)
    settling.record(mail)


def _keep(mail: Mail, **values: Any) -> None:
    for name, value in values.items():
        setattr(mail, name, value)
    mail.save(update_fields=list(values))
