"""Contenders run in turns, so that a slow minute of the machine is everybody's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

#: Of one run: what a contender tells of itself, `seconds` at least.
type Measured = dict[str, Any]


def in_turns(contenders: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Every round each of them once; every second round in the opposite order."""
    found: dict[str, list[Measured]] = {name: [] for name in contenders}
    for turn in range(rounds):
        names = list(contenders)[:: -1 if turn % 2 else 1]
        for name in names:
            measured = contenders[name]()
            found[name].append(measured)
            say(f"  round {turn + 1}: {name}: {measured['seconds']:.3f} s")
    return found


def mid(runs: list[Measured], name: str = "seconds") -> float:
    return float(median(run[name] for run in runs))


def ratio(runs: dict[str, list[Measured]], of: str, to: str, name: str = "seconds") -> float:
    """The median of each round's own ratio: neighbours in time are compared with each other."""
    return float(median(one[name] / other[name] for one, other in zip(runs[of], runs[to], strict=True)))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
