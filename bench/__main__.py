from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module

from bench.figures import Report
from bench.filled import filled
from bench.options import Options, read
from bench.places import HERE, POSTGRESQL
from bench.rounds import say


def main() -> int:
    options = read()
    if options.peers:
        from bench import superset_installed
        from bench.sync import install_peers

        install_peers()
        superset_installed.install()
    parts = [_head(options)]
    print(parts[0], flush=True)
    reports = []
    for report in _reports(options):
        reports.append(report)
        parts.append(report.markdown())
        print(parts[-1], flush=True)
    figures = [figure for report in reports for figure in report.figures]
    parts.append(f"{sum(figure.met for figure in figures)} of {len(figures)} promises met.\n")
    print(parts[-1])
    if options.write:
        (HERE / "bench" / "RESULTS.md").write_text("\n".join(parts))
    return 0


#: Chapters measured on one filling of the database, which takes longer than they do.
ON_DATA = ("pages", "csv", "wire")


def _reports(options: Options) -> Iterator[Report]:
    for lane in options.lanes:
        say(f"— {lane}")
        for name in (name for name in options.chapters if name not in ON_DATA):
            yield import_module(f"bench.{name}").measure(options, lane)
        shared = [name for name in options.chapters if name in ON_DATA]
        if shared:
            with filled(options, lane) as home:
                for name in shared:
                    yield import_module(f"bench.{MODULES.get(name, name)}").measure(options, home)


#: Where a chapter's module can't have its name.
MODULES = {"csv": "exports"}


def _head(options: Options) -> str:
    known = subprocess.run(["git", "describe", "--always"], cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()
    when, load = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", f"load {os.getloadavg()[0]:.1f} at the start"
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores, {load}"
    lines = [
        "# How fast",
        "",
        f"`make bench`, {when}, {known or 'not from git'}, {where}.",
        f"Medians of {options.rounds} rounds, the contenders in turns; ratios are the medians of each round's own.",
        "The machine is shared and noisy: trust the ratios.",
    ]
    if POSTGRESQL not in options.lanes:
        lines.append("PostgreSQL is left out: DATABASE_URL names none.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
