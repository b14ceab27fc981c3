"""Chapter 6: webhooks in. How many a second beside a view that does nothing but insert, and what is lost under faults."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from bench.figures import Report
from bench.knocking import Told, knock, request
from bench.options import Options
from bench.places import HERE, Place, scratch
from bench.processes import children, contender, web
from bench.rounds import Measured, in_turns, mid, ratio, say
from sandbox.answers import encode
from sandbox.hooks import Letter, Scheme, disturbed

SECRET = "ibt_wh_of-the-bench-0123456789"  # noqa: S105  (signs invented events)
SCHEME = Scheme("X-Inbox-Signature")
THREADS = 500
AT_LEAST = 0.5

_WORKER = """
import time
from clients.webhooks.working import process
while True:
    process({hook}) or time.sleep(0.05)
"""


def measure(options: Options, lane: str) -> Report:
    say("hooks")
    report = Report(f"Webhooks in, {lane}")
    part = 10 if options.quick else 1
    with scratch(lane, options.server) as place:
        known = contender("hook_setup", place.environment, what="set up", secret=SECRET)
        path = f"/hooks/{known['token']}/"
        _rate(report, options, place, path, 4_000 // part)
        _one(report, place, path, 10_000 // part)
        _killed_doors(report, place, path, 5_000 // part, 50 // part)
    with scratch(lane, options.server) as place:
        known = contender("hook_setup", place.environment, what="set up", secret=SECRET)
        _disturbed(report, place, f"/hooks/{known['token']}/", int(known["hook"]), 10_000 // part)
    return report


def _rate(report: Report, options: Options, place: Place, path: str, count: int) -> None:
    """Both in turns, each on servers of its own that are warm."""
    numbers = iter(range(1, 10_000_000))

    def ours() -> Measured:
        events = [_event(next(numbers)) for _ in range(count)]
        return _timed(address, [_request(path, letter) for letter in disturbed(events, SECRET, SCHEME)])

    def bare() -> Measured:
        bodies = [encode(_event(next(numbers))) for _ in range(count)]
        return _timed(limit, [request("/bare/", body, {"Content-Type": "application/json"}) for body in bodies])

    with web(place.environment) as (address, _), web(place.environment, application="bench.bare:app") as (limit, _):
        for run in (ours, bare):
            run()
        runs = in_turns({"ours": ours, "limit": bare}, options.rounds)
    report.add("deliveries accepted, of a view that inserts one row", ratio(runs, "limit", "ours"), "at least", AT_LEAST, "×")
    for name in runs:
        report.note(f"{name}: a second, 2 processes, 16 connections", f"{count / mid(runs[name]):,.0f}")


def _timed(address: str, requests: list[bytes]) -> Measured:
    told = knock(address, requests)
    assert set(told.statuses.values()) == {200}, set(told.statuses.values())
    return {"seconds": told.seconds}


def _one(report: Report, place: Place, path: str, times: int) -> None:
    letters = disturbed([_event(10_000_001)] * times, SECRET, SCHEME)
    with web(place.environment) as (address, _):
        told = knock(address, [_request(path, letter) for letter in letters])
    rows = sum(name == "evt10000001" for name in _state(place)["ids"])
    report.add(f"one event {times:,} times over 16 connections: rows", rows, "equal to", 1)
    report.add("… of which not acknowledged", sum(status != 200 for status in told.statuses.values()), "equal to", 0)


def _killed_doors(report: Report, place: Place, path: str, count: int, kills: int) -> None:
    letters = disturbed([_event(20_000_000 + number) for number in range(count)], SECRET, SCHEME)
    over = threading.Event()
    with web(place.environment) as (address, pid):
        killer = threading.Thread(target=_kill_children, args=(pid, kills, over))
        killer.start()
        told = Told()
        while killer.is_alive():
            told = _merged(told, knock(address, [_request(path, letter) for letter in letters]))
        over.set()
        killer.join()
    rows = set(_state(place)["ids"])
    lost = sum(status == 200 and letters[number].event not in rows for number, status in told.statuses.items())
    report.add(f"web process killed {kills} times under load: acknowledged and no row", lost, "equal to", 0)
    broken = sum(not status for status in told.statuses.values())
    report.note(f"web process killed {kills} times", f"{broken:,} deliveries broke off")


def _merged(before: Told, after: Told) -> Told:
    """What was acknowledged once has to be a row."""
    statuses = {number: 200 if before.statuses.get(number) == 200 else status for number, status in after.statuses.items()}
    return Told(before.seconds + after.seconds, statuses)


def _kill_children(pid: int, kills: int, over: threading.Event) -> None:
    for number in range(kills):
        if over.wait(0.4):
            return
        alive = children(pid)
        if alive:
            os.kill(alive[number % len(alive)], signal.SIGKILL)


def _disturbed(report: Report, place: Place, path: str, hook: int, count: int) -> None:
    events = [_event(number) for number in range(1, count + 1)]
    letters = disturbed(events, SECRET, SCHEME, duplicated=0.3, forged=0.05, corrupt=0.02)
    kills = 5
    with web(place.environment, quiet=True) as (address, _), _worker(place, hook, count, kills) as ended:
        told = knock(address, [_request(path, letter) for letter in letters])
        begun = time.perf_counter()
        killed = ended()
        waited = time.perf_counter() - begun
        state = _state(place)
        again = knock(address, [_request(path, letter) for letter in disturbed(events, SECRET, SCHEME, seed=8)])
    name = f"{count:,} events shuffled, 30 % twice, 5 % forged, 2 % corrupt, the worker killed {killed} times"
    good = {"true": 200, "twice": 200, "forged": 401, "corrupt": 401}
    wrong = sum(told.statuses[number] != good[letter.kind] for number, letter in enumerate(letters))
    newest = {f"thread{number % THREADS}": f"member{number}" for number in range(1, count + 1)}
    off = sum(state["told"].get(thread) != member for thread, member in newest.items())
    report.add(f"{name}: answered wrongly", wrong, "equal to", 0)
    report.add("… rows", len(state["ids"]), "equal to", count)
    report.add("… not processed", count - state["events"].get("processed", 0), "equal to", 0)
    report.add("… conversations that do not say the newest", off + abs(len(state["told"]) - len(newest)), "equal to", 0)
    undone = sum(status != 200 for status in again.statuses.values())
    report.add("… each delivered once more: not acknowledged", undone, "equal to", 0)
    report.add("… after which all is as it was", _state(place) == state, "equal to", True)
    report.note("… accepted", f"{len(letters) / told.seconds:,.0f} a second, beside the worker")
    report.note("… processed", f"{waited:,.1f} s after the last delivery; {state['attempts'] - count:,} twice")
    report.note("… accepted once more", f"{count / again.seconds:,.0f} a second that were there")


@contextmanager
def _worker(place: Place, hook: int, count: int, kills: int) -> Iterator[Callable[[], int]]:
    """One that is killed so often while it works, the kills spread over its work. What is yielded waits until all is
    processed, and tells how often it was killed."""
    stop, running, killed = threading.Event(), [_start(place, hook)], []

    def kill() -> None:
        luck = random.Random(7)
        for number in range(1, kills + 1):
            while _processed(place) < count * number // (kills + 1):
                if stop.wait(0.1):
                    return
            stop.wait(luck.uniform(0, 0.2))  # anywhere in a batch
            running[0].kill()
            running[0].wait()
            killed.append(number)
            _free(place)
            running[0] = _start(place, hook)

    killer = threading.Thread(target=kill)
    killer.start()

    def ended() -> int:
        deadline = time.monotonic() + 1800
        while killer.is_alive() or _processed(place) < count:
            assert time.monotonic() < deadline, "the events are not processed"
            time.sleep(0.2)
        return len(killed)

    try:
        yield ended
    finally:
        stop.set()
        killer.join()
        running[0].kill()
        running[0].wait()


def _processed(place: Place) -> int:
    """Asked without starting a process, which would take from the worker what it is measured by."""
    question = "SELECT count(*) FROM clients_event WHERE state = 'processed'"
    if place.database_url:
        with psycopg.connect(place.database_url) as server:
            return int(server.execute(question).fetchall()[0][0])
    with closing(sqlite3.connect(place.file, timeout=20)) as file:
        return int(file.execute(question).fetchone()[0])


def _start(place: Place, hook: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", _WORKER.format(hook=hook)]
    return subprocess.Popen(command, cwd=HERE, env=dict(place.environment))


def _free(place: Place) -> None:
    """As if the dead worker's lease had ended."""
    code = "from clients.models import Hook; Hook.objects.update(claimed_until=None)"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code], cwd=HERE, env=dict(place.environment), check=True
    )


def _state(place: Place) -> dict[str, Any]:
    told = contender("hook_setup", place.environment, what="state")
    return {name: value for name, value in told.items() if name != "seconds"}


def _request(path: str, letter: Letter) -> bytes:
    return request(path, letter.body, letter.headers)


def _event(number: int) -> dict[str, Any]:
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(1_790_000_000 + number))
    person = {"platformId": str(number % THREADS), "displayName": "Dana", "handle": "@dana", "context": {"tags": []}}
    thread = {"id": f"thread{number % THREADS}", "accountLinkId": "link1", "done": False, "assigneeId": f"member{number}"}
    head = {"id": f"evt{number}", "seq": number, "teamId": "team", "type": "thread.assigned", "timestamp": at, "version": "1.0"}
    return {**head, "data": {"thread": {**thread, "prospect": person}}}
