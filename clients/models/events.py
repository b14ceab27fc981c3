"""What vendors send by themselves: the door of a connection, and each event that came through it or was read afterwards."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency.models import Agency, Membership
from agency.secrets import seal, unseal
from clients.models.accounts import Connection, Health
from clients.models.leased import Leased, LeasedQuerySet


class HookQuerySet(LeasedQuerySet["Hook"]):
    def due(self) -> Self:
        """Events wait, and nobody is at them. A refused key stops no event that is here already."""
        waiting = Event.objects.filter(connection=OuterRef("connection"), state=EventState.WAITING)
        asleep = Q(connection__health=Health.PAUSED) | Q(connection__removed_at__isnull=False)
        return self.unclaimed().exclude(asleep).filter(Exists(waiting)).order_by("pk")


class Hook(Leased):
    """Where the events of one connection come in, and who is working through them. Its address is shown once: the database
    has the token's hash alone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="hook")
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)  # null: no address, nothing comes in
    address_at = models.DateTimeField(null=True)  # when the address was made
    secrets = models.TextField(blank=True, editable=False)  # sealed: 'new' and, during a rotation, 'old'
    secret_at = models.DateTimeField(null=True)
    old_until = models.DateTimeField(null=True)  # until then the old secret is taken too
    style = models.CharField(max_length=10, blank=True)  # how its deliveries are signed, once one was good
    takes_old = models.BooleanField(default=False, db_default=False)  # deliveries in an old format too, unsigned
    refused_at = models.DateTimeField(null=True)  # the last delivery that was turned away, to the minute
    refused_why = models.CharField(max_length=200, blank=True)

    objects: ClassVar = HookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Events of {self.connection.label}"

    @property
    def is_open(self) -> bool:
        return self.token_hash is not None and bool(self.secrets)

    @sensitive_variables()
    def taken_secrets(self) -> list[str]:
        """Those that a delivery may be signed with now. Raises `agency.secrets.Unreadable`."""
        if not self.secrets:
            return []
        kept = unseal(self.secrets, owner=str(self.uuid))
        old = kept.get("old", "") if self.old_until and self.old_until > timezone.now() else ""
        return [secret for secret in (kept["new"], old) if secret]

    @sensitive_variables()
    def keep(self, new: str, old: str = "") -> None:
        self.secrets = seal({"new": new, "old": old}, owner=str(self.uuid))


class EventState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    PROCESSED = "processed", "Processed"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown type, kept"


class EventSource(models.TextChoices):
    DELIVERED = "delivered", "Delivered"
    READ = "read", "Read afterwards"


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(connection__agency=agency)

    def visible_to(self, member: Membership) -> Self:
        return self.filter(connection__in=Connection.objects.visible_to(member))

    def whole(self) -> Self:
        """Their bodies are still kept."""
        return self.filter(forgotten_at=None)

    def in_order(self) -> Self:
        return self.order_by("mark", "pk")


class Event(models.Model):
    """Stored before it is acknowledged, once however often it comes; processing it twice changes nothing."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The indexes below all begin with it.
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="events", db_index=False)
    external_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    seq = models.BigIntegerField(null=True)
    stream = models.CharField(max_length=255, blank=True)  # what `seq` counts in; '' for the whole account
    # In what order they are processed: `seq`, else the time in microseconds. Where others are numbered, one without a number
    # tells as much as the last numbered one before it.
    mark = models.BigIntegerField()
    source = models.CharField(max_length=10, choices=EventSource, default=EventSource.DELIVERED)
    raw = models.TextField()  # the body, as it was signed; '' once it is no longer kept
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=EventState, default=EventState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    starts = models.PositiveSmallIntegerField(default=0, db_default=0)  # without an end, as when its worker died
    counted = models.BooleanField(default=False, db_default=False)  # in `EventDay`, whatever is done with it again
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)  # in words
    forgotten_at = models.DateTimeField(null=True)  # since when its body is no longer kept

    objects: ClassVar = EventQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="event_once"),
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="event_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(F("connection"), F("received_at").desc(), name="event_received"),
            models.Index(fields=["connection", "mark"], name="event_waiting", condition=Q(state="waiting")),
            models.Index(fields=["connection", "stream", "seq"], name="event_seq", condition=Q(seq__isnull=False)),
            models.Index(fields=["received_at"], name="event_payload", condition=Q(forgotten_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.external_id}"
