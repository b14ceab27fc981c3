"""Conversations of senders with prospects, as the vendor last told them. Whose they are follows from their sender."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clients.models.accounts import Connection
from clients.models.placement import Sender


class LabelKind(models.TextChoices):
    TAG = "tag", "Tag"
    STATUS = "status", "Status"
    MEMBER = "member", "Member"
    CURRENCY = "currency", "Currency"


class ConversationLabel(models.Model):
    """A tag, a status or a member of the vendor's account: the name that an id stands for. Its currency is kept as one too."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="conversation_labels")
    kind = models.CharField(max_length=10, choices=LabelKind)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    colour = models.CharField(max_length=40, blank=True)
    mark = models.BigIntegerField(default=0)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "kind", "external_id"], name="conversation_label_once"),
            models.CheckConstraint(condition=Q(kind__in=LabelKind.values), name="conversation_label_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class Prospect(models.Model):
    """Who a sender talks with. `mark`: the place in the order of events up to which this row is told."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="prospects")
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    handle = models.CharField(max_length=255, blank=True)
    tags = models.JSONField(default=list)  # ids of labels
    status = models.CharField(max_length=255, blank=True)  # an id of a label
    assignee = models.CharField(max_length=255, blank=True)  # an id of a member
    valuation = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    status_since = models.DateTimeField(null=True)  # null: nobody told when it began
    mark = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="prospect_once")]

    def __str__(self) -> str:
        return self.name or self.handle or self.external_id


class Conversation(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="conversations")
    external_id = models.CharField(max_length=255)
    sender = models.ForeignKey(Sender, null=True, on_delete=models.SET_NULL, related_name="conversations")
    sender_ref = models.CharField(max_length=255, blank=True)  # the sender's id, which may come home after the conversation
    prospect = models.ForeignKey(Prospect, null=True, on_delete=models.SET_NULL, related_name="conversations")
    subject = models.CharField(max_length=1000, blank=True)
    archived = models.BooleanField(default=False)
    is_request = models.BooleanField(default=False)
    assignee = models.CharField(max_length=255, blank=True)  # an id of a member
    last_message = models.CharField(max_length=255, blank=True)  # its id
    last_text = models.TextField(blank=True)
    last_at = models.DateTimeField(null=True)
    last_inbound = models.BooleanField(null=True)  # the prospect wrote it: it waits for an answer
    created_at = models.DateTimeField(null=True)
    mark = models.BigIntegerField(default=0)  # as a prospect's
    last_mark = models.BigIntegerField(default=0)  # the same of its last message, which has events of its own
    # The earliest that events tell of it, in whatever order they come. A list tells of the last message alone.
    told_from = models.DateTimeField(null=True)
    wrote_at = models.DateTimeField(null=True)  # our first message
    replied_at = models.DateTimeField(null=True)  # the prospect's first
    first_seen = models.DateTimeField(default=timezone.now)
    seen_run = models.BigIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "external_id"], name="conversation_once")]
        indexes: ClassVar = [models.Index(F("sender"), F("last_at").desc(), name="conversation_sender_last")]

    def __str__(self) -> str:
        return self.external_id


class StatusMove(models.Model):
    """A prospect went from one status to another: the vendor tells where to alone, so what was before is kept here."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="status_moves")
    prospect = models.ForeignKey(Prospect, on_delete=models.CASCADE, related_name="status_moves")
    before = models.CharField(max_length=255, blank=True)  # ids of labels; '' for none
    after = models.CharField(max_length=255, blank=True)
    since = models.DateTimeField(null=True)  # when the one before began; null: nobody told
    at = models.DateTimeField()
    # A list showed it, some time after it happened: the event that comes late takes its place.
    noticed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["prospect", "at"], name="status_move_prospect_at")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
