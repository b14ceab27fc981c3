"""Edits over many senders or campaigns: planned, looked at, applied, and taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from agency.models import Agency, User
from clients.models.accounts import Client, Connection
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.operations import FARTHEST
from clients.models.outreach import Campaign
from clients.models.placement import Sender

#: A plan that is older asks to be made again.
FRESH = timedelta(hours=1)


class ChangeState(models.TextChoices):
    PLANNING = "planning", "Being planned"
    PLANNED = "planned", "Planned"
    APPLYING = "applying", "Being applied"
    WAITING = "waiting", "Waiting"  # goes on by itself at `resume_at`
    DONE = "done", "Done"
    PARTIAL = "partial", "Done, with failures"
    STOPPED = "stopped", "Stopped"
    STALE = "stale", "Not applied: make it again"


class ChangeQuerySet(LeasedQuerySet["Change"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(agency=agency)

    def due(self) -> Self:
        """Something is left to do, nobody is at it, and it need not wait any longer."""
        unfinished = Q(state__in=(ChangeState.PLANNING, ChangeState.APPLYING, ChangeState.WAITING))
        ready = Q(resume_at=None) | Q(resume_at__lte=Now()) | Q(resume_at__gt=Now() + FARTHEST)
        return self.unclaimed().filter(unfinished, ready).order_by("pk")


class Change(Leased):
    """One edit of many senders (their engagement rules, status or warmup), or of many campaigns (their status). Its items are
    frozen when it is planned."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="changes")
    # Whose senders they are, where they are all one client's.
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="changes")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")  # null: a command
    applied_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    selector = models.JSONField(default=dict)  # for whom: `clients.changes.selecting`
    edit = models.JSONField(default=dict)  # what: `clients.changes.payloads`; empty where each item has its own
    reason = models.CharField(max_length=500, blank=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.PLANNING)
    outcome = models.CharField(max_length=300, blank=True)  # in words a person can act on
    calls = models.JSONField(
        default=list
    )  # [{number, connection, kind, value, senders, why}, …]; kind: sender, several, domain, tag, campaign
    created_at = models.DateTimeField(default=timezone.now)
    planned_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)
    stop_requested = models.BooleanField(default=False)
    failures = models.PositiveSmallIntegerField(default=0)  # of the vendor, in a row

    objects: ClassVar = ChangeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="change_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["agency", "-created_at"], name="change_agency_created"),
            models.Index(fields=["state"], name="change_state", condition=Q(state__in=["planning", "applying", "waiting"])),
        ]

    def __str__(self) -> str:
        return f"Change of {self.created_at:%F %R}"

    @property
    def is_settled(self) -> bool:
        return self.state in (ChangeState.DONE, ChangeState.PARTIAL, ChangeState.STOPPED, ChangeState.STALE)

    @property
    def is_old(self) -> bool:
        return self.planned_at is not None and timezone.now() - self.planned_at > FRESH


class ItemState(models.TextChoices):
    PLANNED = "planned", "To be changed"
    NOOP = "noop", "Is so already"
    SKIPPED = "skipped", "Skipped"
    QUEUED = "queued", "Waiting to be sent"
    SENDING = "sending", "Being sent"  # found after a crash: whether it was carried out is read back, never guessed
    SENT = "sent", "Sent, to be read back"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Not sent"


#: While it is in one of these, no other change may touch its sender, or its campaign.
UNSETTLED = (ItemState.QUEUED, ItemState.SENDING, ItemState.SENT)


class ChangeItem(models.Model):
    """What a change means for one sender, or for one campaign."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="items")
    sender = models.ForeignKey(Sender, null=True, on_delete=models.CASCADE, related_name="changes")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.CASCADE, related_name="changes")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    email = models.CharField(max_length=320)  # a sender's address, or a campaign's name, as it was then
    before = models.JSONField(default=dict)  # as the vendor had it when the plan was made
    after = models.JSONField(default=dict)  # only what is to change
    found = models.JSONField(default=dict)  # as it was read back
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.PLANNED)
    why = models.CharField(max_length=300, blank=True)
    drifted = models.BooleanField(default=False)  # of an undo: somebody has changed it since; skip or overwrite
    call = models.PositiveIntegerField(null=True)  # which of the change's calls carries it
    sent_at = models.DateTimeField(null=True)
    job = models.CharField(max_length=64, blank=True)  # by its id: what the vendor does about it in the background

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sender__isnull=False, campaign__isnull=True) | Q(sender__isnull=True, campaign__isnull=False),
                name="change_item_of_one",
            ),
            models.UniqueConstraint(fields=["change", "sender"], name="change_item_once"),
            models.UniqueConstraint(fields=["change", "campaign"], name="change_item_campaign_once"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=["queued", "sending", "sent"]),
                name="one_change_at_a_time_of_a_campaign",
            ),
            models.UniqueConstraint(
                fields=["sender"], condition=Q(state__in=["queued", "sending", "sent"]), name="one_change_at_a_time_of_a_sender"
            ),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="change_item_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["change", "state"], name="change_item_state"),
            models.Index(fields=["client", "sent_at"], name="change_item_client_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.state}"

    @property
    def about(self) -> Sender | Campaign:
        return self.sender or self.campaign  # type: ignore[return-value]  # one of them stands: `change_item_of_one`

    @property
    def key(self) -> str:
        """By what a `Reading` has it."""
        return self.about.external_id
