"""Mails that are sent through a vendor, one row for each recipient; and what an identity may still send today."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agency.models import Agency, Membership, User
from clients.models.accounts import Client, Connection, Health
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.tests import PlacementTest


class MailState(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    QUEUED = "queued", "Waiting"  # to be sent now, or after midnight where the day's cap was full
    SENDING = "sending", "Being sent"  # its call has left at least once, and no answer is written down
    ACCEPTED = "accepted", "Taken by the vendor"
    REJECTED = "rejected", "Rejected"
    FAILED = "failed", "Failed"
    UNCLEAR = "unclear", "Not known"  # no answer while its key was good, and no trace since: a person must look
    CANCELLED = "cancelled", "Cancelled"


#: Nothing of it has left: it can be taken back.
WAITING = (MailState.SCHEDULED, MailState.QUEUED)
OPEN = (*WAITING, MailState.SENDING)
OVER = tuple(state for state in MailState if state not in OPEN)


class Purpose(models.TextChoices):
    LETTER = "letter", "A mail"
    REPLY = "reply", "A reply"
    PROBE = "probe", "A placement probe"


class MailQuerySet(LeasedQuerySet["Mail"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(client__agency=agency)

    def visible_to(self, member: Membership) -> Self:
        return self.filter(client__in=Client.objects.visible_to(member))

    def due(self) -> Self:
        """Past their time, of an account that may be asked, for a client that is not archived."""
        found = self.unclaimed().filter(state__in=OPEN, due_at__lte=timezone.now())
        may = {"connection__health": Health.OK, "connection__removed_at": None, "client__archived_at": None}
        return found.filter(**may).order_by("due_at", "pk")

    def asked_again(self, connection: Connection) -> int:
        """A person asks a vendor that has said 'not before': what only waits for that goes on now, one call first."""
        now = timezone.now()
        waiting = self.unclaimed().filter(connection=connection, state__in=OPEN, wanted_at__lte=now, due_at__gt=now)
        return waiting.update(due_at=now)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Mail(Leased):
    """One mail to one recipient. `key` is minted with the row, before any call: the vendor carries out its first call alone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_index=False, related_name="mails")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="mails")
    batch = models.UUIDField()  # what was asked for in one step; pressed twice it is still one
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.LETTER)
    identity = models.CharField(max_length=254)  # a handle
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=300, blank=True)  # of a reply: as the conversation has it
    text = models.TextField()
    html = models.TextField(blank=True)
    reply_to = models.CharField(max_length=64, blank=True)  # the vendor's id of the conversation it answers
    test = models.ForeignKey(PlacementTest, null=True, on_delete=models.SET_NULL, related_name="probes")  # that it is written for
    key = models.CharField(max_length=80, unique=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # as they were called then
    reason = models.CharField(max_length=500, blank=True)

    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    why = models.CharField(max_length=300, blank=True)  # in words a person can act on
    zone = models.CharField(max_length=60, blank=True)  # in whose local time it was scheduled
    created_at = models.DateTimeField(default=timezone.now)
    wanted_at = models.DateTimeField(default=timezone.now)  # when it was to go out, as it was asked for
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    called_at = models.DateTimeField(null=True)  # the first call whose answer is not known: the key is good for a day from here
    finished_at = models.DateTimeField(null=True)

    message = models.CharField(max_length=255, blank=True)  # the vendor's ids
    conversation = models.CharField(max_length=64, blank=True)
    pending = models.CharField(max_length=64, blank=True)
    mailbox = models.CharField(max_length=320, blank=True)  # the address that the recipient sees
    leaves_at = models.DateTimeField(null=True)  # of a vendor that queues: when it means to let it go

    objects: ClassVar = MailQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "batch", "to"], name="mail_once_in_batch"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_known"),
            models.CheckConstraint(condition=Q(state__in=OPEN) | Q(finished_at__isnull=False), name="mail_over_has_an_end"),
        ]
        indexes: ClassVar = [
            models.Index(F("client"), F("created_at").desc(), name="mail_client_created"),
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN), name="mail_due"),
        ]

    def __str__(self) -> str:
        return f"{self.identity} → {self.to}: {self.subject}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Allowance(models.Model):
    """What an identity may send in a day, and what was left of it when the vendor last said so."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="allowances")
    identity = models.CharField(max_length=254)
    daily_cap = models.PositiveIntegerField(null=True)
    remaining = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "identity"], name="allowance_once")]

    def __str__(self) -> str:
        return f"{self.identity}: {self.remaining} of {self.daily_cap}"

    @property
    def left(self) -> int | None:
        """By now: the vendor counts anew at midnight UTC. None where it was never told."""
        return self.daily_cap if self.told_at < midnight(timezone.now()) - timedelta(days=1) else self.remaining


def midnight(now: datetime) -> datetime:
    """The next one, UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


class Position(models.Model):
    """How far an identity's stream of events has been counted. It moves in the transaction of the counts."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="positions")
    identity = models.CharField(max_length=254)
    seq = models.BigIntegerField(default=0)
    talks_to = models.DateTimeField(null=True)  # what stirred in its conversations before has been read

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "identity"], name="position_once")]

    def __str__(self) -> str:
        return f"{self.identity}: {self.seq}"
