"""One small line per mailbox provider, or one for each vendor there, on the same two axes, with a grey line where good begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.charts.quiet import Figure, axis, colour, figure, in_percent
from reports.charts.trend import axis_days, dots, span
from reports.charts.vendors import lines
from reports.lines import Points
from reports.stats import GOOD, Counts


def multiple(points: Points, tone: str = "inbox") -> Figure:
    """`tone` names the line's colour."""
    days = axis_days(points)
    rates = [points.counts.get(day, Counts()).inboxing for day in days]
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [day.isoformat() for day in days],
        "y": [in_percent(rate.value) for rate in rates],
        "customdata": [rate.n for rate in rates],
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": colour(tone), "width": 1.8},
        "marker": dots(rates, tone, 4),
        "hovertemplate": "%{x|%-d %b}: %{y:.1f} % of %{customdata:,}<extra></extra>",
    }
    return _small([line], points)


def by_vendor(vendors: Mapping[str, Points], tone: str = "inbox") -> Figure:
    """By label, in the order of the page's legend."""
    return _small(lines(vendors, tone, small=True), next(iter(vendors.values())))


def _small(data: list[dict[str, Any]], points: Points) -> Figure:
    return figure(
        data,
        margin={"l": 2, "r": 2, "t": 4, "b": 4},
        xaxis=axis(type="date", range=span(points), showgrid=False, showticklabels=False),
        yaxis=axis(range=[0, 101], tickvals=[GOOD * 100], showticklabels=False),
        hovermode="x",
    )
