"""Chapter on placement tests: the rows of one workspace from a vendor on loopback into rows, broadcasts and roll-ups, against
the limit by hand; and its mailboxes. The vendor gives 100 rows a page, at most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil

from bench import chosen
from bench.figures import Report
from bench.options import Options
from bench.places import Place, scratch
from bench.processes import contender, steered, vendors
from bench.rounds import Measured, in_turns, mid, ratio, say

PAGE = 100
#: Of each test: rows are senders × seeds, sent and (mostly) received.
SEEDS, TESTS = 40, 26
#: Is there a group.
GROUP = 1


def measure(options: Options, lane: str) -> Report:
    """Twice as many rows as the chapter on sync has broadcasts; a fifth of them for what memory is compared with."""
    most = 2 * options.rows
    report = Report(f"Placement tests: {most:,} rows, {lane}")
    with vendors() as url, scratch(lane, options.server, **chosen.reached(chosen.TESTS, url)) as place:
        bench = _Bench(place, url)
        large, small = bench.workspace(most), bench.workspace(most // 5)
        told = _speed(report, bench, options, large)
        _calls(report, bench, large)
        few = [bench.ours(small, "tests") for _ in range(min(3, options.rounds))]
        _memory(report, "rows", (small.rows, mid(few, "above_idle_mb")), (large.rows, mid(told, "above_idle_mb")))
        _mailboxes(report, bench, options)
    return report


@dataclass(frozen=True)
class _Workspace:
    name: str
    key: str
    senders: int
    mailboxes: int

    @property
    def rows(self) -> int:
        """At most: some mails never arrive."""
        return TESTS * self.senders * SEEDS * 2

    @property
    def budget(self) -> int:
        """Calls: about the group, the list of tests, each test's pages, and a page of reports of each."""
        return GROUP + ceil(TESTS / PAGE) + TESTS * (ceil(2 * self.senders * SEEDS / PAGE) + 1)


@dataclass
class _Bench:
    place: Place
    url: str

    def workspace(self, rows: int, mailboxes: int = 0) -> _Workspace:
        senders = max(1, rows // (TESTS * SEEDS * 2))
        name = f"of-{rows}-{mailboxes}"
        mailboxes = mailboxes or senders
        wanted = {"name": name, "mailboxes": mailboxes, "tests": TESTS if rows else 0, "senders": senders}
        key = steered(self.url, "POST", f"accounts?vendor={chosen.TESTS}", wanted)["key"]
        return _Workspace(name, key, senders, mailboxes)

    def ours(self, workspace: _Workspace, resource: str, again: list[Measured] | None = None) -> Measured:
        """A first sync into an empty database; then a second with nothing new, where `again` takes what that one told."""
        made = contender("ours", self.place.environment, mode="clear", key=workspace.key, vendor=chosen.TESTS, resource=resource)
        sync = partial(contender, "ours", self.place.environment, mode="run", feed=made["feed"])
        first = sync()
        if again is not None:
            again.append(sync())
        return first

    def by_hand(self, workspace: _Workspace, *, only_read: bool = False) -> Measured:
        database = self.place.database_url or str(self.place.folder / "by-hand.sqlite3")
        contend = partial(contender, "tests_by_hand", self.place.environment, database=database)
        contend(mode="clear")
        return contend(mode="run", url=self.url, key=workspace.key, only_read=only_read)

    def calls(self) -> int:
        return len(steered(self.url, "GET", "requests")["requests"])

    def forget_calls(self) -> None:
        steered(self.url, "DELETE", "requests")


def _speed(report: Report, bench: _Bench, options: Options, workspace: _Workspace) -> list[Measured]:
    say(f"placement tests, {bench.place.lane}, {workspace.rows:,} rows")
    again: list[Measured] = []
    contenders = {
        "ours": lambda: bench.ours(workspace, "tests", again),
        "limit": lambda: bench.by_hand(workspace),
        "reading alone": lambda: bench.by_hand(workspace, only_read=True),
    }
    runs = in_turns(contenders, options.rounds)
    rows = runs["limit"][0]["rows"]
    assert all(run["rows"] >= rows for run in runs["ours"]), "rows were lost"
    report.add("rows/s ÷ the limit by hand", ratio(runs, "limit", "ours"), "at least", 0.4)
    report.add("time of a second sync ÷ the first", ratio({**runs, "second": again}, "second", "ours"), "at most", 0.25)
    assert not any(run["new"] for run in again), "a second sync found new rows"
    for name, told in runs.items():
        peak = mid(told, "peak_mb")
        report.note(f"{name}, {rows:,} rows", f"{rows / mid(told):,.0f} rows/s, {mid(told):.2f} s, peak {peak:.0f} MB")
    return runs["ours"]


def _calls(report: Report, bench: _Bench, workspace: _Workspace) -> None:
    bench.forget_calls()
    again: list[Measured] = []
    bench.ours(workspace, "tests", again)
    both = bench.calls()
    bench.forget_calls()
    bench.ours(workspace, "tests")
    first = bench.calls()
    report.add("calls of a first sync", first, "at most", workspace.budget)
    report.add("calls of a second sync with nothing new", both - first, "at most", GROUP + ceil(TESTS / PAGE))


def _mailboxes(report: Report, bench: _Bench, options: Options) -> None:
    say(f"mailboxes, {bench.place.lane}, {options.rows:,}")
    peaks = []
    for number in (options.rows // 5, options.rows):
        workspace = bench.workspace(0, number)
        told = bench.ours(workspace, "senders")
        assert told["new"] == number, told
        peaks.append((number, told["above_idle_mb"]))
        speed = number / told["seconds"]
        report.note(f"{number:,} mailboxes", f"{told['seconds']:.2f} s, {speed:,.0f} rows/s, {told['pages']:,} pages")
    _memory(report, "mailboxes", *peaks)


def _memory(report: Report, of: str, few: tuple[int, float], many: tuple[int, float]) -> None:
    for number, peak in (few, many):
        report.note(f"peak memory above idle, {number:,} {of}", f"{peak:.1f} MB")
    report.add(f"peak memory above idle, {of}", max(few[1], many[1]), "at most", 60, "MB")
    report.add(f"… of {many[0]:,} {of} more than of {few[0]:,}", many[1] - few[1], "at most", 10, "MB")
