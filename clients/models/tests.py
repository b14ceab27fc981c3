"""Placement tests: mails that a vendor sends from an agency's senders to its seeds, and what it found out about each."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from agency.models import Membership
from clients.models.accounts import Client, Connection
from clients.models.placement import MailboxProvider


class Workspace(models.Model):
    """A client workspace that a connection's key may act for. `external_id` is what a scope of kind 'workspace' holds."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="workspaces")
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "external_id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="workspace_once")]

    def __str__(self) -> str:
        return self.name or self.external_id


class TestKind(models.TextChoices):
    __test__ = False  # nothing that pytest should collect

    ONCE = "once", "One-time"
    AUTOMATED = "automated", "Automated"


class TestStatus(models.TextChoices):
    """A number that the vendor has not explained stands in the column as it came."""

    __test__ = False

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"


class PlacementTestQuerySet(models.QuerySet["PlacementTest"]):
    def visible_to(self, member: Membership) -> Self:
        """A test belongs to those of whose senders one is in it."""
        mine = self.filter(connection__agency_id=member.agency_id)
        return mine.filter(parts__client__viewers=member).distinct() if member.role == "viewer" else mine

    def of_client(self, client: Client) -> Self:
        return self.filter(models.Exists(TestSender.objects.filter(test=models.OuterRef("pk"), client=client)))


class PlacementTest(models.Model):
    """As the vendor last described it. What is read of it hangs on `settled`: such a test is not read again until the list
    of tests shows that it changed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="tests")
    external_id = models.CharField(max_length=64)
    workspace = models.CharField(max_length=64, blank=True)  # '' for the key's own
    name = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=1000, blank=True)
    kind = models.CharField(max_length=12, choices=TestKind)
    status = models.CharField(max_length=20, choices=TestStatus)
    not_sending = models.CharField(max_length=60, blank=True)  # the vendor's word for why it does not send
    senders = models.JSONField(default=list)  # e-mails, in lower case
    seeds = models.IntegerField(default=0)  # addresses that each sender writes to
    expected = models.IntegerField(default=0)  # mails that one run sends, seeds × senders: the N of 'n of N in'
    created_at = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)  # schedule, seed groups, automations: what we don't model, without the mail's text
    # What we know of its rows.
    stirred_at = models.DateTimeField(default=timezone.now)  # since when more may be on its way
    read_at = models.DateTimeField(null=True)  # when its rows were last read to their end
    read_to = models.DateField(null=True)  # and the newest day among them
    settled = models.BooleanField(default=False)
    # Why its reports could not be read, until they are; a settled test is open for them alone.
    unreported = models.CharField(max_length=300, blank=True)
    rows = models.IntegerField(default=0)
    foreign = models.IntegerField(default=0)  # rows of senders that are not in the test; they count nowhere
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    objects: ClassVar = PlacementTestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="test_once")]
        indexes: ClassVar = [models.Index(fields=["connection", "-created_at"], name="test_connection_created")]

    def __str__(self) -> str:
        return self.name or "(no name)"

    @property
    def is_outside(self) -> bool:
        """Its vendor sends nothing for it: whoever writes its code to its seeds is in it."""
        return bool(self.raw.get("recipients"))


def sender_ref(workspace: str, email: str) -> str:
    """The external id of a sender: its address, after the workspace where it is not the key's own. Two may have the same."""
    return f"{workspace}:{email}"[:255] if workspace else email[:255]


class TestSender(models.Model):
    """A sender that is in a test, whose it is, and whether anything is known of it: without rows it is silent."""

    __test__ = False

    test = models.ForeignKey(PlacementTest, on_delete=models.CASCADE, db_index=False, related_name="parts")
    email = models.CharField(max_length=320)
    sender_ref = models.CharField(max_length=255)  # `Sender.external_id`, where there is such a sender
    domain = models.CharField(max_length=255, blank=True)
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")  # null: unassigned
    rows = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["test", "email"], name="test_sender_once")]
        indexes: ClassVar = [models.Index(fields=["client", "test"], name="test_sender_client")]

    def __str__(self) -> str:
        return self.email


class TestRecord(models.TextChoices):
    __test__ = False

    SENT = "sent", "Sent"
    RECEIVED = "received", "Received"


class TestMail(models.Model):
    """One mail of a test, as sent or as received: the vendor has a row for each. Null is 'not said', or not decided yet.

    As with `Broadcast`, its foreign key is no constraint of the database.
    """

    __test__ = False

    test = models.ForeignKey(PlacementTest, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="mails")
    external_id = models.CharField(max_length=64)
    record = models.CharField(max_length=10, choices=TestRecord)
    at = models.DateTimeField()
    day = models.DateField()  # of the run it belongs to, which may have begun on the day before `at`
    sender_email = models.CharField(max_length=320)
    recipient_email = models.CharField(max_length=320, blank=True)
    mailbox_provider = models.CharField(max_length=20, choices=MailboxProvider)
    provider_raw = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=60, blank=True)
    is_spam = models.BooleanField(null=True)
    has_category = models.BooleanField(null=True)
    spf = models.BooleanField(null=True)
    dkim = models.BooleanField(null=True)
    dmarc = models.BooleanField(null=True)
    headers = models.JSONField(null=True)  # of a mail that failed authentication: {name: raw header}

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["test", "external_id"], name="test_mail_once")]

    def __str__(self) -> str:
        return f"{self.record} {self.sender_email} {self.at:%F}"


class TestReport(models.Model):
    """What blacklists and SpamAssassin say of one sending domain in one run. A count that is null was not looked up."""

    __test__ = False

    test = models.ForeignKey(PlacementTest, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="reports")
    external_id = models.CharField(max_length=64)
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    domain = models.CharField(max_length=255)
    ip = models.CharField(max_length=45, blank=True)
    domain_blacklists = models.IntegerField(null=True)
    ip_blacklists = models.IntegerField(null=True)
    spam_score = models.FloatField(null=True)  # SpamAssassin's, higher is worse
    #: {"rules": [{name, description, score}], "lists": [{blacklist, listed, kind}], "is_spam": true | false | null}
    details = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["test", "external_id"], name="test_report_once")]

    def __str__(self) -> str:
        return f"{self.domain} {self.spam_score}"
