"""A confirmed shuffle on its way: look → write down that it is sent → send once → read back → read the new seeds.

What was sent is never sent again: after a lost answer the vendor's status and last shuffle tell whether it happened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.queue import announce
from agency.secrets import Unreadable
from clients import leases
from clients.calling import open_vendor
from clients.models import Connection, Feed, Origin, Shuffle, ShuffleState
from clients.once import GIVE_UP, SURE_AFTER, Work
from clients.shuffles import hindering, history, seedbook, wording
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, Rejected, UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.shuffles import COMPLETED, FAILED, Cooldown, ShuffleRecord


def run(shuffle_id: int) -> Shuffle | None:
    """Takes the shuffle as far as it goes now. None when another worker has it, or when there is nothing to do."""
    token = leases.take(Shuffle.objects.under_way().unclaimed().filter(pk=shuffle_id))
    if token is None:
        return None
    return _Work(Shuffle.objects.select_related("connection__agency", "user").get(pk=shuffle_id), token).go()


class _Work(Work[Shuffle]):
    patience = timedelta(hours=1)

    def step(self) -> bool:
        steps: dict[str, Callable[[], bool]] = {
            ShuffleState.READY: self._send,
            ShuffleState.SENT: self._find_out,
            ShuffleState.PENDING: self._wait_for_the_vendor,
            ShuffleState.READING: self._read_back,
        }
        return self.row.state in steps and steps[self.row.state]()

    def _send(self) -> bool:
        if not seedbook.may_be_asked(self.connection):
            return self._fail(f"Nothing was sent: {hindering.unasked(self.connection)}")
        try:
            with open_vendor(self.connection, foreground=True) as vendor:
                cooldown, last = vendor.cooldown(), vendor.last_shuffle()
                seedbook.told(self.connection, cooldown)
                if not cooldown.allowed:
                    return self._refuse(cooldown)
                self._write(state=ShuffleState.SENT, sent_at=timezone.now(), baseline=_baseline(last), outcome="")
                return self._sent(vendor)
        except (VendorError, Unreadable) as error:
            return self._not_sent(error)

    def _sent(self, vendor: Vendor) -> bool:
        """From here on nothing is raised for `_not_sent`: it may have happened."""
        try:
            record = vendor.shuffle(self.row.order)
        except (VendorDown, UnexpectedAnswer) as error:
            self._write(outcome=f"{error} Whether it happened is being found out.")
            return True
        except VendorError as refusal:
            return self._refused(vendor, refusal)
        return self._accepted(record)

    def _refused(self, vendor: Vendor, refusal: VendorError) -> bool:
        """A no in so many words: nothing happened. In cooldown it may come as any of several statuses."""
        self._write(baseline=None)
        if isinstance(refusal, (Rejected, Busy, AccessDenied)):
            try:
                cooldown = vendor.cooldown()
            except VendorError:
                pass
            else:
                seedbook.told(self.connection, cooldown)
                if not cooldown.allowed:
                    return self._refuse(cooldown)
        return self._fail(f"{refusal} Nothing was shuffled.")

    def _refuse(self, cooldown: Cooldown) -> bool:
        until = cooldown.next_allowed_at
        words = f"In cooldown until {wording.moment(until)}." if until else "In cooldown; the vendor does not say until when."
        return self._end(ShuffleState.REFUSED, f"{words} Nothing was shuffled.", next_allowed_at=until)

    def _find_out(self) -> bool:
        """After a lost answer: the vendor's last shuffle is ours, or another's, or the one from before."""
        try:
            with open_vendor(self.connection, foreground=True) as vendor:
                last, cooldown = vendor.last_shuffle(), vendor.cooldown()
        except (VendorError, Unreadable) as error:
            return self._later(f"{error} Whether it happened is not known yet.", error, until=self.row.sent_at)
        seedbook.told(self.connection, cooldown)
        if last and seedbook.is_newer(last, self.row.baseline):
            if seedbook.is_asked_for(last, self.row):
                return self._accepted(last)
            return self._fail("Another shuffle came between, made at the vendor. This one did not happen.")
        if cooldown.allowed and timezone.now() - (self.row.sent_at or timezone.now()) >= SURE_AFTER:
            return self._fail("It did not happen: the vendor knows of no shuffle since. Plan it again.")
        return self._later("Its answer was lost. Whether it happened is being found out.", until=self.row.sent_at)

    def _wait_for_the_vendor(self) -> bool:
        try:
            with open_vendor(self.connection, foreground=True) as vendor:
                records = vendor.shuffles(None).records
        except (VendorError, Unreadable) as error:
            return self._later(str(error), error, until=self.row.sent_at)
        mine = next((record for record in records if record.external_id == self.row.external_id), None)
        if mine and mine.state in (COMPLETED, FAILED):
            return self._accepted(mine)
        return self._later("The vendor is at it.", until=self.row.sent_at)

    def _accepted(self, record: ShuffleRecord) -> bool:
        told: dict[str, Any] = {
            "external_id": record.external_id,
            "happened_at": record.at or self.row.sent_at,
            "replaced": record.replaced,
            "next_allowed_at": record.next_allowed_at,
        }
        with transaction.atomic():
            self._lock()
            # Somebody who took in the vendor's list just before it was ours took it for one made there.
            twins = Shuffle.objects.filter(connection=self.connection, external_id=record.external_id)
            twins.filter(origin=Origin.VENDOR).exclude(pk=self.row.pk).delete()
            if record.state == COMPLETED:
                self._write(state=ShuffleState.READING, answered_at=timezone.now(), outcome="", **told)
                seedbook.shuffled(self.connection, record)
            elif record.state != FAILED:
                self._write(state=ShuffleState.PENDING, outcome="The vendor is at it.", **told)
        if record.state == FAILED:
            self._want_seeds()
            return self._fail("The vendor took it on and says that it failed.", **told)
        if record.state == COMPLETED:
            return True
        return self._later("The vendor is at it.", until=self.row.sent_at)

    def _read_back(self) -> bool:
        """Done is what the seeds show, once a pass that began after the shuffle has read all of them."""
        feed = Feed.objects.filter(connection=self.connection, resource="seeds").first()
        answered = self.row.answered_at or timezone.now()
        if feed and feed.watermark and feed.watermark >= answered:
            seedbook.keep(self.connection)
            return self._compare()
        if timezone.now() - answered > GIVE_UP:
            return self._end(ShuffleState.DONE, "The vendor says that it is done; the new seeds have not been read yet.")
        self._want_seeds(feed)
        return self._later("Done at the vendor; the new seeds are being read.")

    def _compare(self) -> bool:
        since = self.row.since
        before = set(seedbook.at(self.connection, since).values_list("pk", flat=True)) if since else set()
        now = set(seedbook.in_use(self.connection).values_list("pk", flat=True))
        added, removed = len(now - before), len(before - now)
        told = self.row.replaced
        words = f"{removed:,} of {len(before):,} seeds went, {added:,} came."
        if told is not None and told not in (added, removed):
            words += f" The vendor counts {told:,}: what was read is what the files hold."
        return self._end(ShuffleState.DONE, words, added=added, removed=removed)

    def _want_seeds(self, feed: Feed | None = None) -> None:
        """Asks for a pass of the seeds. One that runs may have begun too early: then this is asked for again later."""
        if feed and (feed.failures or feed.requested_at):
            return  # it has its own next try
        now = timezone.now()
        ids = list(Feed.objects.unclaimed().filter(connection=self.connection, resource="seeds").values_list("pk", flat=True))
        Feed.objects.filter(pk__in=ids).update(next_at=now, requested_at=now)
        for pk in ids:
            announce("clients.sync_feed", pk)

    def _fail(self, outcome: str, **values: Any) -> bool:
        return self._end(ShuffleState.FAILED, outcome, **values)

    def _give_up(self, outcome: str) -> bool:
        return self._end(ShuffleState.UNCLEAR, outcome)

    def _end(self, state: ShuffleState, outcome: str, **values: Any) -> bool:
        with transaction.atomic():
            self._lock()
            self._write(state=state, outcome=outcome[:300], finished_at=timezone.now(), **values)
            after = {"result": self.row.outcome, "mix": seedbook.mix(self.connection)}
            history.record(self.row, f"shuffle.{state.value}", before={"mix": self.row.mix_before}, after=after)
        return False

    def _lock(self) -> None:
        Connection.objects.select_for_update(no_key=True).get(pk=self.connection.pk)


def _baseline(last: ShuffleRecord | None) -> dict[str, str]:
    if last is None:
        return {}
    return {"id": last.external_id, "at": last.at.isoformat() if last.at else ""}
