"""What vendors sent is kept word for word for `EVENT_DAYS`; that it came, and what became of it, for good.

Nothing remembers when this was last done: it is due when a body has been here a day too long.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from clients import sync
from clients.models import Event, EventState
from clients.models.events import EventQuerySet

#: Rows of one statement, so that nobody waits for long.
SLICE = 500
#: Statements of one task.
SLICES = 40


def is_due() -> bool:
    return _older_than(settings.EVENT_DAYS + 1).exists()


def forget() -> int:
    """How many. What waits to be processed is left as it is."""
    done = 0
    for _ in range(SLICES):
        ids = list(_older_than(settings.EVENT_DAYS).order_by("received_at").values_list("pk", flat=True)[:SLICE])
        if not ids or sync.stopping.is_set():
            break
        done += Event.objects.filter(pk__in=ids).exclude(state=EventState.WAITING).update(raw="", forgotten_at=timezone.now())
    return done


def _older_than(days: int) -> EventQuerySet:
    """None where bodies are kept for good."""
    rows = Event.objects.filter(forgotten_at=None, received_at__lt=timezone.now() - timedelta(days=days))
    return rows.exclude(state=EventState.WAITING) if settings.EVENT_DAYS else rows.none()
