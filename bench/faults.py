"""Chapter 5: the suite's harshest cases at full size, on a database of their own. Their pass is all or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from bench import chosen
from bench.figures import Report
from bench.options import Options
from bench.places import HERE, POSTGRESQL, beside, scratch
from bench.processes import contender, vendor
from bench.rounds import say


@dataclass(frozen=True)
class Case:
    what: str
    test: str  # pytest's name of it
    size: str  # the variable that sets its size
    full: int
    quick: int


CASES = (
    Case(
        "kill -9 of the worker in mid-sync: nothing lost, nothing doubled, pages fetched ≤ pages + kills "
        "(and what a machine slower than the vendor had not stored yet)",
        "tests/clients/sync/test_killed.py::"
        "test_a_worker_killed_again_and_again_loses_nothing_doubles_nothing_and_fetches_no_page_in_vain",
        "SYNC_KILLS",
        full=100,
        quick=3,
    ),
    Case(
        "kill -9 of the worker while a change is applied: no sender missed, none sent twice",
        "tests/clients/changes/test_killed.py::test_a_worker_killed_midway_again_and_again_misses_none_and_sends_none_twice",
        "CHANGE_KILLS",
        full=50,
        quick=2,
    ),
    Case(
        "kill -9 of the worker between the vendor's acceptance of a mail and our own row: each mail has left once",
        "tests/clients/sending/test_killed.py::test_each_mail_leaves_once_however_often_its_worker_is_killed",
        "MAIL_KILLS",
        full=100,
        quick=2,
    ),
    Case(
        "kill -9 of a web process between the commit of an event and its answer: every acknowledged one is a row, once",
        "tests/clients/webhooks/test_serving.py::"
        "test_a_web_process_killed_between_commit_and_answer_leaves_no_acknowledged_event_without_a_row",
        "HOOK_KILLS",
        full=50,
        quick=2,
    ),
    Case(
        "clients of which one's vendor account fails: the others come home in at most 1.2 times their time alone",
        "tests/clients/sync/test_at_size.py::test_one_bad_client_among_many_holds_nobody_up",
        "SYNC_CLIENTS",
        full=500,
        quick=60,
    ),
)


def measure(options: Options, lane: str) -> Report:
    report = Report(f"Faults at full size, {lane}")
    for case in CASES:
        _case(report, options, lane, case)
    _million(report, options, lane)
    return report


def _case(report: Report, options: Options, lane: str, case: Case) -> None:
    size = case.quick if options.quick else case.full
    say(f"faults: {size} × {case.what}")
    url = beside(options.server, f"inboxdeck_bench_{os.getpid()}") if lane == POSTGRESQL else ""
    environment = {**os.environ, "DATABASE_URL": url, "CELERY_BROKER_URL": "", case.size: str(size)}
    if not url:
        del environment["DATABASE_URL"], environment["CELERY_BROKER_URL"]
    begun = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-x", case.test]
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    say(done.stdout[-3000:] if done.returncode else done.stdout.splitlines()[-1])
    report.add(f"{size} × {case.what}", done.returncode == 0, "equal to", True)
    report.note(f"{size} × {case.what.partition(':')[0]}", f"{time.perf_counter() - begun:.0f} s")


def _million(report: Report, options: Options, lane: str) -> None:
    """Ten times as many rows as the chapter on speed reads."""
    many = 10 * options.rows
    say(f"faults: {many:,} rows")
    with vendor(many, ["all"]) as (url, key), scratch(lane, options.server, **chosen.reached(chosen.BROADCASTS, url)) as place:
        feed = contender("ours", place.environment, mode="clear", key=key)["feed"]
        told = contender("ours", place.environment, mode="run", page=1000, feed=feed)
    assert told["rows"] == told["new"] == many, "rows are missing"
    report.add(f"memory above idle, {many:,} rows", told["above_idle_mb"], "at most", 60, "MB")
    report.note(f"{many:,} rows", f"{told['seconds']:.0f} s, {many / told['seconds']:,.0f} rows/s")
