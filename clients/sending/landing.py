"""Where a probe has landed: by the rows of the accounts that watch its recipient, not by the word of who sent it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.models import Broadcast, Feed, Mail, MailboxProvider, MailState, PlacementTest, Purpose, Seed, TestMail, TestRecord
from clients.vendors import VENDORS

#: Seeds are looked into a while after a mail has arrived: what watches them is read again so soon, and then at its usual times.
SHOWS = timedelta(minutes=4)
HEARD = timedelta(seconds=30)
#: A queue may hold a mail back until the next working day, and days are the vendor's.
LATE = timedelta(days=4)


@dataclass(frozen=True)
class Landing:
    """`page`: the name of the page that has the result, and the uuid of what it shows."""

    words: str
    tone: str = ""
    page: str = ""
    uuid: uuid.UUID | None = None
    known: bool = False


def of(mail: Mail) -> Landing | None:
    """None for what is no probe, or surely never left."""
    if mail.purpose != Purpose.PROBE or mail.state not in (MailState.ACCEPTED, MailState.UNCLEAR):
        return None
    return _in_test(mail, mail.test) if mail.test else _in_broadcast(mail)


def look_soon(mail: Mail) -> None:
    """Has its identity's events read sooner than they would be, and the accounts that watch its recipient."""
    _read(Feed.objects.filter(connection=mail.connection_id, resource="streams"), HEARD)
    if mail.purpose == Purpose.PROBE:
        _read(_watching(mail), SHOWS)


def _read(feeds: QuerySet[Feed], after: timedelta) -> None:
    """One that is being read just now may be past the place."""
    soon = timezone.now() + after
    feeds.filter(Q(next_at__gt=soon) | Q(claimed_until__gt=timezone.now())).update(next_at=soon)


def _watching(mail: Mail) -> QuerySet[Feed]:
    if mail.test:
        return Feed.objects.filter(connection=mail.test.connection_id, resource="tests")
    seeded = [slug for slug, vendor in VENDORS.items() if "seeds" in vendor.feeds]
    serving = {"connection__scopes__client": mail.client_id, "connection__vendor__in": seeded}
    found = Feed.objects.filter(resource="broadcasts", connection__removed_at=None, **serving)
    return Feed.objects.filter(pk__in=found.values("pk"))


def _in_test(mail: Mail, test: PlacementTest) -> Landing:
    rows = TestMail.objects.filter(test=test, recipient_email__iexact=mail.to)
    if mail.mailbox:
        rows = rows.filter(sender_email__iexact=mail.mailbox)
    found = {row.record: row for row in rows.order_by("at", "pk")}
    words, tone = "The test knows nothing of it yet: results come with the syncs of its account.", ""
    row = found.get(TestRecord.RECEIVED)
    if row:
        words, tone = landed(row)
    elif found:
        words = "The test has seen it leave; it has not arrived yet."
    return Landing(words, tone, "test", test.uuid, known=row is not None and row.is_spam is not None)


def landed(row: TestMail) -> tuple[str, str]:
    at = MailboxProvider(row.mailbox_provider).label
    if row.is_spam is None:
        return f"Arrived at {at}; whether in spam is not said yet.", ""
    if row.is_spam:
        return f"Spam at {at}.", "bad"
    return (f"Promotions at {at}.", "look") if row.has_category else (f"Primary at {at}.", "good")


def _in_broadcast(mail: Mail) -> Landing:
    """An account of seeds counts by subject, sender and day: one of several mails has no verdict of its own."""
    if not mail.mailbox:
        return Landing("The vendor has not said yet from which mailbox it leaves: its mailing is found by that.")
    left = (mail.finished_at or mail.created_at).date()
    rows = Broadcast.objects.filter(
        client=mail.client_id, subject=mail.subject, from_email__iexact=mail.mailbox, day__range=(left, left + LATE), gone_at=None
    )  # fmt: skip
    found = rows.order_by("day", "pk").first()
    if found is None:
        return Landing("No seed has reported it yet: broadcasts come with the syncs of the seeds' account.")
    inbox = found.primary + found.promotions
    at = MailboxProvider(provider).label if (provider := _provider(mail)) else ""
    words = f"Its mailing so far: {found.received:,} received, {inbox:,} in the inbox, {found.spam:,} in spam."
    return Landing(f"{words} This one went to a seed at {at}." if at else words, page="broadcast", uuid=found.uuid, known=True)


def _provider(mail: Mail) -> str:
    seeds = Seed.objects.filter(email__iexact=mail.to, connection__scopes__client=mail.client_id)
    return seeds.values_list("mailbox_provider", flat=True).first() or ""
