"""What events told of single mails, summed: the only figures that say at whose mailbox provider a mail bounced."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clients.models.accounts import Client, Connection
from clients.models.placement import MailboxProvider


class Fate(models.TextChoices):
    """The values are those of `clients.vendors.counting`."""

    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    BOUNCED_HARD = "bounced_hard", "Bounced, hard"
    BOUNCED_SOFT = "bounced_soft", "Bounced, soft"
    BOUNCED = "bounced", "Bounced, of a kind not told"
    ANSWERED = "answered", "Answered"


class EventDay(models.Model):
    """How many of a sender's mails became what on one day, at the recipients' mailbox provider, by the vendor's events. No
    address of a recipient is kept. Kept by `clients.event_days`; nothing else writes here, and nothing can sum it again once
    the events' bodies are forgotten."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+")  # null: unassigned
    sender_ref = models.CharField(max_length=255)  # `Sender.external_id`, or what the event called it while none was known
    day = models.DateField()  # in the client's timezone as it was; in UTC while there was none
    mailbox_provider = models.CharField(max_length=20, choices=MailboxProvider)
    what = models.CharField(max_length=20, choices=Fate)
    word = models.CharField(max_length=40, blank=True)  # the vendor's category of a soft bounce, or class of an answer
    count = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "sender_ref", "day", "mailbox_provider", "what", "word"], name="event_day_once"
            ),
            models.CheckConstraint(condition=Q(what__in=Fate.values), name="event_day_what_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "day"], name="event_day_client")]

    def __str__(self) -> str:
        return f"{self.day} {self.mailbox_provider} {self.what} {self.count}"
