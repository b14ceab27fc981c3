"""Where a placement test stands: whether its results are coming in, it has not run yet, or something holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from clients.models import PlacementTest, TestKind, TestOrder, TestStatus
from clients.placement_tests import QUIET
from reports.stats import Counts

#: What a test is to its senders of which no mail is known: only where it is over are they silent.
UNDER_WAY, NOT_YET, NEVER, OVER = "under way", "has not run yet", "never ran", "over"


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a test whose results are still coming in: so many mails `of` so many are in. `of` is 0 where nobody knows."""

    done: int
    of: int

    @property
    def words(self) -> str:
        return f"{self.done:,} of {self.of:,} in" if self.of else f"{self.done:,} in, of how many nobody knows"


def progress(test: PlacementTest, senders: int, last: Counts | None) -> Progress | None:
    """`senders` of the client's, `last` what its newest run has brought them; None where nothing is known to be on its way."""
    if test.settled or test.gone_at or not test.read_at:
        return None
    # An automated test is never through: its run is, as a one-time test is, once it is known what is missing of it.
    if last.missing is not None if last else test.kind == TestKind.AUTOMATED or not _may_be_sending(test):
        return None
    received, expected = last.received if last else 0, test.seeds * senders
    return Progress(min(received, expected) if expected else received, expected)


def standing(test: PlacementTest, last: Counts | None) -> str:
    """One of the words above; `last` as `progress` has it."""
    if not test.read_at or progress(test, 0, last):
        return UNDER_WAY
    if has_not_run(test):
        return NOT_YET
    return NEVER if test.gone_at and not test.rows and test.kind == TestKind.AUTOMATED else OVER


def writing(test: PlacementTest, senders: int, silent: int) -> int:
    """How many are waited for. Nobody knows it of a test from outside: anybody may write, to any of its seeds."""
    return 0 if test.is_outside else senders


def has_not_run(test: PlacementTest) -> bool:
    """It is not over, and nothing of it is known: its senders are not silent, for all that is known nobody asked them yet."""
    return bool(test.read_at) and not test.rows and not test.gone_at and test.status != TestStatus.COMPLETED


def may_soon_run(test: PlacementTest) -> bool:
    """Worth looking at again in a moment."""
    return has_not_run(test) and _may_be_sending(test)


def held(test: PlacementTest) -> str:
    """'daily_limits_hit' → 'daily limits hit'."""
    return "" if test.gone_at or test.settled else test.not_sending.replace("_", " ")


def with_asked(tests: QuerySet[Any]) -> Any:
    """Each with `asked_at`: when we asked its vendor for a first run at once; no query more."""
    orders = TestOrder.objects.filter(test=OuterRef("pk"), wanted__kind=TestKind.AUTOMATED, wanted__at_once=True)
    return tests.annotate(asked_at=Subquery(orders.order_by("-sent_at").values("sent_at")[:1]))


def result(test: PlacementTest) -> str:
    """A line, of one that has not run."""
    at = was_asked(test)
    return f"asked to run {at:%-d %b %Y, %H:%M} UTC, nothing in yet" if at else "has not run yet"


def why_not(test: PlacementTest) -> str:
    """In words, of one that has not run."""
    if test.status == TestStatus.PAUSED:
        return "It is paused, and not one mail of it is known."
    if why := held(test):
        return f"The vendor does not send it now: {why}. Not one mail of it is known."
    if test.kind != TestKind.AUTOMATED:
        return "Not one mail of it is known, although the vendor counts it as under way."
    when = "No run of it has brought anything yet"
    if at := was_asked(test):
        when = f"It was asked to run at once on {at:%-d %b %Y, %H:%M} UTC, and waits for its vendor"
    return f"{when}: the first results come about half an hour after a run begins, all of them within hours."


def was_asked(test: PlacementTest) -> datetime | None:
    """None of one that is held up: that is what it waits for."""
    is_held = test.status == TestStatus.PAUSED or held(test)
    return None if is_held else getattr(test, "asked_at", None)


def _may_be_sending(test: PlacementTest) -> bool:
    """With the first rows late, but not by a day."""
    if test.rows:
        return True
    return test.status != TestStatus.PAUSED and not held(test) and timezone.now() - test.stirred_at <= QUIET
