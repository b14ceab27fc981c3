"""One small line per mailbox provider, all on the same two axes, with a grey line where good begins."""

from __future__ import annotations

from reports.charts.quiet import Figure, axis, colour, figure, in_percent
from reports.charts.trend import axis_days, dots, span
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
    return figure(
        [line],
        margin={"l": 2, "r": 2, "t": 4, "b": 4},
        xaxis=axis(type="date", range=span(points), showgrid=False, showticklabels=False),
        yaxis=axis(range=[0, 101], tickvals=[GOOD * 100], showticklabels=False),
        hovermode="x",
    )
