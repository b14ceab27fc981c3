"""A confirmed shuffle on its way: look → write down that it is sent → send once → read back → read the new seeds.

Whoever holds its lease takes the next step. What was sent is never sent again: when the answer is lost, or its worker dies
waiting for it, the vendor's status and last shuffle tell whether it happened. No HTTP happens inside a transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.queue import announce
from agency.secrets import Unreadable
from clients import leases
from clients.calling import open_vendor
from clients.leases import Lost
from clients.models import Connection, Feed, Origin, Shuffle, ShuffleState
from clients.shuffles import hindering, history, seedbook, wording
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, PlanLacks, Rejected, UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.shuffles import COMPLETED, FAILED, Cooldown, ShuffleRecord

#: An answer lost so long ago, and still no trace of it at the vendor: it did not happen.
SURE_AFTER = timedelta(minutes=2)
#: So often what is not known yet is looked at.
AGAIN = timedelta(seconds=10)
#: Before it is sent, a vendor that can't be asked is asked again for so long.
PATIENCE = timedelta(hours=1)
#: What could not be found out by then needs a person.
GIVE_UP = timedelta(hours=24)


def run(shuffle_id: int) -> Shuffle | None:
    """Takes the shuffle as far as it goes now. None when another worker has it, or when there is nothing to do."""
    token = leases.take(Shuffle.objects.under_way().unclaimed().filter(pk=shuffle_id))
    if token is None:
        return None
    work = _Work(Shuffle.objects.select_related("connection__agency", "user").get(pk=shuffle_id), token)
    try:
        with leases.released(work.row, token, broken=6 * AGAIN):
            while work.step():
                pass
    except Lost:
        return None
    return work.row


class _Work:
    def __init__(self, row: Shuffle, token: uuid.UUID) -> None:
        self.row, self.token = row, token
        self.connection: Connection = row.connection

    def step(self) -> bool:
        """Whether there is another to take at once."""
        steps: dict[str, Callable[[], bool]] = {
            ShuffleState.READY: self._send,
            ShuffleState.SENT: self._find_out,
            ShuffleState.PENDING: self._wait_for_the_vendor,
            ShuffleState.READING: self._read_back,
        }
        return self.row.state in steps and steps[self.row.state]()

    def _send(self) -> bool:
        if not seedbook.may_be_asked(self.connection):
            return self._end(ShuffleState.FAILED, f"Nothing was sent: {hindering.unasked(self.connection)}")
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
        return self._end(ShuffleState.FAILED, f"{refusal} Nothing was shuffled.")

    def _refuse(self, cooldown: Cooldown) -> bool:
        until = cooldown.next_allowed_at
        words = f"In cooldown until {wording.moment(until)}." if until else "In cooldown; the vendor does not say until when."
        return self._end(ShuffleState.REFUSED, f"{words} Nothing was shuffled.", next_allowed_at=until)

    def _not_sent(self, error: VendorError | Unreadable) -> bool:
        lasting = isinstance(error, (AccessDenied, PlanLacks, Rejected, Unreadable))
        if lasting or timezone.now() - (self.row.confirmed_at or timezone.now()) > PATIENCE:
            return self._end(ShuffleState.FAILED, f"{error} Nothing was sent.")
        return self._later(f"{error} Nothing has been sent yet.", error)

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
            return self._end(ShuffleState.FAILED, "Another shuffle came between, made at the vendor. This one did not happen.")
        if cooldown.allowed and timezone.now() - (self.row.sent_at or timezone.now()) >= SURE_AFTER:
            return self._end(ShuffleState.FAILED, "It did not happen: the vendor knows of no shuffle since. Plan it again.")
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
            return self._end(ShuffleState.FAILED, "The vendor took it on and says that it failed.", **told)
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

    def _later(self, outcome: str, error: Exception | None = None, until: datetime | None = None) -> bool:
        """Looked at again soon; `until`: since when it has been so."""
        if until and timezone.now() - until > GIVE_UP:
            words = f"{outcome} It could not be found out for a day: look at the vendor's own pages."
            return self._end(ShuffleState.UNCLEAR, words)
        wait = timedelta(seconds=error.retry_after) if isinstance(error, Busy) else AGAIN if error is None else 3 * AGAIN
        self._write(outcome=outcome[:300], next_at=timezone.now() + min(max(wait, AGAIN), PATIENCE))
        return False

    def _end(self, state: ShuffleState, outcome: str, **values: Any) -> bool:
        with transaction.atomic():
            self._lock()
            self._write(state=state, outcome=outcome[:300], finished_at=timezone.now(), **values)
            after = {"result": self.row.outcome, "mix": seedbook.mix(self.connection)}
            history.record(self.row, f"shuffle.{state.value}", before={"mix": self.row.mix_before}, after=after)
        return False

    def _lock(self) -> None:
        Connection.objects.select_for_update(no_key=True).get(pk=self.connection.pk)

    def _write(self, **values: Any) -> None:
        """Only while the lease is ours, which it prolongs."""
        leases.write(self.row, self.token, **values)


def _baseline(last: ShuffleRecord | None) -> dict[str, str]:
    if last is None:
        return {}
    return {"id": last.external_id, "at": last.at.isoformat() if last.at else ""}
