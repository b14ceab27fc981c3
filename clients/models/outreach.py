"""Outreach: the campaigns that vendors send, what became of their mail day by day, and warmup, which is something else."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agency.models import Membership
from clients.models.accounts import Client, Connection


class CampaignStatus(models.TextChoices):
    """A number that the vendor has not explained stands in the column as it came."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    SUBSEQUENCES = "subsequences", "Running subsequences"
    UNHEALTHY = "unhealthy", "Stopped: accounts unhealthy"
    BOUNCE_PROTECT = "bounce_protect", "Stopped: too many bounces"
    SUSPENDED = "suspended", "Stopped: account suspended"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, member: Membership) -> Self:
        """A viewer sees those of the clients assigned; one that is nobody's, or several clients', is for the team."""
        mine = self.filter(connection__agency_id=member.agency_id)
        return mine.filter(client__viewers=member) if member.role == "viewer" else mine

    def of_client(self, client: Client) -> Self:
        return self.filter(client=client)

    def present(self) -> Self:
        return self.filter(gone_at=None)


class Campaign(models.Model):
    """As the vendor last described it. Its client is whose its senders are; `conflict` when those are several clients'."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="campaigns")
    client = models.ForeignKey(
        Client, null=True, on_delete=models.SET_NULL, db_index=False, related_name="campaigns"
    )  # null: unassigned
    conflict = models.BooleanField(default=False)
    workspace = models.CharField(max_length=64, blank=True)  # '' for the key's own
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=CampaignStatus)
    not_sending = models.CharField(max_length=60, blank=True)  # why an active one does not send, in words
    daily_limit = models.IntegerField(null=True)
    senders = models.JSONField(default=list)  # e-mails, in lower case
    sender_tags = models.JSONField(default=list)  # names of tags: whoever has one sends too
    tags = models.JSONField(default=list)  # names of its own
    schedule = models.JSONField(default=dict)  # as in clients.vendors.records.CampaignRecord
    raw = models.JSONField(default=dict)  # what we don't model, without the mail's copy
    totals = models.JSONField(default=dict)  # counts since it began, by the names of `ActivityDay`; one not said is not there
    leads = models.JSONField(default=dict)  # how many have which status, where the vendor's leads are counted; no lead is kept
    days_stale = models.BooleanField(default=True)  # its totals changed since its days were read
    created_at = models.DateTimeField(null=True)
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    objects: ClassVar = CampaignQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="campaign_once")]
        indexes: ClassVar = [models.Index(fields=["client", "name"], name="campaign_client_name")]

    def __str__(self) -> str:
        return self.name or "(no name)"


class Grain(models.TextChoices):
    """What a row of `ActivityDay` counts the day's mail by. A vendor may tell both: a sum takes the rows of one."""

    CAMPAIGN = "campaign", "Campaign"
    SENDER = "sender", "Sender"


class ActivityDayQuerySet(models.QuerySet["ActivityDay"]):
    def by(self, grain: Grain) -> Self:
        """The way into every sum: rows of one grain, that the vendor still reports."""
        return self.filter(grain=grain, campaign__isnull=grain == Grain.SENDER, gone_at=None)

    def of_client(self, client: Client) -> Self:
        return self.filter(client=client)


class ActivityDay(models.Model):
    """Outreach of one day, of one campaign or of one sender, by the vendor's day. A count is null where the vendor does not
    say: that is 'not measured', never 0. A row that is not there is a day without mail."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")  # null: unassigned
    grain = models.CharField(max_length=10, choices=Grain)
    day = models.DateField()
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.CASCADE, db_index=False, related_name="days")
    sender_ref = models.CharField(max_length=255, blank=True)  # `Sender.external_id`, where there is such a sender
    domain = models.CharField(max_length=255, blank=True)  # of the sender
    workspace = models.CharField(max_length=64, blank=True)
    sent = models.IntegerField(null=True)
    delivered = models.IntegerField(null=True)
    opened = models.IntegerField(null=True)  # indicative: machines open mail too; each recipient once, where the vendor can
    clicked = models.IntegerField(null=True)
    replied = models.IntegerField(null=True)  # by people
    replied_auto = models.IntegerField(null=True)  # out of office and the like
    positive = models.IntegerField(null=True)
    bounced = models.IntegerField(null=True)  # all of them
    bounced_hard = models.IntegerField(null=True)  # parts of `bounced`, where the vendor tells them apart
    bounced_soft = models.IntegerField(null=True)
    unsubscribed = models.IntegerField(null=True)
    gone_at = models.DateTimeField(null=True)  # the vendor no longer reports that day

    objects: ClassVar = ActivityDayQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Of a sender's day there is no campaign, and null is unequal to null.
            models.UniqueConstraint(fields=["campaign", "day"], name="activity_campaign_day_once"),
            # Not by the grain, which comes as a parameter: SQLite would never use the index.
            models.UniqueConstraint(
                fields=["connection", "sender_ref", "day"], condition=Q(campaign=None), name="activity_sender_day_once"
            ),
            models.CheckConstraint(
                condition=Q(grain="campaign", campaign__isnull=False, sender_ref="") | Q(grain="sender", campaign__isnull=True),
                name="activity_grain_fits",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "grain", "day"], name="activity_client_day")]

    def __str__(self) -> str:
        return f"{self.grain} {self.day} {self.sent}"


class OutreachDay(models.Model):
    """Roll-up of `ActivityDay` over senders: a client's outreach of one day through one connection. A count is null where no
    sender's was measured. Kept by `clients.outreach_days`; nothing else writes here."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    sent = models.IntegerField(null=True)
    delivered = models.IntegerField(null=True)
    replied = models.IntegerField(null=True)
    replied_of = models.IntegerField(null=True)  # mail sent by the senders whose replies were measured
    positive = models.IntegerField(null=True)
    bounced = models.IntegerField(null=True)
    bounced_of = models.IntegerField(null=True)
    bounced_hard = models.IntegerField(null=True)
    bounced_soft = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "client", "day"], name="outreach_day_once")]
        indexes: ClassVar = [models.Index(fields=["client", "day"], name="outreach_day_client")]

    def __str__(self) -> str:
        return f"{self.day} {self.sent}"


class WarmupDay(models.Model):
    """Warmup mail of one sender on one day: written and read by the vendor's own mailboxes, so it says nothing about where
    real mail lands and is never part of placement."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    sender_ref = models.CharField(max_length=255)  # `Sender.external_id`
    day = models.DateField()
    sent = models.IntegerField(null=True)
    received = models.IntegerField(null=True)
    inbox = models.IntegerField(null=True)
    spam = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "sender_ref", "day"], name="warmup_day_once")]

    def __str__(self) -> str:
        return f"{self.sender_ref} {self.day} {self.sent}"
