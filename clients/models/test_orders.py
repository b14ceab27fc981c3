"""Placement tests that somebody asked for here: planned, confirmed, and on their way to the vendor."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agency.models import Membership, User
from clients.models.accounts import Client, Connection
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.tests import PlacementTest


class OrderState(models.TextChoices):
    PLANNED = "planned", "Not sent yet"
    READY = "ready", "Waiting for a worker"
    SENT = "sent", "Sent, no answer yet"  # whether it was made is found out by reading, never by sending again
    MADE = "made", "Made"
    FAILED = "failed", "Not made"
    UNCLEAR = "unclear", "Not known"  # the vendor could not be asked for so long that a person must look


ON_ITS_WAY = (OrderState.READY, OrderState.SENT)


class TestOrderQuerySet(LeasedQuerySet["TestOrder"]):
    def visible_to(self, member: Membership) -> Self:
        return self.filter(client__in=Client.objects.visible_to(member), connection__agency_id=member.agency_id)

    def on_its_way(self) -> Self:
        return self.filter(state__in=ON_ITS_WAY)

    def due(self) -> Self:
        return self.on_its_way().unclaimed().filter(next_at__lte=timezone.now()).order_by("next_at")


class TestOrder(Leased):
    """The intent of one test, kept before anything is sent. `wanted` is what the form asked, by its names."""

    __test__ = False

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="test_orders")
    workspace = models.CharField(max_length=64, blank=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="test_orders")
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.PLANNED)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # as they were called then

    wanted = models.JSONField(default=dict)  # its mail is forgotten once the test is made
    senders = models.JSONField(default=list)  # e-mails that the preview named, frozen
    fingerprint = models.CharField(max_length=64)  # of all that: two alike are not sent one after the other
    code = models.CharField(max_length=50, blank=True)  # that mail from outside must carry
    known = models.JSONField(default=list)  # ids of the newest tests just before ours was sent

    planned_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)  # written before it is sent, so that nobody sends it again
    finished_at = models.DateTimeField(null=True)
    test = models.ForeignKey(PlacementTest, null=True, on_delete=models.SET_NULL, related_name="orders")
    outcome = models.CharField(max_length=300, blank=True)  # in words a person can act on
    refusals = models.JSONField(default=dict)  # field → what the vendor says about it

    next_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = TestOrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "fingerprint"], condition=Q(state__in=ON_ITS_WAY), name="one_such_test_on_its_way"
            ),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="test_order_state_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["next_at"], condition=Q(state__in=ON_ITS_WAY), name="test_order_next_at")]

    def __str__(self) -> str:
        return str(self.wanted.get("name") or "(no name)")

    @property
    def is_on_its_way(self) -> bool:
        return self.state in ON_ITS_WAY

    @property
    def mark(self) -> str:
        """What the test carries at the vendor, so that ours is known from any other."""
        return f"Made with Inboxdeck, {self.uuid}"
