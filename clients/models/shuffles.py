"""Shuffles of an account's seeds: planned, done, scheduled; which seeds were in use when; and the last mile to the ESPs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agency.models import Agency, Membership, User
from clients.models.accounts import Client, Connection
from clients.models.leased import Leased, LeasedQuerySet
from clients.models.placement import Seed
from clients.vendors.shuffles import BY_PROVIDER, CUSTOM, IN_PLACE, Order


class Method(models.TextChoices):
    IN_PLACE = IN_PLACE, "A part of all seeds"
    BY_PROVIDER = BY_PROVIDER, "A part at each mailbox provider"
    CUSTOM = CUSTOM, "A new mix"


class ShuffleState(models.TextChoices):
    PLANNED = "planned", "Planned"
    READY = "ready", "Waiting for a worker"
    SENT = "sent", "Sent, no answer yet"  # whether it happened is found out by reading, never by sending again
    PENDING = "pending", "Accepted"  # the vendor says that it is at it
    READING = "reading", "Reading the new seeds"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused: in cooldown"
    FAILED = "failed", "Failed"
    UNCLEAR = "unclear", "Not known"  # the vendor could not be asked for so long that a person must look


#: A shuffle in one of these has a worker at it or waits for one; an account has one such at most.
UNDER_WAY = (ShuffleState.READY, ShuffleState.SENT, ShuffleState.PENDING, ShuffleState.READING)


class Origin(models.TextChoices):
    PERSON = "person", "A person"
    SCHEDULE = "schedule", "The schedule"
    COMMAND = "command", "A command"
    VENDOR = "vendor", "Made at the vendor"


class ShuffleQuerySet(LeasedQuerySet["Shuffle"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(connection__agency=agency)

    def visible_to(self, member: Membership) -> Self:
        return self.filter(connection__in=Connection.objects.visible_to(member))

    def under_way(self) -> Self:
        return self.filter(state__in=UNDER_WAY)

    def happened(self) -> Self:
        """Those that swapped seeds, newest first."""
        return self.filter(state__in=(ShuffleState.READING, ShuffleState.DONE)).order_by(
            F("happened_at").desc(nulls_last=True), "-pk"
        )

    def due(self) -> Self:
        return self.under_way().unclaimed().filter(next_at__lte=timezone.now()).order_by("next_at")


class Shuffle(Leased):
    """One swap of an account's seeds. Its mixes count seeds by mailbox provider, its shares are percent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="shuffles")
    state = models.CharField(max_length=10, choices=ShuffleState, default=ShuffleState.PLANNED)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # as they were called then
    reason = models.CharField(max_length=500, blank=True)
    clients = models.ManyToManyField(Client, related_name="shuffles")  # whom the account served then

    method = models.CharField(max_length=30)  # a Method, or the vendor's own word of one made there
    percentage = models.PositiveSmallIntegerField(null=True)
    shares = models.JSONField(default=dict)
    mix_before = models.JSONField(default=dict)
    mix_expected = models.JSONField(default=dict)

    planned_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    baseline = models.JSONField(null=True)  # the vendor's last shuffle just before ours was sent: {id, at}
    sent_at = models.DateTimeField(null=True)  # written before it is sent, so that nobody sends it again
    answered_at = models.DateTimeField(null=True)  # when we learnt that it is done: the seeds are read by a pass begun later
    happened_at = models.DateTimeField(null=True)  # by the vendor's clock
    finished_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=255, blank=True)
    replaced = models.PositiveIntegerField(null=True)  # by the vendor's count
    added = models.PositiveIntegerField(null=True)  # by ours, of the seeds read afterwards; `removed` likewise
    removed = models.PositiveIntegerField(null=True)
    next_allowed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)  # in words a person can act on

    next_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = ShuffleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection"], condition=Q(state__in=UNDER_WAY), name="one_shuffle_under_way"),
            models.UniqueConstraint(fields=["connection", "external_id"], condition=~Q(external_id=""), name="shuffle_once"),
            models.CheckConstraint(condition=Q(state__in=ShuffleState.values), name="shuffle_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "-happened_at"], name="shuffle_happened"),
            models.Index(fields=["next_at"], condition=Q(state__in=UNDER_WAY), name="shuffle_next_at"),
        ]

    def __str__(self) -> str:
        return f"{self.connection.label}: {self.method} {self.state}"

    @property
    def order(self) -> Order:
        return Order(self.method, self.percentage, dict(self.shares))

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def since(self) -> datetime | None:
        """The last moment at which the seeds of before were in use, by our clock where it was ours."""
        return self.sent_at or self.happened_at


class ShuffleSchedule(models.Model):
    """A shuffle of an account each month, on a day that every month has."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="shuffle_schedule")
    day = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=30, choices=Method)
    percentage = models.PositiveSmallIntegerField(null=True)
    shares = models.JSONField(default=dict)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField()  # when it is looked at next; the hour is `clients.shuffles.scheduling`'s
    due_at = models.DateTimeField()  # the day it is for: later than that, it has been put off
    last_at = models.DateTimeField(null=True)
    last_outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(day__gte=1, day__lte=28), name="schedule_day_in_each_month")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="schedule_next_at")]

    def __str__(self) -> str:
        return f"{self.connection.label}: day {self.day}"

    @property
    def order(self) -> Order:
        return Order(self.method, self.percentage, dict(self.shares))


class SeedBook(models.Model):
    """What is known of an account beside its rows of now: which seeds were in use when, and when it may be shuffled."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="seed_book")
    begun_at = models.DateTimeField(null=True)  # from here on the spells are complete
    read_at = models.DateTimeField(null=True)  # the end of the pass of seeds that the spells were last held against
    asked_at = models.DateTimeField(null=True)  # when the vendor last told about shuffles
    allowed = models.BooleanField(null=True)
    last_shuffle_at = models.DateTimeField(null=True)
    next_allowed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)  # why it could not be asked
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["next_at"], name="book_next_at")]

    def __str__(self) -> str:
        return f"Seeds of {self.connection.label}"


class SeedSpell(models.Model):
    """A time during which a seed was in use, as far as it was seen: from a pass that had it to a pass that had it no more."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seed_spells", db_index=False)
    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="spells")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["seed"], condition=Q(until=None), name="one_open_spell")]
        indexes: ClassVar = [models.Index(fields=["connection", "until"], name="spell_connection")]

    def __str__(self) -> str:
        return f"{self.seed_id} from {self.since:%F}"


class SeedFileDownload(models.Model):
    """Who took which file of seeds for an ESP, and when."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seed_files")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="seed_files")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)
    which = models.CharField(max_length=10)  # current, added, removed
    layout = models.CharField(max_length=20)  # plain, or an ESP's columns
    since = models.DateTimeField(null=True)  # the point that added and removed are counted from
    rows = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["connection", "-at"], name="seed_file_at")]

    def __str__(self) -> str:
        return f"{self.which} for {self.layout}"


class RotationDone(models.Model):
    """A person says: this client's ESP has the new seeds and no longer the old ones."""

    shuffle = models.ForeignKey(Shuffle, on_delete=models.CASCADE, related_name="rotations_done")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="rotations_done")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["shuffle", "client"], name="rotation_done_once")]

    def __str__(self) -> str:
        return f"{self.client} {self.at:%F}"
