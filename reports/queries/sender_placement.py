"""Where one sender's mail landed, and the tests it was in."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import NamedTuple

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, When

from clients.models import ALL_PROVIDERS, Broadcast, Client, Placement, Sender, TestSender, TestStatus
from reports.scope import Window
from reports.stats import Counts


def placed(sender: Sender, client: Client, window: Window) -> dict[str, Counts]:
    """Mailbox provider → counts, of broadcasts and of tests; `ALL_PROVIDERS` from the broadcasts' own totals. Two queries."""
    rows = broadcasts(sender, client, window)
    totals = rows.aggregate(**_sums())
    split = Placement.objects.filter(broadcast__in=rows).order_by().values_list("mailbox_provider").annotate(**_sums())
    found = {provider: Counts(*counts) for provider, *counts in split}
    return {ALL_PROVIDERS: Counts(**{name.removeprefix("n_"): total for name, total in totals.items()}), **found}


class InTests(NamedTuple):
    """Of the tests that were made or ran in the window: how many it is in, and how many of those are over for it."""

    number: int
    over: int


def in_tests(sender: Sender, client: Client, window: Window) -> InTests:
    """One query."""
    since = datetime.combine(window.first, time.min, UTC)
    at_it = Q(test__read_to__gte=window.first) | Q(test__created_at__gte=since)
    rows = TestSender.objects.filter(at_it, client=client, sender_ref=sender.external_id, test__connection=sender.connection_id)
    running = Broadcast.objects.filter(test=OuterRef("test"), missing=None, gone_at=None)
    ran = Q(test__rows__gt=0) | Q(test__status=TestStatus.COMPLETED)
    over = Case(When(ran & Q(test__read_at__isnull=False) & ~Exists(running), then=1))
    return InTests(**rows.filter(test__gone_at=None).aggregate(number=Count("pk"), over=Count(over)))


def broadcasts(sender: Sender, client: Client, window: Window) -> QuerySet[Broadcast]:
    """By the vendor's reference; by address where it gives none."""
    mine = Q(sender_ref=sender.external_id) | Q(sender_ref="", from_email__iexact=sender.email)
    rows = Broadcast.objects.filter(mine, client=client, connection=sender.connection_id, gone_at=None)
    return rows.filter(day__range=(window.first, window.last))


def _sums() -> dict[str, Sum]:
    return {f"n_{name}": Sum(name, default=None if name in ("missing", "undecided") else 0) for name in Counts._fields}
