"""Mails of placement tests that came, and of which the vendor has not said where they landed: how long it is asked again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from clients.models import PlacementTest, TestKind, TestMail, TestRecord, TestSender

#: Verdicts come within hours; after so long none comes.
PATIENCE = timedelta(days=3)


def since(test: PlacementTest) -> date | None:
    """The day from which on an automated test is read again: that of its newest run, or of one before whose verdicts are waited
    for. None of a one-time test, and of one that was never read to its end: all of it. One query."""
    if test.kind != TestKind.AUTOMATED or test.read_to is None:
        return None
    own = TestSender.objects.filter(test=test).values("email")
    waiting = TestMail.objects.filter(test=test, record=TestRecord.RECEIVED, is_spam=None, sender_email__in=own)
    recent = waiting.filter(day__gte=(timezone.now() - PATIENCE).date())
    oldest: date | None = recent.aggregate(day=Min("day"))["day"]
    return min(oldest, test.read_to) if oldest else test.read_to


def may_come(test: PlacementTest, newest: datetime | None, *, again: bool) -> bool:
    """Whether those are worth asking for that are not in. `newest`: its newest mail; `again`: a second reading said the same, of
    which there is always one."""
    now = timezone.now()
    if now - max(filter(None, (newest, test.stirred_at))) <= PATIENCE:
        return True
    return not again and now - test.first_seen <= PATIENCE
