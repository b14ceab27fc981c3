"""Broadcasts, and where each of them landed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from clients import rollups, sender_health, storing
from clients.models import Broadcast, Feed, Placement
from clients.passes.base import OTHER, Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.errors import Rejected
from clients.vendors.records import Page, PlacementRecord, Record


class BroadcastPass(Pass):
    """The unfiltered list, then where each landed: by one call for each broadcast, or by one list for each mailbox provider.

    Details are asked where that takes fewer calls: after a first walk it is the lists, on an ordinary day the details.
    """

    model = Broadcast
    DETAIL = "detail"
    SPLIT = "split:"
    ENOUGH = 3  # details without a split, from the first on

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        since = ""
        if feed.watermark:
            # By our clock, never by the newest day seen: one broadcast dated 2099 would hide all others for ever.
            days = feed.connection.vendor_class.trailing_days
            since = (min(feed.watermark, timezone.now()).date() - timedelta(days=days)).isoformat()
        return Checkpoint(pass_id, timezone.now().isoformat(), "list", since=since)

    def read(self, cursor: str | None) -> Page[Any]:
        if self.at.phase == "list":
            return self.vendor.broadcasts(cursor)
        if self.at.phase == self.DETAIL:
            return self._read_detail(cursor)
        page, self._newest = self.vendor.placements(cursor, self.at.phase.removeprefix(self.SPLIT))
        return page

    _newest: date | None = None
    _bare = 0

    def ended(self, page: Page[Any]) -> bool:
        """A whole page older than the window: the rest is older still. Details without a split: the others have none either."""
        if self.at.phase == self.DETAIL:
            self._bare = 0 if any(split.placements for split in page.records) else self._bare + 1
            return self._bare >= self.ENOUGH and not self.at.rows
        if not page.records:
            return False
        newest = max(r.day for r in page.records) if self.at.phase == "list" else self._newest
        since = self.at.since if self.at.phase == "list" else self.at.oldest
        return bool(since) and newest is not None and newest < date.fromisoformat(since)

    def store(self, records: Sequence[Any]) -> Stored:
        if self.at.phase == "list":
            # Should one of them be there after all, the batch comes again.
            at, likely, self._all_new = self.at.pass_id, self._all_new, False
            stored = storing.store_broadcasts(self.connection, records, at, self.resolver, likely_new=likely)
            self._all_new = 0 < stored.new == stored.rows
            if stored.oldest:
                self.at.oldest = min(filter(None, (self.at.oldest, stored.oldest.isoformat())))
            return stored
        if self.at.phase == self.DETAIL:
            return self._store_details(records)
        return storing.store_placements(self.connection, records, self.at.phase.removeprefix(self.SPLIT))

    _all_new = False  # those of the page before

    def afterwards(self) -> Iterator[Callable[[], None]]:
        return sender_health.noting(self.connection)

    def following(self) -> str | None:
        if self.at.phase == "list":
            return self._first_of_split()
        if self.at.phase == self.DETAIL:
            return self._after_details()
        providers = self.vendor.split_providers
        rest = providers[providers.index(self.at.phase.removeprefix(self.SPLIT)) + 1 :]
        if rest:
            return self.SPLIT + rest[0]
        self._settle()
        return self.DETAIL if self._stale().exists() else None

    def expected_pages(self) -> int | None:
        if self.at.phase == "list":
            return None
        if self.at.phase == self.DETAIL:
            return self.at.pages + int(self._stale().count())
        left = len(self.vendor.split_providers) - self.vendor.split_providers.index(self.at.phase.removeprefix(self.SPLIT))
        return self.at.pages + left * max(1, self.at.list_pages)

    @property
    def promises_hold(self) -> bool:
        return self.at.phase == "list"

    def expected(self) -> Any:
        return self._kept().filter(day__gte=self.at.since) if self.at.since else self._kept()

    def finish(self) -> tuple[int, str]:
        live = self._kept()
        if not live.filter(seen_run=self.at.pass_id).exists():
            return 0, self.nothing_met() if self.expected().exists() else ""
        if self._another_account(live):
            return self.mark_gone()[0], OTHER
        # The vendor keeps recent broadcasts only: what is older than its list is history, not gone.
        since = max(filter(None, (self.at.since, self._day_after_oldest())), default="")
        # And what is dated in the future stands anywhere in it: a pass that ended with its window may not have come so far.
        future = {"day__lte": timezone.now().date() + timedelta(days=1)} if self.at.since else {}
        return self.mark_gone(**({"day__gte": since} if since else {}), **future)

    def _another_account(self, live: Any) -> bool:
        """After a key was replaced: there were broadcasts on the days that the whole list covers, and it names none of them."""
        if self.at.since or not self._day_after_oldest():
            return False
        before = live.filter(first_seen__lt=self.at.started, day__gte=self._day_after_oldest())
        return bool(before.exists() and not before.filter(seen_run=self.at.pass_id).exists())

    def _day_after_oldest(self) -> str:
        """The list's last day may be cut in the middle by the vendor's retention, unless the walk went past the window."""
        if not self.at.oldest or (self.at.since and self.at.oldest < self.at.since):
            return ""
        return (date.fromisoformat(self.at.oldest) + timedelta(days=1)).isoformat()

    def _stale(self) -> Any:
        return Broadcast.objects.filter(connection=self.connection, split_stale=True, gone_at=None, seen_run=self.at.pass_id)

    def _first_of_split(self) -> str | None:
        stale = self._stale().count()
        if not stale:
            return None
        if not self.vendor.split_providers or stale <= len(self.vendor.split_providers) * max(1, self.at.list_pages):
            return self.DETAIL
        return self._lists()

    def _after_details(self) -> str | None:
        if self.at.rows or not self._stale().exists():
            return None
        # The vendor's details hold no split: the documented way remains, and after that nothing.
        if self.at.settled:
            self._stale().update(split_stale=False)
        return None if self.at.settled else self._lists()

    def _lists(self) -> str | None:
        return self.SPLIT + self.vendor.split_providers[0] if self.vendor.split_providers else None

    def _settle(self) -> None:
        """After the lists: whatever adds up is known. The rest landed at a mailbox provider that no list is for."""
        sums = self._stale().annotate(found=Coalesce(Sum("placements__received"), 0), parts=Count("placements"))
        self._stale().filter(pk__in=sums.filter(Q(found=F("received"))).values("pk")).update(split_stale=False)
        self.at.settled = True

    #: Details asked after the lists, for broadcasts that do not add up; the vendor may never make them add up.
    MOST_LEFT_OVER = 200

    def _read_detail(self, cursor: str | None) -> Page[Any]:
        done, _, last = (cursor or "0:0").partition(":")
        if self.at.settled and int(done) >= self.MOST_LEFT_OVER:
            return Page((), None)
        row = self._stale().filter(pk__gt=int(last)).order_by("pk").values_list("pk", "external_id").first()
        if row is None:
            return Page((), None)
        try:
            split = tuple(self.vendor.detail(row[1]))
        except Rejected as error:
            if error.status != 404:
                raise
            split = ()
        more = f"{int(done) + 1}:{row[0]}"
        return Page((Split(row[0], split),), more)

    def _store_details(self, records: Sequence[Split]) -> Stored:
        stored = storing.store_placements(self.connection, [r for split in records for r in split.placements])
        # After the lists and the detail nothing is left to ask: what still does not add up is shown as it is.
        known = [split for split in records if split.placements or self.at.settled]
        for split in (split for split in known if split.placements):
            names = [r.mailbox_provider for r in split.placements]
            dropped, _ = Placement.objects.filter(broadcast_id=split.broadcast_id).exclude(mailbox_provider__in=names).delete()
            if dropped:
                rollups.roll_up(self.connection, Broadcast.objects.filter(pk=split.broadcast_id).values_list("day", flat=True))
        Broadcast.objects.filter(pk__in=[split.broadcast_id for split in known]).update(split_stale=False)
        return stored


class Split(Record, frozen=True):
    """A broadcast's own answer to 'where did it land', by our id."""

    broadcast_id: int
    placements: tuple[PlacementRecord, ...]
