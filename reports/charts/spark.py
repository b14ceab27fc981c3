"""A trend as the path of a small SVG: no script, no style, gaps where there is no mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from reports.stats import Rate

WIDTH, HEIGHT = 84, 22
#: The height stands for this much at least, as a share: noise of a point must not look like a fall.
LEAST = 0.15
TITLE = "Inboxing by day. Each row has its own height: from its lowest day to its highest, and 15 points at least"


class Spark(NamedTuple):
    path: str
    title: str  # what its lowest and its highest day were


NONE = Spark("", "")


def drawn(days: Mapping[date, Rate], first: date, last: date) -> Spark:
    """Of the days from `first` to `last`. All of a trend lies within a few points as a rule: from 0 to 100 % a fall of three was
    level."""
    begin, length = first.toordinal(), (last - first).days
    found = [(at, hits / n) for day, (hits, n) in sorted(days.items()) if n and 0 <= (at := day.toordinal() - begin) <= length]
    if not found:
        return NONE
    shares = [share for _, share in found]
    low, high = min(shares), max(shares)
    span = max(high - low, LEAST)
    top = (low + high + span) / 2
    step, scale = WIDTH / max(1, length), (HEIGHT - 2) / span
    commands, before = [], -2
    for at, share in found:
        y = 1 + scale * (top - share)
        # A point without a neighbour is a line of no length, which round caps draw as a dot.
        commands.append(f"L{at * step:.1f} {y:.1f}" if at == before + 1 else f"M{at * step:.1f} {y:.1f}h0")
        before = at
    return Spark("".join(commands), f"from {low * 100:.0f} to {high * 100:.0f} % a day")
