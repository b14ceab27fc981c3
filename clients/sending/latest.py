"""What is last known of mails, in a word each: a vendor that took one may have sent it since, and it may have landed, come back
or been answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from clients.models import Conversation, Mail, MailState, Purpose, TestMail, TestRecord
from clients.sending import wording
from clients.sending.hearing import CAME_BACK
from clients.sending.landing import landed

#: More is told of a mail for so long after it was taken.
FOLLOWED = timedelta(days=1)


class Latest(NamedTuple):
    word: str
    tone: str
    more: bool = False  # more is to come, as far as anybody knows


def of(mails: Sequence[Mail]) -> dict[int, Latest]:
    """By key. Two queries at most, for however many."""
    taken = [mail for mail in mails if mail.state == MailState.ACCEPTED]
    answered, seen = _answered(taken), _seen(taken)
    return {mail.pk: _of(mail, mail.pk in answered, seen.get((mail.test_id, mail.to.lower()))) for mail in mails}


def _of(mail: Mail, answered: bool, seen: TestMail | None) -> Latest:
    if mail.state != MailState.ACCEPTED:
        return Latest(wording.state(mail), wording.TONES[mail.state], mail.is_open)
    if mail.why.startswith(CAME_BACK):
        return Latest("Came back", "bad")
    if seen:
        words, tone = landed(seen)
        return Latest(words.rstrip("."), tone, seen.is_spam is None)
    if answered:
        return Latest("Answered", "good")
    fresh = mail.created_at > timezone.now() - FOLLOWED
    if mail.pending and not mail.mailbox:
        return Latest(wording.state(mail), "", more=True)
    return Latest("Sent", "good", more=fresh and mail.purpose == Purpose.PROBE)


def _answered(mails: Sequence[Mail]) -> set[int]:
    """Those whose conversation the other side spoke in since."""
    asked = [mail for mail in mails if mail.conversation and mail.purpose != Purpose.PROBE]
    if not asked:
        return set()
    rows = Conversation.objects.filter(
        Q(replied_at__isnull=False) | Q(last_inbound=True),
        connection__in={mail.connection_id for mail in asked},
        external_id__in={mail.conversation for mail in asked},
    )
    spoke = {
        (connection, named): max(at for at in (replied, last if inbound else None) if at)
        for connection, named, replied, last, inbound in rows.values_list(
            "connection", "external_id", "replied_at", "last_at", "last_inbound"
        )
        if replied or (inbound and last)
    }
    return {mail.pk for mail in asked if (at := spoke.get((mail.connection_id, mail.conversation))) and at >= mail.created_at}


def _seen(mails: Sequence[Mail]) -> dict[tuple[int | None, str], TestMail]:
    """Test and recipient → the mail as it was received."""
    tests = {mail.test_id for mail in mails if mail.test_id and mail.purpose == Purpose.PROBE}
    if not tests:
        return {}
    rows = TestMail.objects.filter(test__in=tests, record=TestRecord.RECEIVED).order_by("at", "pk")
    return {(row.test_id, row.recipient_email.lower()): row for row in rows}
