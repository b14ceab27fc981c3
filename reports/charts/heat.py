"""Mailbox provider × week, coloured by band, the number always printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from reports.ages import short_day
from reports.charts.quiet import Figure, axis, colour, figure
from reports.stats import Rate

#: Band → its place on the colour scale. The few stay uncoloured.
_PLACES = {"bad": 0, "look": 1, "good": 2, "few": 3}


def heat(weeks: Sequence[date], rows: Mapping[str, Mapping[date, Rate]]) -> Figure:
    """`rows`: a mailbox provider's label → the week's first day → its rate. Weeks without mail stay empty."""
    rates = [[row.get(week, Rate(0, 0)) for week in weeks] for row in rows.values()]
    cells = {
        "type": "heatmap",
        "x": [short_day(week) for week in weeks],
        "y": list(rows),
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hoverongaps": False,
        "z": [[_PLACES.get(rate.band) for rate in row] for row in rates],
        "zmin": -0.5,
        "zmax": 3.5,
        "colorscale": _steps([colour("bad"), colour("look"), colour("good"), colour("sunken")]),
        "text": [[rate.whole if rate.n else "" for rate in row] for row in rates],
        "texttemplate": "%{text}",
        "textfont": {"color": colour("ink"), "size": 12},
        "customdata": [[rate.title for rate in row] for row in rates],
        "hovertemplate": "%{y}, week of %{x}<br>%{customdata}<extra></extra>",
    }
    return figure(
        [cells],
        margin={"l": 120, "r": 4, "t": 4, "b": 24},
        xaxis=axis(type="category", showgrid=False, nticks=14, tickangle=0),
        yaxis=axis(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=8),
        height=34 * max(1, len(rows)) + 34,
    )


def _steps(colours: list[str]) -> list[list[float | str]]:
    """A scale of steps, not of shades: a band has one colour."""
    width = 1 / len(colours)
    return [[round(end, 4), name] for at, name in enumerate(colours) for end in (at * width, (at + 1) * width)]
