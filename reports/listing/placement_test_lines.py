"""Placement tests as a list shows them: every figure already words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from clients.models import Client, PlacementTest, TestKind, TestStatus
from reports.ages import short_day
from reports.listing.heads import Column
from reports.listing.placement_tests import Figures, Senders
from reports.listing.test_states import (
    NEVER,
    OVER,
    Progress,
    has_not_run,
    held,
    may_soon_run,
    progress,
    result,
    standing,
    writing,
)
from reports.stats import UNMEASURED, Cell

COLUMNS = [
    Column("Last run", "when", best_first=True, title="When it was made; of an automated one, the day of its newest run"),
    Column("Test", "name"),
    Column("Kind"),
    Column("Status"),
    Column("Senders", number=True, title="This client's; silent ones are in the test, and no mail of theirs is known"),
    Column("Received", "received", number=True, best_first=True),
    Column("Inboxing", "inboxing", number=True, title="Primary and promotions of all received, with the 95 % interval"),
    Column("Missing", "missing", number=True, best_first=True, title="Sent, and not found in any folder of the seed"),
    Column("Results"),
]

_ACTS = Column("Actions")


def columns(*, steers: bool) -> list[Column]:
    """With one for what can be done, where somebody may and something can."""
    return [*COLUMNS, _ACTS] if steers else COLUMNS


TONES = {"active": "good", "completed": "", "paused": "look", "gone": ""}


@dataclass(frozen=True, slots=True)
class Line:
    url: str
    name: str
    subject: str
    made: str
    iso: str
    ran: str  # the day of an automated one's newest run, 'not yet' of one that never ran, and `made` is when it was set up
    acts: Acts | None
    kind: str
    status: str
    tone: str
    held: str  # the vendor's word for why it does not send
    senders: str
    silent: str
    received: str
    inboxing: Cell
    missing: str
    results: str
    progress: Progress | None
    moves: bool  # whether there may soon be more to show


@dataclass(frozen=True, slots=True)
class Acts:
    """What a member who may can do to a test from the list."""

    uuid: UUID
    turn: str  # 'test-pause', 'test-resume' or nothing


def lines(
    client: Client,
    rows: Sequence[PlacementTest],
    figures: Mapping[int, Figures],
    senders: Mapping[int, Senders],
    *,
    may_steer: bool = False,
    left: Collection[tuple[int, str]] = (),
) -> list[Line]:
    """The rows come with their connections where `may_steer`. `left`: (connection, workspace) that can't be reached any more."""
    return [
        _line(
            client,
            row,
            figures.get(row.pk, Figures()),
            senders.get(row.pk, Senders()),
            may_steer and (row.connection_id, row.workspace) not in left,
        )
        for row in rows
    ]


def acts(test: PlacementTest) -> Acts | None:
    """None where the vendor takes nothing from outside, or has the test no more."""
    if test.gone_at or test.connection.removed_at or "tests" not in test.connection.vendor_class.can:
        return None
    turns = {TestStatus.ACTIVE.value: "test-pause", TestStatus.PAUSED.value: "test-resume"}
    return Acts(test.uuid, turns.get(test.status, ""))


def kind(test: PlacementTest) -> str:
    return dict(TestKind.choices).get(test.kind, test.kind)


def status(word: str) -> str:
    """A number that the vendor has not explained stays one."""
    return f"status {word}" if word.lstrip("-").isdigit() else word.capitalize() or "–"


def _line(client: Client, test: PlacementTest, figures: Figures, senders: Senders, may_steer: bool) -> Line:
    made, under_way = (
        test.created_at or test.first_seen,
        progress(test, writing(test, senders.number, senders.silent), figures.last),
    )
    word: str = test.shown_status  # type: ignore[attr-defined]
    counts = figures.counts
    return Line(
        reverse("test", args=[client.slug, test.uuid]),
        str(test),
        test.subject,
        f"{made:%-d %b %Y}",
        made.isoformat(timespec="seconds"),
        _ran(test, under_way),
        acts(test) if may_steer else None,
        kind(test),
        status(word),
        TONES.get(word, ""),
        held(test),
        f"{senders.number:,}",
        f"{senders.silent:,} silent" if senders.silent and standing(test, figures.last) == OVER else "",
        f"{counts.received:,}" if figures.days else UNMEASURED,
        counts.inboxing.cell,
        UNMEASURED if counts.missing is None else f"{counts.missing:,}",
        _results(test, figures),
        under_way,
        under_way is not None or may_soon_run(test),
    )


def _ran(test: PlacementTest, under_way: Progress | None) -> str:
    if has_not_run(test) and not under_way:
        return "not yet"
    return f"{test.read_to:%-d %b %Y}" if test.read_to and test.kind == TestKind.AUTOMATED else ""


def _results(test: PlacementTest, figures: Figures) -> str:
    if not test.read_at:
        return "not read yet"
    if has_not_run(test):
        return result(test)
    if not figures.newest:
        return "none in this window" if test.rows else "never ran" if standing(test, None) == NEVER else "none"
    if test.kind != TestKind.AUTOMATED:
        return _undecided(test, figures) or "all in"
    runs = "1 run" if figures.days == 1 else f"{figures.days:,} runs"
    return ", ".join(filter(None, (runs, f"last {short_day(figures.newest)}", _undecided(test, figures))))


def _undecided(test: PlacementTest, figures: Figures) -> str:
    """'77 without a verdict yet'; no 'yet' of a test that is not read any more."""
    number = figures.counts.undecided
    return f"{number:,} without a verdict{'' if test.settled else ' yet'}" if number else ""
