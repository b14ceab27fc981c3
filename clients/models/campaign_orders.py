"""Campaigns that somebody makes from here: that one is being made is kept before it is, so that none is made twice."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models.accounts import Client, Connection
from clients.models.outreach import Campaign


class MakingState(models.TextChoices):
    SENT = "sent", "Sent, no answer yet"  # whether it was made is found out by its name, never by sending it again
    MADE = "made", "Made"
    FAILED = "failed", "Not made"


class CampaignOrder(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="campaign_orders")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="campaign_orders")
    name = models.CharField(max_length=255)
    steps = models.JSONField(default=list)  # as they were sent: `clients.vendors.campaigns.Step`
    state = models.CharField(max_length=10, choices=MakingState, default=MakingState.SENT)
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.SET_NULL, related_name="orders")
    asked = models.JSONField(default=dict)  # of each part of what was sent a digest
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "name"], condition=Q(state=MakingState.SENT), name="one_such_campaign_on_its_way"
            ),
            models.CheckConstraint(condition=Q(state__in=MakingState.values), name="campaign_order_state_known"),
        ]

    def __str__(self) -> str:
        return self.name
