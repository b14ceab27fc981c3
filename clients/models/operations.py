"""Work in the background, as rows: what is due, what runs, what ran, and how much a key may be asked."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from agency.models import Agency, Membership
from clients.models.accounts import Connection
from clients.models.leased import Leased, LeasedQuerySet

#: Nothing is put off for so long, whatever a vendor asks for: the clock has been set back since.
FARTHEST = timedelta(days=30)
A_MOMENT = timedelta(minutes=1)  # by which clocks differ


def default_interval() -> timedelta:
    return timedelta(minutes=settings.SYNC_MINUTES)


#: Feeds that read on from what others bring home: before those have come to an end once, there is nothing to ask for.
AFTER = {"outreach": ("senders", "campaigns"), "leads": ("campaigns",)}


class FeedQuerySet(LeasedQuerySet["Feed"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(connection__agency=agency)

    def visible_to(self, member: Membership) -> Self:
        return self.filter(connection__in=Connection.objects.visible_to(member))

    def ready(self) -> Self:
        """Unclaimed, and those that they read after have had a complete pass, or have failed: what there is of them is there."""
        waiting = Q()
        for resource, before in AFTER.items():
            unread = Feed.objects.filter(connection=OuterRef("connection"), resource__in=before, last_ok_at=None)
            waiting |= Q(Exists(unread.exclude(last_run__state=RunState.FAILED)), resource=resource)
        return self.unclaimed().exclude(waiting)

    def with_told(self) -> Self:
        """Each with `told`: what its last complete run left out, by place; None before the first."""
        whole = SyncRun.objects.filter(feed=OuterRef("pk"), state__in=[RunState.OK, RunState.PARTIAL]).order_by("-started_at")
        return self.annotate(told=Subquery(whole.values("left_out")[:1]))

    def due(self) -> Self:
        """Ready, past their time, on a connection that may be asked: asked for by a person first, then the oldest."""
        now = timezone.now()
        return (
            self.ready()
            .filter(
                Q(next_at__lte=now) | Q(next_at__gt=now + FARTHEST),
                connection__health="ok",
                connection__removed_at=None,
            )
            .order_by(F("requested_at").asc(nulls_last=True), "next_at", "pk")
        )


class Feed(Leased):
    """One resource of one connection: when it is due, who works on it, how fresh it is."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="feeds")
    resource = models.CharField(max_length=20)  # seeds, senders, broadcasts: a vendor's `feeds` names them
    interval = models.DurationField(default=default_interval)
    next_at = models.DateTimeField(default=timezone.now)
    requested_at = models.DateTimeField(null=True)  # 'Sync now', until a run takes it up
    checkpoint = models.JSONField(null=True)  # where an unfinished pass goes on; null: from the start
    last_run = models.ForeignKey("SyncRun", null=True, on_delete=models.SET_NULL, related_name="+")
    last_ok_at = models.DateTimeField(null=True)  # end of the last complete pass
    watermark = models.DateTimeField(null=True)  # start of the last complete pass, by our clock
    # Of a list that only grows: how far it was read, and where the next pass begins.
    position = models.CharField(max_length=100, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    lacks = models.CharField(max_length=300, blank=True)  # why the key or the plan does not let us read it (`clients.lacking`)

    objects: ClassVar = FeedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "resource"], name="feed_once")]
        indexes: ClassVar = [models.Index(fields=["next_at"], name="feed_next_at")]

    def __str__(self) -> str:
        return f"{self.connection.label}: {self.resource}"

    @property
    def places_left_out(self) -> dict[str, str]:
        """What its last complete run could not read, and why: `SyncRun.left_out`. A query, but for those `with_told`."""
        of = vars(self) if "told" in vars(self) else vars(Feed.objects.with_told().get(pk=self.pk))
        return of["told"] or {}

    @property
    def left_out(self) -> str:
        """The same in words."""
        return " ".join(dict.fromkeys(self.places_left_out.values()))

    @property
    def held_off(self) -> datetime | None:
        """Until when its vendor has asked not to be asked: nothing else puts off a feed that does not fail for so long."""
        now = timezone.now()
        held = not self.failures and now + self.interval + A_MOMENT < self.next_at <= now + FARTHEST
        return self.next_at if held else None

    @property
    def is_late(self) -> bool:
        """No complete pass within two of its intervals and a quarter of an hour: its numbers are drawn as old."""
        since = self.last_ok_at or self.connection.created_at
        return timezone.now() - since > 2 * self.interval + timedelta(minutes=15)


def held_off() -> Q:
    """The same rule as `Feed.held_off`, for the database."""
    now = timezone.now()
    soonest = ExpressionWrapper(F("next_at") - F("interval"), output_field=models.DateTimeField())
    # What is due soon needs no sum.
    far = Q(failures=0, next_at__gt=now + A_MOMENT, next_at__lte=now + FARTHEST)
    return far & Q(GreaterThan(soonest, Value(now + A_MOMENT, output_field=models.DateTimeField())))


def left_out() -> Q:
    """The same rule as `Feed.left_out`, of those that come `with_told`."""
    return Q(told__isnull=False) & ~Q(told={})


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    OK = "ok", "Complete"
    PARTIAL = "partial", "Complete in part"
    WAITING = "waiting", "Waiting"  # parked by a rate limit, goes on from its checkpoint
    FAILED = "failed", "Failed"
    LOST = "lost", "Interrupted"  # its worker died; the next run goes on from the checkpoint


class SyncRun(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    trigger = models.CharField(max_length=20, default="schedule")  # schedule, person, command
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    pages = models.PositiveIntegerField(default=0)
    pages_expected = models.PositiveIntegerField(null=True)  # a guess from the last complete pass, for the progress bar
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)
    #: Workspaces that could not be read, or 'workspace/part' → why. '' is the key's own.
    left_out = models.JSONField(default=dict)
    outcome = models.CharField(max_length=300, blank=True)  # in words a person can act on
    log = models.JSONField(default=list)  # [[iso time, level, text], …], the last 200

    class Meta:
        indexes: ClassVar = [models.Index(fields=["feed", "-started_at"], name="run_feed_started")]

    def __str__(self) -> str:
        return f"{self.feed} {self.started_at:%F %T} {self.state}"

    @property
    def same(self) -> int:
        return self.rows - self.new - self.changed

    @property
    def seconds(self) -> float | None:
        """None while it runs, and of a run whose worker was killed: nobody saw its end."""
        lasted = self.finished_at - self.started_at if self.finished_at else None
        return lasted.total_seconds() if lasted else None


class Budget(models.Model):
    """When one API key may be asked next; shared by every worker (`clients.pacing`). Its name does not tell the key."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    next_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)  # the vendor said 'not before'
    left = models.PositiveIntegerField(null=True)  # calls that the vendor's own budget had left, where it says so
    left_at = models.DateTimeField(null=True)  # when it said so
    lifted = models.BooleanField(default=False)  # a person asks all the same: for one call

    def __str__(self) -> str:
        return self.fingerprint[:8]
