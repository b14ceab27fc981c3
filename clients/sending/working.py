"""One mail on its way: claim → write down that its call leaves → call once with the stored key → write down what came of it.

A worker that dies, or an answer that is lost, is followed by the same call with the same key: the vendor answers it again and
sends nothing twice. A day after the first such call the key is worth nothing any more: then nothing is sent, and the truth is
looked for in the vendor's conversations. No HTTP happens inside a transaction.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from agency.secrets import Unreadable
from clients import leases
from clients.calling import open_vendor
from clients.models import Mail, MailState
from clients.sending import identities, settling
from clients.sending.settling import Verdict
from clients.settled import settled
from clients.vendors.base import Vendor
from clients.vendors.errors import VendorError
from clients.vendors.mails import Letter, Receipt

#: Vendors keep a key for a day; clocks differ, and a call takes a while.
KEY_LIVES = timedelta(hours=24) - timedelta(minutes=20)


def send(mail_id: int) -> Mail | None:
    """Takes the mail as far as it goes now. None when another worker has it, or when it is not due."""
    token = leases.take(Mail.objects.due().filter(pk=mail_id))
    if token is None:
        return None
    mail = Mail.objects.select_related("connection__agency", "client", "test").get(pk=mail_id)
    find, write = partial(_verdict, mail, token), partial(settling.write, mail, token)
    return settled(mail, find, write, partial(settling.broke, mail))


def _verdict(mail: Mail, token: uuid.UUID) -> Verdict:
    if mail.called_at is None and (why := settling.hindrance(mail)):
        return Verdict(MailState.FAILED, why)
    try:
        with open_vendor(mail.connection) as vendor:
            if mail.called_at and timezone.now() - mail.called_at > KEY_LIVES:
                return settling.traced(mail, vendor)
            return _called(mail, token, vendor)
    except (VendorError, Unreadable) as error:
        # Nothing of it has left by this try: no vendor to ask, or no key that can be read.
        return settling.unasked(mail, error)


def _called(mail: Mail, token: uuid.UUID, vendor: Vendor) -> Verdict:
    """From here on nothing is raised but `Lost`: the call may have been carried out."""
    before = mail.called_at
    called = {"called_at": Coalesce(F("called_at"), Now()), "attempts": F("attempts") + 1}
    leases.renew(Mail, mail.pk, token, state=MailState.SENDING, **called)
    mail.refresh_from_db(fields=["called_at", "attempts", "state"])
    try:
        receipt = vendor.send(mail.identity, _letter(mail), mail.key)
    except VendorError as error:
        return settling.unanswered(mail, error, first=before is None)
    _note(mail, receipt)
    return settling.answered(mail, receipt)


def _note(mail: Mail, receipt: Receipt) -> None:
    identities.note(mail.connection_id, mail.identity, receipt)


def _letter(mail: Mail) -> Letter:
    return Letter(mail.to, mail.subject, mail.text, mail.html, mail.reply_to)
