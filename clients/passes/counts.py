"""What is counted and not kept: a campaign's leads by their status, and what a vendor says of all its customers together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Benchmark, Campaign, Feed
from clients.passes.base import Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.errors import Rejected
from clients.vendors.records import Page, Record

GONE = 404


class _Statuses(Record, frozen=True):
    """One page of one campaign's leads."""

    place: str
    campaign: int
    statuses: tuple[str, ...]
    last: bool


class LeadPass(Pass):
    """Campaign after campaign, page after page. People are read to be counted, and nothing of them is stored: not even in the
    checkpoint, which holds the counts so far. A cursor is '<our campaign>|<the vendor's place>'."""

    model = Campaign
    every = timedelta(days=1)  # a hundred leads are a call

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), "leads")

    def read(self, cursor: str | None) -> Page[Any]:
        after, _, place = (cursor or "0|").partition("|")
        rows = Campaign.objects.filter(connection=self.connection, gone_at=None)
        # In the middle of a campaign it is the one itself that is meant.
        campaign = rows.filter(**{"pk" if place else "pk__gt": int(after)}).order_by("pk").first()
        if campaign is None:
            return Page((), f"{after}|" if place else None)
        try:
            statuses, following = self.vendor.lead_statuses(campaign.external_id, place or None)
        except Rejected as error:
            if error.status != GONE:
                raise
            # Nothing to count; the next list of campaigns says that it is gone.
            return Page((_Statuses(f"{campaign.pk}|", campaign.pk, (), last=False),), f"{campaign.pk}|")
        found = _Statuses(f"{campaign.pk}|{place}", campaign.pk, tuple(statuses), following is None)
        return Page((found,), f"{campaign.pk}|{following or ''}")

    def store(self, records: Sequence[Any]) -> Stored:
        rows = changed = 0
        for page in records:
            # The first page of a campaign starts anew, whatever one that has gone meanwhile left.
            tally = Counter({} if page.place.endswith("|") else self.at.tally)
            tally.update(status or "unknown" for status in page.statuses)
            rows += len(page.statuses)
            # Never in place: where the transaction fails, the old one counts again.
            self.at.tally = {} if page.last else dict(tally)
            if page.last:
                counted = dict(sorted(tally.items()))
                changed += Campaign.objects.filter(pk=page.campaign).exclude(leads=counted).update(leads=counted)
        return Stored(rows, 0, changed)

    def following(self) -> str | None:
        return None

    @property
    def promises_hold(self) -> bool:
        return False  # cursors are our own: after the last campaign there is an empty page

    def doubt(self, *, first: bool) -> str:
        return ""

    def finish(self) -> tuple[int, str]:
        return 0, ""


class BenchmarkPass(Pass):
    model = Benchmark
    AGAIN = timedelta(seconds=30)  # it is the same for so long

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), "list")

    def read(self, cursor: str | None) -> Page[Any]:
        fresh = Benchmark.objects.filter(vendor=self.connection.vendor, read_at__gt=timezone.now() - self.AGAIN)
        # Another account of the vendor has just asked.
        return Page((), None) if fresh.exists() else Page((self.vendor.benchmark(),), None)

    def store(self, records: Sequence[Any]) -> Stored:
        for record in records:
            told = {"shares": record.shares, "read_at": timezone.now()}
            Benchmark.objects.update_or_create(vendor=self.connection.vendor, defaults=told)
        return Stored(len(records))

    def following(self) -> str | None:
        return None

    def doubt(self, *, first: bool) -> str:
        return ""

    def finish(self) -> tuple[int, str]:
        return 0, ""
