"""The data that pages, exports and the wire are measured on: made once for a lane, by `contenders/filling.py`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.options import Options
from bench.places import HERE, Place, scratch
from bench.processes import contender
from bench.rounds import say

BIG, SMALL = "north", "lone"
COOKIE = "sessionid"


@dataclass(frozen=True)
class Filled:
    place: Place
    sessions: dict[str, str]  # agency → its owner's session key
    placements: int
    seconds: dict[str, float]  # what making them took

    def cookie(self, agency: str = BIG) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.sessions[agency]}"}


@contextmanager
def filled(options: Options, lane: str) -> Iterator[Filled]:
    size = options.clients * options.broadcasts * 6
    say(f"filling {lane} with {size:,} placements")
    with scratch(lane, options.server) as place:
        told = contender("filling", place.environment, clients=options.clients, broadcasts=options.broadcasts)
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(collect, cwd=HERE, env=place.environment, check=True)
        yield Filled(place, told["sessions"], size, told["seconds"])
