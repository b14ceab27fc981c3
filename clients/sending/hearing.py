"""What an identity's events tell of the mails that it sent for us: one that was queued has left, or never will; one came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from clients.models import Connection, Mail, MailState, Purpose
from clients.sending import landing, settling
from clients.vendors.mails import SENT, Happening

#: That the vendor's may be behind ours.
CLOCKS = timedelta(minutes=5)
#: How what is told of one begins that came back.
CAME_BACK = "It came back"
_BOUNCES = {"hard": f"{CAME_BACK} for good", "soft": f"{CAME_BACK} for now"}


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
            _keep(mail, why=f"{_BOUNCES.get(one.bounce, CAME_BACK)}, says {mail.connection.vendor_class.label}.")
        elif not mail.mailbox:
            _left(mail, one)


def without_probes(connection: Connection, identity: str, events: Sequence[Happening]) -> list[Happening]:
    """What the identity did for its client: not its probes, nor what came back to them.

    Of a probe whose answer is not written down yet only the recipient is known."""
    if not any(one.counts for one in events):
        return list(events)
    probes = Mail.objects.filter(connection=connection, identity=identity, purpose=Purpose.PROBE)
    told = probes.filter(conversation__in={one.conversation for one in events} - {""})
    conversations = set(told.values_list("conversation", flat=True))
    untold = probes.filter(conversation="", state__in=(MailState.SENDING, MailState.UNCLEAR))
    begun = {to.lower(): at for to, at in untold.values_list("to", "created_at")}

    def is_probe(one: Happening) -> bool:
        since = begun.get(one.recipient) if one.counts == SENT else None
        return one.conversation in conversations or (since is not None and one.at >= since - CLOCKS)

    return [one for one in events if not is_probe(one)]


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
