"""Confirmed leads on their way, a call's worth at a time: write down that it is sent → send once → keep what became of each line.

Whoever holds the lease takes the next step. Where an answer is lost, or its worker dies waiting for it, the campaign's leads are
read first: who is there is not sent again, and who is not was not taken. The vendor counts those that it took and those that
were there already without naming them; where a call had both, the same list tells them apart: the newest are those it took.

What was not sent is forgotten a day later, and the lines with their addresses after a while: the numbers stay.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.secrets import Unreadable
from clients import bulk, leases, sync
from clients.calling import open_vendor
from clients.leads import asking, history, wording
from clients.models import Feed, LeadChunk, LeadLine, LeadState, LeadUpload, UploadState
from clients.vendors.base import Vendor
from clients.vendors.errors import (
    AccessDenied,
    Busy,
    PlanLacks,
    Rejected,
    StaleCursor,
    UnexpectedAnswer,
    VendorDown,
    VendorError,
)
from clients.vendors.leads import NewLead, Taken

#: A call that was lost so long ago has happened or never will.
SURE_AFTER = timedelta(minutes=1)
AGAIN = timedelta(seconds=10)
#: A vendor that can't be asked is asked again for so long.
PATIENCE = timedelta(hours=6)
#: Of a call without an answer nothing was counted. Who is younger than it, but for what clocks differ by, came with it; who is a
#: day older did not; and of the others we don't know.
SKEW, SURELY_OLDER = timedelta(minutes=2), timedelta(days=1)
RESULTS_KEPT = timedelta(days=90)
MOST_TRIES = 3  # of one piece
MOST_PAGES = 300  # of a campaign's leads, read only to tell created ones from those that were there
MANY = "Which of them were there already was not read: the campaign has too many leads."
STEPS = 30  # in one go: others wait for the worker too


def run(upload_id: int) -> LeadUpload | None:
    """Takes the upload as far as it goes now. None when another worker has it, or when there is nothing to do."""
    token = leases.take(LeadUpload.objects.due().filter(pk=upload_id))
    if token is None:
        return None
    rows = LeadUpload.objects.select_related("connection__agency", "client", "campaign__connection", "user")
    work = _Work(rows.get(pk=upload_id), token)
    return leases.carried(work.row, token, work.go, broken=6 * AGAIN)


class _Work:
    def __init__(self, row: LeadUpload, token: uuid.UUID) -> None:
        self.row, self.token = row, token

    def go(self) -> None:
        if self.row.state != UploadState.SENDING:
            return self._forget()
        if why := asking.barred_from(self.row.connection):
            return self._end(UploadState.FAILED, why)
        try:
            with open_vendor(self.row.connection) as opened:
                vendor = opened.acting_for(self.row.campaign.workspace)
                for _ in range(STEPS):
                    if sync.stopping.is_set() or not self._step(vendor):
                        return None
        except (VendorError, Unreadable) as error:
            self._unasked(error)
        return None

    def _step(self, vendor: Vendor) -> bool:
        """Whether there is another to take at once. What was sent is found out before anything more is."""
        chunks = LeadChunk.objects.filter(upload=self.row, done=False).order_by("number")
        unanswered = chunks.exclude(sent_at=None).defer("leads").first()
        if unanswered and unanswered.sent_at:
            sure = unanswered.sent_at + SURE_AFTER
            return self._look(vendor) if timezone.now() >= sure else self._later("", at=sure)
        if LeadUpload.objects.filter(pk=self.row.pk, stop_asked=True).exists():
            self._end(UploadState.STOPPED, "Stopped. What was not sent can be sent yet, for a day.")
            return False
        if chunk := chunks.first():
            return self._send(vendor, chunk)
        if self.row.looked_at is None and self._lines(LeadState.TAKEN).exists():
            if self.row.pages < MOST_PAGES:
                return self._look(vendor)
            self._end(UploadState.DONE, MANY)
            return False
        self._end(UploadState.DONE, "")
        return False

    def _close(self, chunk: LeadChunk) -> None:
        LeadChunk.objects.filter(pk=chunk.pk).update(done=True, leads=[])

    def _send(self, vendor: Vendor, chunk: LeadChunk) -> bool:
        lines = list(self._lines(LeadState.WAITING).filter(chunk=chunk.number).order_by("line"))
        waiting = {line.email for line in lines}
        leads = [NewLead(**told) for told in chunk.leads if told["email"].lower() in waiting]
        if not leads:
            self._close(chunk)
            return True
        if chunk.tries >= MOST_TRIES:
            self._end(UploadState.FAILED, f"{MOST_TRIES} times no answer came, and these leads were not there.")
            return False
        with transaction.atomic():
            self._write(outcome="", cursor="", pages=0, looked_at=None)
            LeadChunk.objects.filter(pk=chunk.pk).update(sent_at=timezone.now(), tries=chunk.tries + 1)
            self._lines(LeadState.WAITING).filter(chunk=chunk.number).update(state=LeadState.SENT)
        return self._sent(vendor, chunk, lines, leads)

    def _sent(self, vendor: Vendor, chunk: LeadChunk, lines: list[LeadLine], leads: list[NewLead]) -> bool:
        try:
            taken = vendor.add_leads(self.row.campaign.external_id, leads)
        except (VendorDown, UnexpectedAnswer) as error:
            return self._later(f"{error} Whether these leads were taken is being found out.", at=timezone.now() + SURE_AFTER)
        except VendorError as refusal:
            # A no in so many words: none of them was taken.
            with transaction.atomic():
                self._write()
                LeadChunk.objects.filter(pk=chunk.pk).update(sent_at=None, tries=chunk.tries)
                self._lines(LeadState.SENT).filter(chunk=chunk.number).update(state=LeadState.WAITING)
            self._unasked(refusal)
            return False
        self._answered(chunk, lines, taken)
        return True

    def _answered(self, chunk: LeadChunk, lines: list[LeadLine], taken: Taken) -> None:
        state = _one_state(taken, len(lines))
        refused = [(lines[place].pk, LeadState.REFUSED.value, said[:300]) for place, said in taken.refused.items()]
        with transaction.atomic():
            self._write()
            bulk.update(LeadLine, ("id", "state", "said"), refused)
            self._lines(LeadState.SENT).filter(chunk=chunk.number).update(state=state)
            LeadChunk.objects.filter(pk=chunk.pk).update(created=taken.created)
            self._close(chunk)

    def _look(self, vendor: Vendor) -> bool:
        """One page of those that are in the campaign."""
        try:
            known, cursor = vendor.leads_of(self.row.campaign.external_id, self.row.cursor or None)
        except StaleCursor:
            self._write(cursor="", pages=0)
            return True
        if cursor is not None and cursor == self.row.cursor:
            # Who stands behind it is not known, so nobody may be called missing: it is read from its start again.
            self._write(cursor="", pages=0)
            raise UnexpectedAnswer("The list of the campaign's leads leads nowhere.", "cursor")
        found = {lead.email: lead for lead in known}
        open_lines = self.row.lines.filter(state__in=(LeadState.SENT, LeadState.TAKEN), email__in=list(found))
        told = [(line.pk, LeadState.TAKEN.value, found[line.email].created_at) for line in open_lines]
        with transaction.atomic():
            pages = self.row.pages + 1
            self._write(cursor=cursor or "", pages=pages, outcome=f"Reading the campaign's leads: page {pages:,}.")
            bulk.update(LeadLine, ("id", "state", "since"), told)
            if cursor is None:
                self._looked()
        return True

    def _looked(self) -> None:
        """All are read: whoever was sent and is not there was not taken, and is sent again."""
        self._write(looked_at=timezone.now(), pages=0, outcome="")
        for chunk in self.row.chunks.exclude(sent_at=None).defer("leads"):
            self._tell_apart(chunk)
        self._lines(LeadState.SENT).update(state=LeadState.WAITING)
        LeadChunk.objects.filter(upload=self.row, done=False).update(sent_at=None)

    def _tell_apart(self, chunk: LeadChunk) -> None:
        """Those that a call created from those that were there."""
        lines = self._lines(LeadState.TAKEN).filter(chunk=chunk.number).exclude(since=None)
        if chunk.created is None and chunk.sent_at:
            lines.filter(since__gte=chunk.sent_at - SKEW).update(state=LeadState.CREATED)
            lines.filter(since__lt=chunk.sent_at - SURELY_OLDER).update(state=LeadState.THERE)
        elif chunk.created is not None:
            ages = list(lines.order_by("-since").values_list("since", flat=True))
            if 0 < chunk.created < len(ages) and ages[chunk.created - 1] > ages[chunk.created]:
                lines.filter(since__lt=ages[chunk.created - 1]).update(state=LeadState.THERE)
                lines.update(state=LeadState.CREATED)

    def _unasked(self, error: VendorError | Unreadable) -> None:
        lasting = isinstance(error, (AccessDenied, PlanLacks, Rejected, Unreadable))
        open_since = self.row.confirmed_at or timezone.now()
        if lasting or (not isinstance(error, Busy) and timezone.now() - open_since > PATIENCE):
            self._end(UploadState.FAILED, str(error))
        else:
            wait = timedelta(seconds=error.retry_after) if isinstance(error, Busy) else 3 * AGAIN
            self._later(f"{error} It goes on by itself.", at=timezone.now() + max(wait, AGAIN))

    def _end(self, state: UploadState, outcome: str) -> None:
        now, whole = timezone.now(), state == UploadState.DONE
        with transaction.atomic():
            self._write(
                state=state,
                outcome=outcome[:300],
                finished_at=now,
                counts=wording.counts(self.row),
                next_at=now + (RESULTS_KEPT if whole else asking.FORGOTTEN),
            )
            history.ended(self.row, "leads.ended" if whole else f"leads.{state}")
            # How many there are is told with the campaign.
            Feed.objects.filter(connection=self.row.connection, resource__in=("campaigns", "leads")).update(next_at=now)

    def _forget(self) -> None:
        """What nobody confirmed goes whole; of what was, first the leads that were not sent, and later the lines."""
        if not self.row.is_over:
            return asking.forget(self.row)
        with transaction.atomic():
            left = self.row.chunks.filter(done=False).exists()
            self.row.chunks.all().delete()
            if not left:
                self.row.lines.all().delete()
            at = (self.row.finished_at or timezone.now()) + RESULTS_KEPT
            self._write(next_at=at if left else None)
        return None

    def _later(self, outcome: str, *, at: datetime) -> bool:
        self._write(next_at=at, **({"outcome": outcome[:300]} if outcome else {}))
        return False

    def _lines(self, state: LeadState) -> Any:
        return self.row.lines.filter(state=state)

    def _write(self, **values: Any) -> None:
        """Only while the lease is ours, which it prolongs."""
        leases.write(self.row, self.token, **values)


def _one_state(taken: Taken, asked: int) -> LeadState:
    """Of all that were not refused: what the numbers say, where they say one thing."""
    left = asked - len(taken.refused)
    for state, number in (
        (LeadState.CREATED, taken.created),
        (LeadState.THERE, taken.skipped),
        (LeadState.UPDATED, taken.updated),
    ):
        if number == left:
            return state
    return LeadState.TAKEN
