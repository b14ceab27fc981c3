"""The mails of a placement test, counted: by day, sender and mailbox provider.

Counted are received mails whose verdict is in: spam, promotions (a category), primary. `undecided` are those that came and have
none; `missing` are seeds that got nothing. Rows of a sender that is not in the test count nowhere. Into a test that is sent from
outside whoever writes its code gets by that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from clients.models import PlacementTest, TestKind, TestMail, TestRecord

#: Rows come in bursts of less than half an hour's distance: after a longer pause the run is over, and the next is another.
PAUSE = timedelta(hours=6)


class Cell(NamedTuple):
    """One sender on one day at one mailbox provider."""

    day: date
    sender: str
    mailbox_provider: str
    seeds: int
    came: int  # with a verdict or without
    received: int
    primary: int
    promotions: int
    spam: int

    @property
    def undecided(self) -> int:
        return self.came - self.received

    @property
    def missing(self) -> int:
        return max(0, self.seeds - self.came)


type Cells = dict[tuple[date, str], list[Cell]]  # by day and sender


def cells_of(test: PlacementTest, since: date | None) -> Cells:
    found: Cells = defaultdict(list)
    for cell in _cells(test, since):
        found[cell.day, cell.sender].append(cell)
    return found


def senders_of(test: PlacementTest) -> set[str]:
    """Those whose rows count."""
    return set(test.parts.values_list("email", flat=True)) if test.is_outside else set(test.senders)


def give_runs_their_day(test: PlacementTest, since: date | None) -> None:
    """A run that begins before midnight and ends after it is of the day on which it began."""
    mails = TestMail.objects.filter(test=test, **({"day__gte": since} if since else {}))
    start = last = None
    spans: list[tuple[datetime, datetime]] = []
    for at in mails.order_by("at").values_list("at", flat=True).iterator(chunk_size=5000):
        if start is None or last is None or at - last > PAUSE:
            spans += [(start, last)] if start and last else []
            start = at
        last = at
    spans += [(start, last)] if start and last else []
    for first, end in spans:
        if first.astimezone(UTC).date() != end.astimezone(UTC).date():
            day = first.astimezone(UTC).date()
            mails.filter(at__range=(first, end)).exclude(day=day).update(day=day)


def _cells(test: PlacementTest, since: date | None) -> Iterable[Cell]:
    landed = Q(record=TestRecord.RECEIVED, is_spam__isnull=False)
    inbox = landed & Q(is_spam=False)
    rows = TestMail.objects.filter(test=test, **({"day__gte": since} if since else {}))
    by = ["sender_email", "mailbox_provider", *(["day"] if test.kind == TestKind.AUTOMATED else [])]
    counted = rows.order_by().values(*by).annotate(
        recipients=Count("recipient_email", distinct=True),
        sent=Count("pk", filter=Q(record=TestRecord.SENT)),
        came=Count("pk", filter=Q(record=TestRecord.RECEIVED)),
        received=Count("pk", filter=landed),
        promotions=Count("pk", filter=inbox & Q(has_category=True)),
        spam=Count("pk", filter=landed & Q(is_spam=True)),
    )  # fmt: skip
    senders, once = senders_of(test), _day_of(test)
    for row in counted:
        if row["sender_email"] in senders:
            primary = row["received"] - row["promotions"] - row["spam"]
            # Two runs of one day reach each recipient twice; a mail that was received was sent, row or no row.
            seeds = max(row["sent"], row["recipients"])
            counts = seeds, row["came"], row["received"], primary, row["promotions"], row["spam"]
            yield Cell(row.get("day") or once, row["sender_email"], row["mailbox_provider"], *counts)


def _day_of(test: PlacementTest) -> date:
    """Of a one-time test: the day it was made; without that, of its first row."""
    first = test.created_at or TestMail.objects.filter(test=test).order_by("at").values_list("at", flat=True).first()
    return (first or test.first_seen).astimezone(UTC).date()
