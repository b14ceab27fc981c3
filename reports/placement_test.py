"""A placement test's page: what its newest run, or the one asked for, brought for one client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from clients.models import Client, MailboxProvider, PlacementTest, TestKind
from clients.sending import seeding
from reports import mail_checks
from reports.headlines import Fact
from reports.listing.test_states import (
    NEVER,
    NOT_YET,
    OVER,
    UNDER_WAY,
    Progress,
    has_not_run,
    may_soon_run,
    progress,
    standing,
    was_asked,
    why_not,
    writing,
)
from reports.mail_checks import Check, Failures, Reputation
from reports.matrix import Matrix, matrix, number, of_sent, of_sent_cell, sent, without_verdict
from reports.queries import placement_test as queries
from reports.queries.placement_test import AT_MOST, Region
from reports.stats import FEW, Cell, Counts, mails

_UNKNOWN = {UNDER_WAY: "nothing in yet", NOT_YET: "nothing in yet", NEVER: "never asked", OVER: ""}
NAMED = 3  # foreign senders that a sentence names


@dataclass(frozen=True, slots=True)
class RegionLine:
    name: str
    n: str
    inboxing: Cell
    of_sent: Cell
    spam: str
    missing: str


@dataclass(frozen=True, slots=True)
class Page:
    days: list[tuple[str, str]]  # of an automated test with several runs
    day: date | None
    facts: list[Fact]
    matrix: Matrix
    regions: list[RegionLine]
    checks: list[Check]
    checked: str  # of which mails
    failures: list[Failures]
    failing: str  # how many mails those are
    more_failures: bool
    reputation: Reputation
    notes: list[str]
    progress: Progress | None
    waiting: str  # that it has not run, or that nothing of a run is in
    waits: str  # why it has not run, where it hasn't
    never: bool  # it is gone, and never ran
    moves: bool  # whether there may soon be more to show
    mark: str


def page(test: PlacementTest, client: Client, asked: date | None, foreign: Sequence[str] = ()) -> Page:
    """At most seven queries. `asked` is the day of a run; another gives the newest. `foreign`: addresses of senders that are
    not in the test, where the reader may know them."""
    senders, runs = queries.senders(test, client), queries.runs(test, client)
    day = asked if asked in runs else next(iter(runs), None)
    placed = queries.placed(test, client, day) if day else {}
    others = any(MailboxProvider.OTHER in at for at in placed.values())
    named = queries.unknown(test, client, day, placed) if day and others else {}
    regions = queries.regions(test, client, day) if day else []
    checks = mail_checks.checks(regions)
    failing = queries.failing(test, client, day) if day and any(check.failed for check in checks) else []
    later = [one for one in runs if day and one > day]
    reports = queries.reports(test, {email.rpartition("@")[2] for email in senders}, day, min(later, default=None))
    under_way = _counted(progress(test, _writing(test, senders), _last(runs)), test, client)
    stands = OVER if later else standing(test, _last(runs))
    at = matrix(senders, placed, named=named, unknown=_UNKNOWN[stands])
    undecided = at.counts.undecided or 0
    return Page(
        days=_choices(runs) if test.kind == TestKind.AUTOMATED and len(runs) > 1 else [],
        day=day,
        facts=_facts(at.counts, len(senders), at.silent, waits=not test.settled),
        matrix=at,
        regions=[_region(one, at.counts.missing is not None) for one in regions],
        checks=checks,
        checked=_checked(at.counts.received, undecided),
        failures=mail_checks.failures(failing),
        failing=mails(len(failing)),
        more_failures=len(failing) == AT_MOST,
        reputation=mail_checks.reputation(reports),
        notes=_notes(test, foreign, len(test.senders) - len(senders)),
        progress=under_way,
        waiting="No results yet" if moves(test, under_way) or was_asked(test) else "It has not run yet",
        never=stands == NEVER,
        waits=why_not(test) if has_not_run(test) and not under_way else "",
        moves=moves(test, under_way),
        mark=_mark(test, runs),
    )


def moves(test: PlacementTest, under_way: Progress | None) -> bool:
    return under_way is not None or may_soon_run(test) or not (test.read_at or test.gone_at)


def so_far(test: PlacementTest, client: Client) -> tuple[Progress | None, str]:
    """The progress alone, and a mark that differs once there is more to show. At most three queries."""
    senders, runs = queries.senders(test, client), queries.runs(test, client)
    return _counted(progress(test, _writing(test, senders), _last(runs)), test, client), _mark(test, runs)


def _counted(found: Progress | None, test: PlacementTest, client: Client) -> Progress | None:
    """Of a test from outside nobody knows how many will write: those mails that left from here are known."""
    if found is None or found.of or not test.is_outside:
        return found
    probes = seeding.probes_of(test, client)
    return replace(found, of=max(found.done, probes["sent"])) if probes else found


def _writing(test: PlacementTest, senders: Mapping[str, int]) -> int:
    return writing(test, len(senders), sum(not rows for rows in senders.values()))


def _last(runs: Mapping[date, Counts]) -> Counts | None:
    return next(iter(runs.values()), None)


def _mark(test: PlacementTest, runs: Mapping[date, Counts]) -> str:
    read = int(test.read_at.timestamp()) if test.read_at else 0
    return f"{test.rows}.{sum(counts.received for counts in runs.values())}.{len(runs)}.{read}.{test.status}"


def _choices(runs: Mapping[date, Counts]) -> list[tuple[str, str]]:
    return [(day.isoformat(), f"{day:%-d %b %Y} · {mails(counts.received)}") for day, counts in runs.items()]


def _checked(received: int, undecided: int) -> str:
    """Mail is checked as it arrives; where it landed may be told later."""
    if not undecided:
        return "of the mails received"
    return f"of the {received + undecided:,} mails that arrived, {undecided:,} of them without a verdict yet"


def _facts(counts: Counts, senders: int, silent: int, *, waits: bool) -> list[Fact]:
    """`waits`: verdicts that are not in may come."""
    inboxing = counts.inboxing
    few = inboxing.band == "few"
    sure = "muted" if inboxing.band in ("few", "none") else "bad" if inboxing.band == "bad" else ""
    shares = [(name, counts.share(name)) for name in ("primary", "promotions", "spam")]
    return [
        Fact(
            inboxing.text,
            f"inboxing, of {mails(inboxing.n)} received",
            sure,
            note="few mails" if few else inboxing.between,
            title=inboxing.title,
        ),
        *([_sent(counts)] if counts.missing is not None and sent(counts) else []),
        *(
            Fact(rate.text, name, "muted" if few else "", note=f"{rate.hits:,}" if rate.n else "", title=rate.title)
            for name, rate in shares
        ),
        *([_undecided(counts.undecided, waits)] if counts.undecided else []),
        Fact(number(counts.missing), "missing", note="not known while results come in" if counts.missing is None else ""),
        Fact(f"{senders:,}", "sender" if senders == 1 else "senders", note=f"{silent:,} silent" if silent else ""),
    ]


def _sent(counts: Counts) -> Fact:
    rate, label = of_sent(counts), f"inboxing, of {sent(counts):,} sent"
    if counts.undecided:
        return Fact(
            rate.text, label, "muted", note=without_verdict(counts), title="Told when each mail that arrived has its verdict"
        )
    few = rate.n < FEW
    return Fact(rate.text, label, "muted" if few else "", note="few mails" if few else rate.between, title=rate.title)


def _undecided(undecided: int, waits: bool) -> Fact:
    note = "" if waits else "no longer asked for"
    return Fact(
        f"{undecided:,}", f"arrived, no verdict{' yet' if waits else ''}", note=note, title="In no rate: it may be anywhere"
    )


def _region(region: Region, is_over: bool) -> RegionLine:
    counts = region.counts._replace(missing=max(0, region.seeds - region.came)) if is_over else region.counts
    spam = f"{counts.spam:,} · {counts.share('spam').text}" if counts.received else "–"
    return RegionLine(
        region.name or "Not said",
        f"{counts.received:,}",
        counts.inboxing.cell,
        of_sent_cell(counts),
        spam,
        number(counts.missing),
    )


def _notes(test: PlacementTest, foreign: Sequence[str], others: int) -> list[str]:
    found = []
    if others == 1:
        found.append("The test has 1 sender that is not this client's: nothing of it counts here.")
    elif others > 1:
        found.append(f"The test has {others:,} senders that are not this client's: nothing of theirs counts here.")
    return [*found, _left_out(test.foreign, foreign)] if test.foreign else found


def _left_out(rows: int, foreign: Sequence[str]) -> str:
    """The vendor mixes in rows of mailboxes that nobody put into the test."""
    were = "1 row of such a sender was" if rows == 1 else f"{rows:,} rows of such senders were"
    more = f" and {len(foreign) - NAMED:,} more" if len(foreign) > NAMED else ""
    names = f" ({', '.join(foreign[:NAMED])}{more})" if foreign else ""
    return f"The vendor's answer names senders that are not in the test{names}: {were} left out."
