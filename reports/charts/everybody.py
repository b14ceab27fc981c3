"""What a vendor publishes of all its customers together: a dashed line beside one's own, level, since it is one figure, and over
those newest days alone that it is of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from reports.benchmarks import Beside, Published, Share
from reports.charts.beneath import named
from reports.charts.outreach import axis_days, share
from reports.charts.outreach import days as axis_of
from reports.charts.quiet import Figure, axis, colour, figure, in_percent, margins

_AIR = 115  # of an axis in percent: a little above the highest


def everybody(published: Sequence[Published], days: Sequence[date], yaxis: str) -> list[dict[str, Any]]:
    """One line for each vendor. `days`: the axis' days, or the first days of its weeks."""
    return [_line(one, days, yaxis) for one in published]


def beside(found: Beside) -> Figure:
    """One plot above the other, each with its dashed line."""
    height = 1 / max(1, len(found.drawn))
    data: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    names = []
    for place, one in enumerate(reversed(found.drawn), 1):
        name = "" if place == 1 else str(place)
        data += [share(one.name, one.days, f"y{name}", "accent", "solid")]
        data += [_line(one.everybody, found.days, f"y{name}")]
        domain = [(place - 1) * height, place * height - 0.12]
        names += [named(one.name.lower(), domain)]
        axes[f"yaxis{name}"] = axis(domain=domain, range=_range(one), ticksuffix=" %", nticks=4)
    return figure(
        data,
        margin=margins(axis_days(found)),
        xaxis=axis_of(found, anchor="y"),
        hovermode="x unified",
        annotations=names,
        **axes,
    )


def _range(one: Share) -> list[float]:
    """From 0, save where all of it lies so high that nothing would be told apart."""
    shares = [rate.value or 0.0 for rate in one.days.values()] + [one.everybody.share]
    lowest = min(shares) * 100
    return [max(0.0, lowest - 10), 101] if lowest > 60 else [0, min(101.0, max(shares) * _AIR)]


def _line(one: Published, days: Sequence[date], yaxis: str) -> dict[str, Any]:
    found = _newest(days, one.days)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.name,
        "yaxis": yaxis,
        "x": found,
        "y": [in_percent(one.share)] * len(found),
        "line": {"color": colour("ink"), "width": 1.4, "dash": "dash"},
        "hovertemplate": f"{one.name}, {one.over} %{{y:.1f}} %<extra></extra>",
    }


def _newest(days: Sequence[date], span: int) -> list[str]:
    """From where the first of the last `span` days begins to where the newest day, or its week, ends: a point stands in the
    middle of what it is of. With those between, for whoever points at one of them."""
    half = (days[1] - days[0] if len(days) > 1 else timedelta(days=1)) / 2
    end = datetime.combine(days[-1], time.min) + half
    begin = end - timedelta(days=span)
    between = [day.isoformat() for day in days if begin < datetime.combine(day, time.min) < end]
    return [begin.isoformat(sep=" "), *between, end.isoformat(sep=" ")]
