"""Outreach beside placement: inboxing and the share that bounced as lines, the mails sent beneath, on one time axis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reports.charts.outreach import bars, span
from reports.charts.quiet import Figure, axis, colour, figure, in_percent, percents
from reports.stats import Rate
from reports.together import Together


def together(found: Together) -> Figure:
    reach = found.course.days.items()
    bounced = {day: Rate(one["bounced"], one.of.get("bounced") or 0) for day, one in reach if one["bounced"] is not None}
    most = max((rate.value or 0.0 for rate in bounced.values()), default=0.0)
    return figure(
        [
            _line("Inboxing", found.landed, "y", "inbox", "solid"),
            _line("Bounced", bounced, "y2", "ink", "dot"),
            bars(found.course, "sent", "y3", "volume"),
        ],
        margin={"l": 52, "r": 12, "t": 10, "b": 26},
        xaxis=axis(
            type="date",
            range=span(found.course),
            showgrid=False,
            tickformat="%-d %b",
            nticks=8,
            anchor="y3",
            hoverformat="%a %-d %B",
        ),
        yaxis=percents(domain=[0.56, 1], range=[0, 101]),
        yaxis2=axis(domain=[0.24, 0.48], range=[0, max(5.0, most * 115)], ticksuffix=" %", nticks=3),
        yaxis3=axis(domain=[0, 0.16], rangemode="tozero", nticks=2),
        hovermode="x unified",
    )


def _line(name: str, rates: Mapping[date, Rate], yaxis: str, tone: str, dash: str) -> dict[str, Any]:
    measured = sorted(day for day, rate in rates.items() if rate.n)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "yaxis": yaxis,
        "x": [day.isoformat() for day in measured],
        "y": [in_percent(rates[day].value) for day in measured],
        "customdata": [rates[day].n for day in measured],
        "line": {"color": colour(tone), "width": 2, "dash": dash},
        "marker": {"color": colour(tone), "size": 4},
        "hovertemplate": f"{name} %{{y:.1f}} % of %{{customdata:,}}<extra></extra>",
    }
