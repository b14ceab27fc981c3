"""Chapter 2: pages over millions of placement rows, against the same pages from memory and against 30 requests a second."""

from __future__ import annotations

import http.client
import threading
import time
from statistics import median
from urllib.parse import urlsplit

from bench.figures import Report
from bench.filled import Filled
from bench.options import Options
from bench.processes import contender, web
from bench.rounds import Measured, in_turns, say

PROMISED = {"Overview": "/", "Placement tab": "/clients/client-000/"}
OTHERS = {
    "Placement tab, 120 days": "/clients/client-000/?window=120",
    "Placement tab, one domain": "/clients/client-000/?domain=mail.client-1.example",
    "Placement tab, one tag": "/clients/client-000/?tag=none",
    "Broadcasts": "/clients/client-000/broadcasts/",
    "Broadcasts, worst first": "/clients/client-000/broadcasts/?sort=inboxing",
    "Client's senders": "/clients/client-000/senders/",
    "Clients": "/clients/",
    "Senders": "/senders/",
    "Seeds": "/seeds/",
}
#: Superset's requests a second on roll-ups of this data, 8 connections: measured once, on another machine of this size. What a
#: bare view answers is told beside the pages, so that a slower host can be seen; how one was asked there is not on record.
SUPERSET = 6
BARE = "Bare view"
CONNECTIONS = 8


def measure(options: Options, home: Filled) -> Report:
    report = Report(f"Pages over {options.clients} clients, {home.placements:,} placements, {home.place.lane}")
    _rendering(report, options, home)
    _under_load(report, options, home)
    report.note("making the data", ", ".join(f"{name} {seconds:.1f} s" for name, seconds in home.seconds.items()))
    return report


def _rendering(report: Report, options: Options, home: Filled) -> None:
    say("pages, one at a time")
    pages, rounds = list(PROMISED.values()), 4 * options.rounds
    told = contender("rendering", home.place.environment, pages=pages, sessions=home.sessions, rounds=rounds)
    for name, path in PROMISED.items():
        page = told[path]
        report.add(f"{name}: time ÷ rendering from memory", page["ratio"], "at most", 3)
        report.add(f"{name}: queries with {options.clients} clients", page["queries_many"], "at most", 12)
        report.add(f"{name}: … with one client", page["queries_one"], "equal to", page["queries_many"])
        ms = f"{page['page'] * 1000:.1f} ms, from memory {page['memory'] * 1000:.1f} ms, {page['bytes'] / 1024:.0f} kB of HTML"
        report.note(name, ms)


def _under_load(report: Report, options: Options, home: Filled) -> None:
    say("pages, 8 connections")
    environment = home.place.environment
    with web(environment) as (address, _), web(environment, application="bench.hello:app") as (bare, _):
        load = {name: _Load(address, path, home.cookie()) for name, path in PROMISED.items()} | {BARE: _Load(bare, "/", {})}
        requests = dict.fromkeys(PROMISED, 40 * options.rounds) | {BARE: 1_000}
        for each in load.values():
            each.send(16)
        runs = in_turns({name: lambda name=name: load[name].send(requests[name]) for name in load}, options.rounds)  # type: ignore[misc]
        speeds = {name: median(requests[name] / run["seconds"] for run in told) for name, told in runs.items()}
        for name in PROMISED:
            what = f"{name}: requests/s over {CONNECTIONS} connections ÷ Superset's {SUPERSET}"
            report.add(what, speeds[name] / SUPERSET, "at least", 5)
            slow = median(run["slow"] for run in runs[name])
            told = f"{speeds[name]:.0f} requests/s, {speeds[name] / speeds[BARE]:.1%} of the bare view's"
            report.note(f"{name}, {CONNECTIONS} connections", f"{told}; the 95th of 100 after {slow * 1000:.0f} ms")
        for name, path in OTHERS.items():
            each = _Load(address, path, home.cookie())
            each.send(8)
            report.note(name, f"{min(each.send(1)['seconds'] for _ in range(5)) * 1000:.0f} ms over HTTP, alone, best of 5")
    report.note(f"{BARE}, {CONNECTIONS} connections", f"{speeds[BARE]:,.0f} requests/s, without middleware")
    report.note("Superset's figure", "measured on another run of this data, on roll-ups, with 8 connections; 12 with its cache")


class _Load:
    """One path asked over and over by 8 connections that stay open."""

    def __init__(self, address: str, path: str, headers: dict[str, str]) -> None:
        self.address, self.path, self.headers = urlsplit(address).netloc, path, headers

    def send(self, requests: int) -> Measured:
        self.left, self.lock, self.times = requests, threading.Lock(), list[float]()
        threads = [threading.Thread(target=self._one) for _ in range(min(CONNECTIONS, requests))]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        assert len(self.times) == requests, f"{self.path}: {requests - len(self.times)} requests failed"
        return {"seconds": seconds, "slow": sorted(self.times)[int(0.95 * (requests - 1))]}

    def _one(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=120)
        while self._take():
            begun = time.perf_counter()
            connection.request("GET", self.path, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                return
            self.times.append(time.perf_counter() - begun)
        connection.close()

    def _take(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0
