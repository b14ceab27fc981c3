"""Messages that somebody here wrote into a conversation, or to begin one: one row each, kept before anything is sent."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agency.models import Membership, User
from clients.models.accounts import Client, Connection, Health
from clients.models.conversations import Conversation
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.placement import Sender


class MessageState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Sent, no answer yet"  # whether it arrived is found out by reading, never by sending again
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    UNCLEAR = "unclear", "Not known"  # a person must look
    CANCELLED = "cancelled", "Taken back"


ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING)


class MessageQuerySet(LeasedQuerySet["Message"]):
    def visible_to(self, member: Membership) -> Self:
        return self.filter(client__in=Client.objects.visible_to(member), connection__agency_id=member.agency_id)

    def on_its_way(self) -> Self:
        return self.filter(state__in=ON_ITS_WAY)

    def due(self) -> Self:
        """Past their time, of an account that may be asked, for a client that is not archived."""
        may = {"connection__health": Health.OK, "connection__removed_at": None, "client__archived_at": None}
        return self.on_its_way().unclaimed().filter(due_at__lte=timezone.now(), **may).order_by("due_at", "pk")

    def asked_again(self, connection: Connection) -> int:
        """As of mails."""
        now = timezone.now()
        waiting = self.on_its_way().unclaimed().filter(connection=connection, wanted_at__lte=now, due_at__gt=now)
        return waiting.update(due_at=now)


class Message(Leased):
    """`conversation` is none where one is begun. The text is forgotten once it was sent: then the vendor has it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="messages")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="messages")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, db_index=False, related_name="messages")
    sender = models.ForeignKey(Sender, null=True, on_delete=models.SET_NULL, related_name="+")
    nonce = models.UUIDField()  # of the form it was written in: pressed twice it is still one
    target = models.CharField(max_length=600)  # what stands for its conversation: one message at a time goes there
    thread = models.CharField(max_length=255, blank=True)  # the conversation's id at the vendor
    sender_ref = models.CharField(max_length=255)  # the sender's there
    kind = models.CharField(max_length=20, blank=True)  # by what `person` names somebody, where a conversation is begun
    person = models.CharField(max_length=255, blank=True)
    to = models.CharField(max_length=255)  # whom, as people call them
    text = models.TextField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # as they were called then

    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.QUEUED)
    why = models.CharField(max_length=300, blank=True)  # in words a person can act on
    known = models.JSONField(default=list)  # ids of the newest messages just before ours was sent
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    wanted_at = models.DateTimeField(default=timezone.now)  # when it was asked for, the last time
    due_at = models.DateTimeField(default=timezone.now)
    called_at = models.DateTimeField(null=True)  # written before it is sent, so that nobody sends it again
    finished_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=255, blank=True)  # of the message, at the vendor

    objects: ClassVar = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "nonce"], name="message_once_in_form"),
            models.UniqueConstraint(
                fields=["connection", "target"], condition=Q(state__in=ON_ITS_WAY), name="one_message_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=ON_ITS_WAY) | Q(finished_at__isnull=False), name="message_over_has_an_end"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=ON_ITS_WAY), name="message_due"),
            models.Index(fields=["conversation", "-id"], name="message_of_conversation"),
        ]

    def __str__(self) -> str:
        return f"to {self.to}"

    @property
    def is_on_its_way(self) -> bool:
        return self.state in ON_ITS_WAY

    @property
    def is_waiting(self) -> bool:
        return self.state == MessageState.QUEUED
