"""Leads that somebody brings to a campaign: a file as it was read, in pieces of one call each, and what became of each line.

What a line tells of a person stands in its piece alone, until that is sent; of each line its number, its address and its result
are kept, for a while (`clients.leads.working`).
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agency.models import Membership, User
from clients.models.accounts import Client, Connection
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.outreach import Campaign


class UploadState(models.TextChoices):
    READING = "reading", "Being read"  # its file is being stored; one that stays so broke off
    PLANNED = "planned", "Not sent yet"
    SENDING = "sending", "Being sent"
    DONE = "done", "Sent"
    STOPPED = "stopped", "Stopped"
    FAILED = "failed", "Broken off"


OVER = (UploadState.DONE, UploadState.STOPPED, UploadState.FAILED)


class LeadState(models.TextChoices):
    WAITING = "waiting", "Not sent"
    SENT = "sent", "Sent, no answer yet"  # whether it was taken is found out by reading
    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    THERE = "there", "Already there"
    TAKEN = "taken", "Created, or already there"  # the vendor tells how many of each, not which
    REFUSED = "refused", "Refused"
    WRONG = "wrong", "Wrong, not sent"
    TWICE = "twice", "Twice in the file, not sent"


class LeadUploadQuerySet(LeasedQuerySet["LeadUpload"]):
    def visible_to(self, member: Membership) -> Self:
        return self.filter(client__in=Client.objects.visible_to(member), connection__agency_id=member.agency_id)

    def due(self) -> Self:
        """To be sent on, or to be forgotten."""
        return self.unclaimed().filter(next_at__lte=timezone.now()).order_by("next_at")


class LeadUpload(Leased):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="lead_uploads")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="lead_uploads")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="lead_uploads")
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.READING)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # as they were called then
    file_name = models.CharField(max_length=120, blank=True)
    columns = models.JSONField(default=list)  # [[header, what it is taken for], …]
    counts = models.JSONField(default=dict)  # LeadState → lines, once it is over
    outcome = models.CharField(max_length=300, blank=True)  # in words a person can act on
    stop_asked = models.BooleanField(default=False)

    #: While the campaign's leads are read: where, and how many pages so far. '' at the start.
    cursor = models.CharField(max_length=1000, blank=True)
    pages = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)  # all of them were read since the last call

    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # null: nothing is left to do, or to forget

    objects: ClassVar = LeadUploadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state=UploadState.SENDING), name="one_upload_of_leads_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=UploadState.values), name="lead_upload_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="lead_upload_next_at"),
        ]

    def __str__(self) -> str:
        return self.file_name or "leads"

    @property
    def is_over(self) -> bool:
        return self.state in OVER


class LeadChunk(models.Model):
    """What one call brings. `leads` is emptied with its answer."""

    upload = models.ForeignKey(LeadUpload, on_delete=models.CASCADE, db_index=False, related_name="chunks")
    number = models.PositiveIntegerField()
    leads = models.JSONField(default=list)  # in the order of their lines
    sent_at = models.DateTimeField(null=True)  # written before the call; null again where none of it was carried out
    created = models.PositiveIntegerField(null=True)  # as its answer counted; null: no answer came
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["upload", "number"], name="lead_chunk_once")]

    def __str__(self) -> str:
        return f"{self.upload_id}: {self.number}"


class LeadLine(models.Model):
    upload = models.ForeignKey(LeadUpload, on_delete=models.CASCADE, db_index=False, related_name="lines")
    chunk = models.PositiveIntegerField(null=True)  # its number; null of a line that is not sent
    line = models.PositiveIntegerField()
    email = models.CharField(max_length=320, blank=True)  # in lower case
    state = models.CharField(max_length=10, choices=LeadState, default=LeadState.WAITING)
    since = models.DateTimeField(null=True)  # in the campaign, by the vendor's clock, where that was read
    said = models.CharField(max_length=300, blank=True)  # why it is wrong, or the vendor's words

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "line"], name="lead_line_once"),
            models.CheckConstraint(condition=Q(state__in=LeadState.values), name="lead_line_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["upload", "email"], name="lead_line_email"),
            models.Index(fields=["upload", "state", "line"], name="lead_line_state"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.email}"
