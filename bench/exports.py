"""Chapter 3: placement rows as CSV over HTTP, against the database's own cursor emptied by hand with the same query."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

from bench.figures import Report
from bench.filled import Filled
from bench.options import Options
from bench.places import POSTGRESQL
from bench.processes import children, contender, memory, web
from bench.rounds import Measured, in_turns, mid, ratio, say

#: Of the 120 days: a quarter of the rows, 1.5 million at full size.
DAYS = 30
PATH = f"/export/placement.csv?window={DAYS}"
FEW = "/clients/client-000/export/placement.csv?window=7"


def measure(options: Options, home: Filled) -> Report:
    say("CSV")
    with web(home.place.environment, workers=1) as (address, master):
        (worker,) = children(master)
        headers = home.cookie()
        fetch(address, FEW, headers)
        idle = memory(worker)["peak"]
        contenders = {
            "over HTTP": lambda: fetch(address, PATH, headers),
            "by hand": lambda: contender("unloading", home.place.environment, days=DAYS),
        }
        runs = in_turns(contenders, options.rounds)
        above = memory(worker)["peak"] - idle
    return _told(home, runs, above)


def _told(home: Filled, runs: dict[str, list[Measured]], above: float) -> Report:
    rows, limit = runs["over HTTP"][0]["rows"], "COPY … TO STDOUT" if home.place.lane == POSTGRESQL else "cursor and csv.writer"
    assert rows == runs["by hand"][0]["rows"], "the export has other rows than its query"
    report = Report(f"{rows:,} placements as CSV, {home.place.lane}")
    share = ratio(runs, "by hand", "over HTTP")
    report.add(f"rows/s ÷ {limit} of the same query by hand", share, "at least", 0.4)
    report.add("memory of the worker above a short export", above, "at most", 15, "MB")
    report.add("first byte", mid(runs["over HTTP"], "first"), "at most", 0.5, "s")
    for name, told in runs.items():
        size = mid(told, "bytes") / 1e6
        report.note(name, f"{rows / mid(told):,.0f} rows/s, {mid(told):.2f} s, {size:.0f} MB")
    report.note("first row over HTTP", f"{mid(runs['over HTTP'], 'row'):.2f} s")
    return report


def fetch(address: str, path: str, headers: dict[str, str]) -> Measured:
    """`first`: seconds to the first byte of the body, `row`: to the first after the line of names."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=600)
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    first, lines, size, row = 0.0, 0, 0, 0.0
    while block := answer.read1(1 << 18):
        first = first or time.perf_counter() - begun
        lines += block.count(b"\n")
        size += len(block)
        row = row or (time.perf_counter() - begun if lines > 1 else 0.0)
    seconds = time.perf_counter() - begun
    connection.close()
    return {"seconds": seconds, "first": first, "row": row, "rows": lines - 1, "bytes": size}
