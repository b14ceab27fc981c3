"""Chapter 1: a list of broadcasts from a vendor on loopback into rows and roll-ups, against dlt and against the limit by hand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psycopg

from bench import chosen
from bench.figures import Report
from bench.options import Options
from bench.places import HERE, POSTGRESQL, Place, scratch
from bench.processes import account, contender, vendor
from bench.rounds import Measured, in_turns, mid, ratio, say

PAGES = (1000, 100)
PEERS = HERE / ".venv-bench" / "bin" / "python"
#: Broadcasts in all, and how many days they are spread over: what a second sync may read again follows.
DAYS, TRAILING = 120, 7


def measure(options: Options, lane: str) -> Report:
    report = Report(f"Sync of {options.rows:,} broadcasts, {lane}")
    with (
        vendor(options.rows, ["all"]) as (url, key),
        scratch(lane, options.server, **chosen.reached(chosen.BROADCASTS, url)) as place,
    ):
        bench = _Bench(place, url, key)
        for page in PAGES:
            _speed(report, bench, options, page)
        _memory(report, bench, options)
        _whole_feed(report, bench, options)
    return report


@dataclass
class _Bench:
    place: Place
    url: str
    key: str

    def ours(self, page: int, *, key: str = "", whole: bool = False, again: list[Measured] | None = None) -> Measured:
        """A first sync into an empty database; then a second with nothing new, where `again` takes what that one told."""
        feed = contender("ours", self.place.environment, mode="clear", key=key or self.key)["feed"]
        sync = partial(contender, "ours", self.place.environment, mode="run", page=page, feed=feed, whole=whole)
        first = sync()
        if again is not None:
            again.append(sync())
        return first

    def by_hand(self, page: int) -> Measured:
        database = self.place.database_url or str(self.place.folder / "by-hand.sqlite3")
        contender("by_hand", self.place.environment, mode="clear", database=database)
        return contender("by_hand", self.place.environment, mode="run", url=self.url, key=self.key, page=page, database=database)

    def dlt(self, page: int, *, tuned: bool = False) -> Measured:
        folder = self.place.folder / "dlt"
        given = {"url": self.url, "key": self.key, "page": page, "database": self.place.database_url, "folder": str(folder)}
        try:
            return contender("by_dlt", self.place.environment, python=str(PEERS), tuned=tuned, **given)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with psycopg.connect(self.place.database_url) as connection:
                connection.execute("DROP SCHEMA IF EXISTS dlt_peer CASCADE")
                connection.execute("DROP SCHEMA IF EXISTS dlt_peer_staging CASCADE")


def _speed(report: Report, bench: _Bench, options: Options, page: int) -> None:
    say(f"sync, {bench.place.lane}, pages of {page}")
    again: list[Measured] = []
    contenders: dict[str, Callable[[], Measured]] = {
        "ours": lambda: bench.ours(page, again=again),
        "limit": lambda: bench.by_hand(page),
    }
    if bench.place.lane == POSTGRESQL and PEERS.exists():
        contenders["dlt"] = lambda: bench.dlt(page)
        if page == PAGES[0]:
            contenders["dlt, tuned"] = lambda: bench.dlt(page, tuned=True)
    runs = in_turns(contenders, options.rounds)
    assert all(run["rows"] == options.rows for told in runs.values() for run in told), "somebody lost rows"
    _compare(report, runs, page)
    _second(report, runs["ours"], again, options, page)
    for name, told in runs.items():
        speed, peak = options.rows / mid(told), mid(told, "peak_mb")
        report.note(f"{name}, pages of {page}", f"{speed:,.0f} rows/s, {mid(told):.2f} s, peak {peak:.0f} MB")


def _compare(report: Report, runs: dict[str, list[Measured]], page: int) -> None:
    share = ratio(runs, "limit", "ours")
    if page == PAGES[0]:
        report.add(f"rows/s ÷ the limit by hand, pages of {page}", share, "at least", 0.4)
    else:
        report.note(f"rows/s ÷ the limit by hand, pages of {page}", f"{share:.2f}")
    for peer, target in (("dlt", 4), ("dlt, tuned", 2)):
        if peer in runs:
            report.add(f"rows/s ÷ {peer}, pages of {page}", ratio(runs, peer, "ours"), "at least", target)
    if "dlt" not in runs and page == PAGES[0]:
        why = "its bench writes to PostgreSQL" if PEERS.exists() else "not installed: make bench PEERS=1"
        report.left_out.append(f"dlt ({why}).")


def _second(report: Report, first: list[Measured], again: list[Measured], options: Options, page: int) -> None:
    runs = {"first": first, "second": again}
    report.add(f"time of a second sync ÷ the first, pages of {page}", ratio(runs, "second", "first"), "at most", 0.5)
    # The window's days, the day before it where it begins, and the page that shows that the rest is older.
    most = (TRAILING + 1) * options.rows / DAYS + 2 * page
    read = max(run["rows"] for run in again)
    report.add(f"rows a second sync reads, pages of {page}", read, "at most", round(most))
    assert not any(run["new"] for run in again), "a second sync found new rows"


def _memory(report: Report, bench: _Bench, options: Options) -> None:
    """Where the pages are largest."""
    say(f"sync, {bench.place.lane}, memory")
    sizes = [options.rows // 5, options.rows, *([10 * options.rows] if options.full else [])]
    peaks = []
    for size in sizes:
        key = bench.key if size == options.rows else account(bench.url, size, ["all"])
        told = [bench.ours(PAGES[0], key=key) for _ in range(min(3, options.rounds) if size <= options.rows else 1)]
        peaks.append(mid(told, "above_idle_mb"))
        report.note(f"peak memory above idle, {size:,} rows", f"{peaks[-1]:.1f} MB")
    report.add("peak memory above idle", max(peaks), "at most", 60, "MB")
    report.add(f"… of {sizes[-1]:,} rows more than of {sizes[0]:,}", peaks[-1] - peaks[0], "at most", 10, "MB")


def _whole_feed(report: Report, bench: _Bench, options: Options) -> None:
    """For information: the seven passes of a first sync, from an account whose lists are all encoded."""
    say(f"sync, {bench.place.lane}, with the split by mailbox provider")
    size = options.rows // 5
    bench.key = account(bench.url + "", size + 1, ["all", "gmail", "yahoo", "gsuite", "hotmail", "outlook", "ms365"])
    told = bench.ours(PAGES[0], whole=True)
    speed = told["rows"] / told["seconds"]
    report.note(
        f"whole feed of {size + 1:,} broadcasts: list and six mailbox providers, pages of {PAGES[0]}",
        f"{told['seconds']:.2f} s, {told['rows']:,} rows, {speed:,.0f} rows/s",
    )


def install_peers() -> None:
    """Into .venv-bench, from bench/peers.lock with its hashes; the product's own environment stays as it is."""
    import sys

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", HERE / ".venv-bench"], check=True)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--system-certs", "--require-hashes", "--python", str(PEERS)]
    subprocess.run([*uv, "-r", "bench/peers.lock"], cwd=HERE, check=True)
