"""What people ask for: mails now or at a time of the recipient's day, taken back, tried again. Nothing here calls a vendor."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from agency import audit, zones
from agency.models import User
from agency.queue import announce
from clients.models import Client, Mail, MailState, PlacementTest, Purpose
from clients.models.sending import WAITING
from clients.sending.identities import Identity

type By = HttpRequest | None

#: Nobody plans a mail further ahead.
FARTHEST = timedelta(days=365)
#: Of one step: more is a campaign, and no vendor's API is one.
MOST = 100


class NotNow(Exception):
    """The text says why."""


class Time(NamedTuple):
    """When a mail is to leave, and in whose local time that was said."""

    at: datetime
    zone: str


@dataclass(frozen=True)
class Draft:
    """What a person asks for: the same mail to each recipient, now or at the times of `times`, by recipient."""

    identity: Identity
    to: Sequence[str]
    subject: str
    text: str
    html: str = ""
    reply_to: str = ""  # the vendor's id of the conversation it answers, of its one recipient
    times: Mapping[str, Time] = field(default_factory=dict)
    reason: str = ""
    purpose: Purpose = Purpose.LETTER
    test: PlacementTest | None = None  # that it is written for


def ask(client: Client, draft: Draft, batch: uuid.UUID, by: By) -> list[Mail]:
    """The mails of this batch, each with its key; asked for again, the batch is as it was. Raises NotNow."""
    if client.is_archived:
        raise NotNow(f"{client} is archived: restore it first.")
    now = timezone.now()
    with transaction.atomic():
        # Of two who press at once, the second waits here and finds the first one's rows.
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if known := list(_of(client, batch)):
            if not _is_same(known, draft):
                raise NotNow("From this form another mail was sent already: open a new one and write it there.")
            return known
        Mail.objects.bulk_create([_row(client, draft, to, batch, by, now) for to in draft.to])
        made = list(_of(client, batch))
        _record(by, "mail.asked", client, made)
        if not draft.times:
            for mail in made:
                announce("clients.send_mail", mail.pk)
    return made


def _is_same(known: Sequence[Mail], draft: Draft) -> bool:
    first, sender, test = known[0], draft.identity, draft.test.pk if draft.test else None
    times = {mail.to: Time(mail.wanted_at, mail.zone) for mail in known if mail.zone}
    if {mail.to for mail in known} != set(draft.to) or times != dict(draft.times):
        return False
    was = (first.identity, first.subject, first.text, first.html, first.reply_to, first.purpose, first.test_id)
    asked = (sender.handle, draft.subject, draft.text, draft.html, draft.reply_to, draft.purpose, test)
    return first.connection_id == sender.connection.pk and was == asked


def cancel(mail: Mail, by: By) -> None:
    """Raises NotNow where it has left, or may have."""
    with transaction.atomic():
        waiting = Mail.objects.filter(pk=mail.pk, state__in=WAITING).unclaimed()
        if not waiting.update(state=MailState.CANCELLED, finished_at=timezone.now(), why=_by(by)):
            raise NotNow("It is on its way already, or over: it can't be taken back.")
        _record(by, "mail.cancelled", mail.client, [mail])


def again(mail: Mail, by: By) -> None:
    """A mail that surely did not leave, once more under a new key. Raises NotNow."""
    with transaction.atomic():
        failed = Mail.objects.filter(pk=mail.pk, state=MailState.FAILED, called_at=None)
        values = {
            "finished_at": None,
            "why": "",
            "attempts": 0,
            "key": mint(),
            "due_at": timezone.now(),
            "wanted_at": timezone.now(),
        }
        if not failed.update(state=MailState.QUEUED, **values):
            raise NotNow("It may have left: it is not sent again.")
        _record(by, "mail.retried", mail.client, [mail])
        announce("clients.send_mail", mail.pk)


def at(moment: str, zone: str) -> Time:
    """A local time in a zone; of one that comes twice there, the first. Raises NotNow for one that there is not, or that is no
    good."""
    try:
        where = zoneinfo.ZoneInfo(zone)
        said = datetime.fromisoformat(moment)
        local = said.replace(tzinfo=where)
        there = local.astimezone(UTC)
    except (ValueError, OverflowError, zoneinfo.ZoneInfoNotFoundError):
        raise NotNow("That is no time, or no timezone.") from None
    # As ISO writes a day alone.
    if len(moment.strip()) <= len("2026-11-22"):
        raise NotNow("That is a day without a time.")
    if said.tzinfo:
        raise NotNow("That time says how far it is from UTC. Give it by the clocks of the timezone alone.")
    if there.astimezone(where).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NotNow(f"In {zones.spoken(zone)} the clocks are put forward over that time: there is none. Choose another.")
    if there <= timezone.now():
        raise NotNow(f"In {zones.spoken(zone)} that time is over.")
    if there > timezone.now() + FARTHEST:
        raise NotNow("That is more than a year ahead.")
    return Time(there, zone)


def mint() -> str:
    """A key that no other mail has: visible ASCII, which is what vendors take."""
    return f"inboxdeck:{uuid.uuid4()}"


def _row(client: Client, draft: Draft, to: str, batch: uuid.UUID, by: By, now: datetime) -> Mail:
    time = draft.times.get(to)
    return Mail(
        client=client,
        connection=draft.identity.connection,
        identity=draft.identity.handle,
        batch=batch,
        purpose=draft.purpose,
        to=to,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        reply_to=draft.reply_to,
        test=draft.test,
        key=mint(),
        user=by.user if by and isinstance(by.user, User) else None,
        actor=_by(by),
        reason=draft.reason,
        state=MailState.SCHEDULED if time else MailState.QUEUED,
        zone=time.zone if time else "",
        created_at=now,
        wanted_at=time.at if time else now,
        due_at=time.at if time else now,
    )


def _of(client: Client, batch: uuid.UUID):  # type: ignore[no-untyped-def]
    return Mail.objects.filter(client=client, batch=batch).select_related("client", "connection").order_by("pk")


def _by(by: By) -> str:
    return str(by.user)[:254] if by else "a command at the terminal"


def _record(by: By, action: str, client: Client, mails: Sequence[Mail]) -> None:
    """Whom and from whom; not what was written, which is the mail's own row's to keep."""
    first = mails[0]
    said = {
        "identity": first.identity,
        "to": [mail.to for mail in mails],
        "subject": first.subject,
        **({"at": _times(mails)} if first.state == MailState.SCHEDULED else {}),
    }
    audit.record(
        by, action, first.subject or f"a reply to {first.to}", agency=client.agency, subject=client.uuid, after=said,
        reason=first.reason, page=("mail", first.uuid),
    )  # fmt: skip


def _times(mails: Sequence[Mail]) -> str:
    """'2026-11-23 08:00 UTC', or the first and the last."""
    ends = sorted({min(mail.wanted_at for mail in mails), max(mail.wanted_at for mail in mails)})
    return " to ".join(f"{moment:%Y-%m-%d %H:%M} UTC" for moment in ends)
