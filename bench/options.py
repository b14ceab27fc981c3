from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

from bench.places import POSTGRESQL, SQLITE

CHAPTERS = ("sync", "tests", "pages", "csv", "wire", "faults", "hooks")


@dataclass(frozen=True)
class Options:
    chapters: tuple[str, ...]
    lanes: tuple[str, ...]
    server: str  # PostgreSQL's URL; a scratch database is made beside the one it names
    rounds: int
    rows: int  # broadcasts of the sync
    clients: int
    broadcasts: int  # of each client
    quick: bool
    full: bool
    write: bool
    peers: bool


def read(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast, as ratios of the same run.")
    parser.add_argument("--only", choices=CHAPTERS, action="append", help="this chapter; may be given again")
    parser.add_argument("--lane", choices=["postgres", "sqlite", "both"], default="both")
    parser.add_argument("--rounds", type=int, help="5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: shows that it runs, not how fast")
    parser.add_argument("--full", action="store_true", help="also a sync of a million rows")
    parser.add_argument("--write", action="store_true", help="into bench/RESULTS.md too")
    parser.add_argument("--peers", action="store_true", help="install what is measured against: .venv-bench, .venv-superset")
    given = parser.parse_args(arguments)
    server = os.environ.get("DATABASE_URL", "")
    server = server if server.startswith("postgres") else ""
    if given.lane == "postgres" and not server:
        parser.error("for PostgreSQL, DATABASE_URL must name a server; the bench makes a database of its own there")
    part = 10 if given.quick else 1
    return Options(
        chapters=tuple(given.only or CHAPTERS),
        lanes=_lanes(given.lane, server),
        server=server,
        rounds=given.rounds or (2 if given.quick else 5),
        rows=100_000 // part,
        clients=500 // part,
        broadcasts=2_000 // part,
        quick=given.quick,
        full=given.full,
        write=given.write,
        peers=given.peers,
    )


def _lanes(wanted: str, server: str) -> tuple[str, ...]:
    lanes = {"postgres": (POSTGRESQL,), "sqlite": (SQLITE,), "both": (POSTGRESQL, SQLITE)}[wanted]
    return tuple(lane for lane in lanes if lane == SQLITE or server)
