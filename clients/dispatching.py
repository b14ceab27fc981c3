"""Finding what is due, and handing it to the workers without flooding them."""

from __future__ import annotations

from agency.celery import ASKED, SCHEDULED, app
from agency.queue import waiting
from clients.models import Change, Feed
from clients.models.changes import ChangeQuerySet
from clients.models.operations import FeedQuerySet

#: Handed out at once, per queue; and so few left waiting that the workers need more.
BATCH = 200
FEW = 50


def hand_out() -> int:
    """Announces due feeds and changes; how many.

    Nothing is remembered: a queue that still has enough is left alone, else the first due feeds are handed out again. So the
    queue never holds more than BATCH + FEW, a wiped queue is full again at the next tick, and a feed handed out twice is
    no longer due for the second worker."""
    due = Feed.objects.due()
    return (
        _fill(ASKED, "clients.apply_change", Change.objects.due())
        + _fill(ASKED, "clients.sync_feed", due.exclude(requested_at=None))
        + _fill(SCHEDULED, "clients.sync_feed", due.filter(requested_at=None))
    )


def _fill(queue: str, task: str, due: FeedQuerySet | ChangeQuerySet) -> int:
    if waiting(queue) >= FEW:
        return 0
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    for pk in ids:
        app.send_task(task, args=[pk], queue=queue)
    return len(ids)
