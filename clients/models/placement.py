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
    workspace = models.CharField(max_length=64, blank=True)  # of several that the key may act for; '' for its own
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
    # What `clients.sender_health` notes of its mail at seeds, lately; null until the first time.
    mail_on = models.DateField(null=True)
    mail_received = models.IntegerField(null=True)
    mail_inboxed = models.IntegerField(null=True)
    mail_missing = models.IntegerField(null=True)
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
    """One mailing that reached seeds. Counts are mails; `missing` is null where the vendor can't know,
    and `undecided` (came, and where is not told: in no other count) where a vendor leaves none so.

    Its foreign keys, and those of `Placement`, are no constraints of the database, which would look each row's up one by one:
    a sixth of a sync. A row is written together with its day's roll-up, under the connection's lock, and the roll-ups' keys
    are constraints: a client or connection that is deleted meanwhile makes the whole transaction fail.
    """

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="broadcasts"
    )
    client = models.ForeignKey(
        Client, null=True, on_delete=models.SET_NULL, db_index=False, db_constraint=False, related_name="broadcasts"
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
    undecided = models.IntegerField(null=True)
    split_stale = models.BooleanField(default=True)  # its counts changed since its placements were read
    test = models.ForeignKey(
        "PlacementTest", null=True, on_delete=models.SET_NULL, db_index=False, db_constraint=False, related_name="broadcasts"
    )  # that it was worked out from: one sender on one day
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="broadcast_once")]
        indexes: ClassVar = [
            models.Index(fields=["connection", "day"], name="broadcast_connection_day"),
            models.Index(fields=["client", "-day", "-id"], name="broadcast_client_day"),
            models.Index(fields=["uuid"], name="broadcast_uuid"),
            models.Index(fields=["test"], condition=models.Q(test__isnull=False), name="broadcast_test"),
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"


class Placement(models.Model):
    """Where one broadcast landed at one mailbox provider, in mails."""

    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="placements"
    )
    mailbox_provider = models.CharField(max_length=20, choices=MailboxProvider)
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)
    undecided = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["broadcast", "mailbox_provider"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.mailbox_provider}: {self.received}"


class DayOfMail(models.Model):
    """What the roll-ups sum of a day's mail at one mailbox provider."""

    agency = models.ForeignKey("agency.Agency", on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    mailbox_provider = models.CharField(max_length=20)
    broadcasts = models.IntegerField()
    received = models.IntegerField()
    primary = models.IntegerField()
    promotions = models.IntegerField()
    spam = models.IntegerField()
    missing = models.IntegerField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day} {self.mailbox_provider} {self.received}"


class PlacementDay(DayOfMail):
    """Roll-up: a client's mail of one day, from one domain, through one connection, at one mailbox provider.

    `mailbox_provider` is `ALL_PROVIDERS` in the row of the broadcasts' own totals: sum either those, or the others.
    Kept by `clients.rollups`; nothing else writes here.
    """

    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, db_index=False, related_name="+")  # null: unassigned
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    domain = models.CharField(max_length=255, blank=True)

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


class ClientDay(DayOfMail):
    """Roll-up of `PlacementDay` over domains and a vendor's connections: what the Overview and a client's headline read.

    Most clients have one vendor that measures placement, and so one row for each day and mailbox provider.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, db_index=False, related_name="+")
    vendor = models.CharField(max_length=20)  # a slug

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "day", "mailbox_provider", "vendor"], name="client_day_once"),
        ]
        indexes: ClassVar = [
            # What pages of many clients read stands in the index: their rows lie scattered in the table. As columns of the
            # key, since SQLite knows no others.
            models.Index(
                fields=["agency", "mailbox_provider", "day", "client", "received", "primary", "promotions"],
                name="client_day_of_agency",
            ),
            models.Index(
                fields=["client", "day", "mailbox_provider", "vendor", "received", "primary", "promotions"],
                name="client_day_of_client",
            ),
        ]
