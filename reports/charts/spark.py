"""A trend as the path of a small SVG: no script, no style, gaps where there is no mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from reports.stats import Rate

WIDTH, HEIGHT = 84, 22


def path(days: Mapping[date, Rate], first: date, last: date) -> str:
    """0 % at the bottom, 100 % at the top, the same for every client, so that two lines can be compared."""
    begin, length = first.toordinal(), (last - first).days
    step = WIDTH / max(1, length)
    commands, drawn = [], -2
    for day, (hits, n) in sorted(days.items()):
        at = day.toordinal() - begin
        if not n or not 0 <= at <= length:
            continue
        y = 1 + (HEIGHT - 2) * (1 - hits / n)
        # A point without a neighbour is a line of no length, which round caps draw as a dot.
        commands.append(f"L{at * step:.1f} {y:.1f}" if at == drawn + 1 else f"M{at * step:.1f} {y:.1f}h0")
        drawn = at
    return "".join(commands)
