"""What the vendors call the mailbox providers that stand as 'other'."""

from __future__ import annotations

from clients.models import Broadcast, MailboxProvider, TestMail
from reports.scope import Scope

NEWEST = 5  # tests that are asked for the names
NAMES = 6


def names(scope: Scope) -> list[str]:
    """In the newest placement tests of the window: mails of other kinds come without one. Two queries."""
    other = MailboxProvider.OTHER
    ran = Broadcast.objects.filter(client__in=scope.clients, day__range=(scope.window.first, scope.window.last))
    ran = ran.filter(test__isnull=False, gone_at=None, placements__mailbox_provider=other)
    tests = list(ran.order_by("-test").values_list("test", flat=True).distinct()[:NEWEST])
    rows = TestMail.objects.filter(test__in=tests, mailbox_provider=other).exclude(provider_raw="")
    return list(rows.order_by("provider_raw").values_list("provider_raw", flat=True).distinct()[:NAMES])
