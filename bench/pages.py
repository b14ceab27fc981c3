"""Chapter 2: pages over millions of placement rows, against the same pages from memory and against Apache Superset."""

from __future__ import annotations

from contextlib import nullcontext

from bench import superset
from bench.figures import Report, number
from bench.filled import Filled
from bench.load import CONNECTIONS, Load
from bench.options import Options
from bench.processes import contender, web
from bench.rounds import Measured, in_turns, mid, ratio, say
from bench.superset_installed import missing

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
BARE, PEER = "Bare view", "Superset, "
#: Measured once, and hosts differ by half from one day to the next: told where there is no peer, and nothing is held against it.
ELSEWHERE = "On another machine it answered 6 requests/s over 8 connections, on roll-ups of such data; 12 with its cache."


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
    say(f"pages, {CONNECTIONS} connections")
    environment, without = home.place.environment, missing(home.place.lane)
    peer = nullcontext(dict[str, Load]()) if without else superset.serving(home)
    with web(environment) as (address, _), web(environment, application="bench.hello:app") as (bare, _), peer as its:
        load = {name: Load(address, path, home.cookie()) for name, path in PROMISED.items()} | {BARE: Load(bare, "/", {})}
        load |= {PEER + name: each for name, each in its.items()}
        for each in load.values():
            each.send(16)
        many = dict.fromkeys(PROMISED, 40 * options.rounds) | {BARE: 1_000}
        some = 16 * options.rounds
        runs = in_turns({name: lambda name=name: load[name].send(many.get(name, some)) for name in load}, options.rounds)  # type: ignore[misc]
        _compare(report, runs, without)
        for name, path in OTHERS.items():
            each = Load(address, path, home.cookie())
            each.send(8)
            report.note(name, f"{min(each.send(1)['seconds'] for _ in range(5)) * 1000:.0f} ms over HTTP, alone, best of 5")


def _compare(report: Report, runs: dict[str, list[Measured]], without: str) -> None:
    """`without`: why no peer ran."""
    for name in () if without else PROMISED:
        share = ratio(runs, name, PEER + name, "rate")
        report.add(f"{name}: pages/s over {CONNECTIONS} connections ÷ Superset's, chart by chart", share, "at least", 5)
    for name, told in runs.items():
        beside = "without middleware" if name == BARE else f"{ratio(runs, name, BARE, 'rate'):.1%} of the bare view's"
        slow = f"the 95th of 100 after {mid(told, 'slow') * 1000:.0f} ms"
        report.note(f"{name}, {CONNECTIONS} connections", f"{number(mid(told, 'rate'))} a second, {beside}; {slow}")
    if without:
        report.left_out.append(f"Superset ({without}): requests/s are not measured against a peer. {ELSEWHERE}")
