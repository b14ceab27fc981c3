"""What vendors measured: senders, seeds, broadcasts, and where their mail landed; with the roll-ups pages read."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from clients.models.accounts import Client, Connection


class MailboxProvider(models.TextChoices):
    GMAIL = "gmail", "Gmail"
    GOOGLE_WORKSPACE = "google_workspace", "Google Workspace"
    YAHOO = "yahoo", "Yahoo"
    HOTMAIL = "hotmail", "Hotmail"
    OUTLOOK = "outlook", "Outlook"
    MICROSOFT_365 = "microsoft_365", "Microsoft 365"
    WEB_DE = "web_de", "Web.de"
    LIBERO = "libero", "Libero"
    OTHER = "other", "Other"


#: In roll-ups, the row of all mailbox providers together: a vendor gives totals before it gives the split.
ALL_PROVIDERS = "all"


class Sender(models.Model):
    """A sending identity as the vendor last described it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="senders")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="senders")  # null: unassigned
    conflict = models.BooleanField(default=False)  # two scopes claim it for two clients
    external_id = models.CharField(max_length=255)
    email = models.CharField(max_length=320)
    name = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=40, blank=True)
    preset = models.CharField(max_length=40, blank=True)
    # The seven engagement percentages; null where the vendor did not say.
    open = models.SmallIntegerField(null=True)
    scroll_down = models.SmallIntegerField(null=True)
    spam_to_inbox = models.SmallIntegerField(null=True)
    promo_to_inbox = models.SmallIntegerField(null=True)
    mark_important = models.SmallIntegerField(null=True)
    reply = models.SmallIntegerField(null=True)
    click_link = models.SmallIntegerField(null=True)
    seed_count = models.IntegerField(null=True)
    created_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="sender_once")]
        indexes: ClassVar = [
            models.Index(fields=["client", "domain"], name="sender_client_domain"),
            models.Index(fields=["connection", "email"], name="sender_connection_email"),
        ]

    def __str__(self) -> str:
        return self.email


class SenderTag(models.Model):
    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["sender", "name"], name="sender_tag_once")]
        indexes: ClassVar = [models.Index(fields=["name"], name="sender_tag_name")]

    def __str__(self) -> str:
        return self.name


class Seed(models.Model):
    """A monitored mailbox. Seeds belong to the account, whichever clients it serves."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seeds")
    email = models.CharField(max_length=320)
    mailbox_provider = models.CharField(max_length=20, choices=MailboxProvider)
    provider_raw = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(null=True)
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "email"], name="seed_once")]

    def __str__(self) -> str:
        return self.email


class Broadcast(models.Model):
    """One mailing that reached seeds. Counts are mails; `missing` is null where the vendor can't know."""

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="broadcasts")
    client = models.ForeignKey(
        Client, null=True, on_delete=models.SET_NULL, db_index=False, related_name="broadcasts"
    )  # null: unassigned
    external_id = models.CharField(max_length=255)
    subject = models.CharField(max_length=1000, blank=True)
    from_email = models.CharField(max_length=320, blank=True)
    domain = models.CharField(max_length=255, blank=True)
    sender_ref = models.CharField(max_length=255, blank=True)  # the vendor's id of its sender, where given
    day = models.DateField()
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)
    split_stale = models.BooleanField(default=True)  # its counts changed since its placements were read
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="broadcast_once")]
        indexes: ClassVar = [
            models.Index(fields=["connection", "day"], name="broadcast_connection_day"),
            models.Index(fields=["client", "-day", "-id"], name="broadcast_client_day"),
            models.Index(fields=["uuid"], name="broadcast_uuid"),
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"


class Placement(models.Model):
    """Where one broadcast landed at one mailbox provider, in mails."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="placements", db_index=False)
    mailbox_provider = models.CharField(max_length=20, choices=MailboxProvider)
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["broadcast", "mailbox_provider"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.mailbox_provider}: {self.received}"


class PlacementDay(models.Model):
    """Roll-up: a client's mail of one day, from one domain, through one connection, at one mailbox provider.

    `mailbox_provider` is `ALL_PROVIDERS` in the row of the broadcasts' own totals: sum either those, or the others.
    Kept by `clients.rollups`; nothing else writes here.
    """

    agency = models.ForeignKey("agency.Agency", on_delete=models.CASCADE, db_index=False, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, db_index=False, related_name="+")  # null: unassigned
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    mailbox_provider = models.CharField(max_length=20)
    domain = models.CharField(max_length=255, blank=True)
    broadcasts = models.IntegerField()
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "day", "client", "domain", "mailbox_provider"], name="placement_day_once"
            ),
            models.UniqueConstraint(
                fields=["connection", "day", "domain", "mailbox_provider"],
                condition=models.Q(client=None),
                name="placement_day_unassigned_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "day"], name="placement_day_client")]

    def __str__(self) -> str:
        return f"{self.day} {self.mailbox_provider} {self.received}"


class ClientDay(models.Model):
    """Roll-up of `PlacementDay` over domains and connections: what the Overview and a client's headline read."""

    agency = models.ForeignKey("agency.Agency", on_delete=models.CASCADE, db_index=False, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    mailbox_provider = models.CharField(max_length=20)
    broadcasts = models.IntegerField()
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "day", "mailbox_provider"], name="client_day_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["agency", "mailbox_provider", "day"],
                include=["client", "received", "primary", "promotions", "spam", "missing"],
                name="client_day_agency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.mailbox_provider} {self.received}"
