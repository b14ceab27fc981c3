"""Calls that a vendor answers with a background job: whether that is over is asked now and then, and nobody waits for it.

The job's id stays with its items, so that whoever comes next can ask. Where the answer was lost, with the id in it, the
vendor's list of jobs tells whether the call came through: nothing is sent again before it was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from clients.changes import payloads
from clients.changes.ending import Park
from clients.models import ChangeItem
from clients.vendors.base import Vendor
from clients.vendors.errors import PlanLacks, Rejected
from clients.vendors.records import JobRecord

#: A job is looked at again after half the time that it has taken so far, between these.
SOONEST, LATEST = timedelta(seconds=2), timedelta(seconds=20)
#: One that takes longer is given up: what it has done until then is read.
TOO_LONG = timedelta(hours=1)
#: Where the key may not see jobs, so much time is left to them.
UNSEEN = timedelta(minutes=5)
#: So far may the vendor's clock be behind ours.
SKEW = timedelta(minutes=2)


@dataclass
class Jobs:
    """`under_way`: items whose result can't be read yet. `ends`: words for jobs that did not succeed, by id."""

    under_way: list[ChangeItem] = field(default_factory=list)
    ends: dict[str, str] = field(default_factory=dict)

    def park(self, label: str) -> Park:
        age = timezone.now() - min(item.sent_at or timezone.now() for item in self.under_way)
        number = len(self.under_way)
        why = f"{label} works on {number:,} of them in the background; the result is read when that is over."
        return Park(timezone.now() + max(SOONEST, min(LATEST, age / 2)), why)


def look(vendor: Vendor, between: Collection[ChangeItem]) -> Jobs:
    """Of items that were sent, or may have been: which are still at work. Gives those their job that did not know it. Raises
    `VendorError`."""
    jobs = Jobs()
    items = [item for item in between if vendor.in_background(payloads.order(item.after))]
    try:
        _find(vendor, [item for item in items if not item.job])
        for external_id in {item.job for item in items if item.job}:
            _judge(vendor, external_id, [item for item in items if item.job == external_id], jobs)
    except PlanLacks:
        # The key may not see them: time will do.
        jobs.under_way = [item for item in items if _age(item) < UNSEEN]
    return jobs


def _find(vendor: Vendor, lost: list[ChangeItem]) -> None:
    """Answers that were lost, and workers that died before they could write them down."""
    if not lost:
        return
    since = min(item.sent_at or timezone.now() for item in lost) - SKEW
    found = vendor.jobs_since(since)
    known = set(ChangeItem.objects.filter(job__in=[job.external_id for job in found]).values_list("job", flat=True))
    fresh = [job for job in found if job.external_id not in known]
    for item in lost:
        item.job = next((job.external_id for job in fresh if _is_of(job, item)), "")
    ChangeItem.objects.bulk_update(lost, ["job"], batch_size=500)


def _is_of(job: JobRecord, item: ChangeItem) -> bool:
    return item.email.lower() in job.senders and job.what == payloads.order(item.after)


def _judge(vendor: Vendor, external_id: str, items: Iterable[ChangeItem], jobs: Jobs) -> None:
    items = list(items)
    try:
        job = vendor.job(external_id)
    except Rejected as refusal:
        if refusal.status != 404:
            raise
        return
    if job.over:
        if job.failed:
            jobs.ends[external_id] = f"{vendor.label} began it, and its job ended as ‘{job.failed}’."
    elif max(_age(item) for item in items) < TOO_LONG:
        jobs.under_way += items
    else:
        jobs.ends[external_id] = f"{vendor.label} began it, and its job was not over after an hour."


def _age(item: ChangeItem) -> timedelta:
    return timezone.now() - (item.sent_at or timezone.now())
