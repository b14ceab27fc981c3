"""Inboxing as each vendor has it: lines of one colour, told apart by dash and marker; points of few mails are grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from reports.charts.quiet import Figure, axis, colour, dates, figure, in_percent, margins, percents
from reports.charts.trend import axis_days, dots, span
from reports.lines import Points
from reports.stats import FEW, Counts, Rate


class Style(NamedTuple):
    """`key`: its class in a legend. `symbol`: on points that a line leads to as well, but for the first's, which is as a
    vendor's alone."""

    key: str
    dash: str
    symbol: str


#: In the order of the vendors on a page.
STYLES = (
    Style("first", "solid", "circle"),
    Style("second", "4px,3px", "diamond-open"),
    Style("third", "1px,3px", "square"),
    Style("fourth", "7px,3px,1px,3px", "cross"),
)


def trend(vendors: Mapping[str, Points]) -> Figure:
    """By label."""
    at = next(iter(vendors.values()))
    return figure(
        lines(vendors, "inbox"),
        margin=margins(axis_days(at)),
        xaxis=axis(type="date", range=span(at), showgrid=False, **dates(axis_days(at))),
        yaxis=percents(range=[0, 101]),
        hovermode="x unified",
    )


def lines(vendors: Mapping[str, Points], tone: str, *, small: bool = False) -> list[dict[str, Any]]:
    """By label: a line each over its points of enough mails, and grey dots for the others that nothing leads to."""
    found = []
    for (label, points), style in zip(vendors.items(), STYLES, strict=False):
        rates = [points.counts.get(day, Counts()).inboxing for day in axis_days(points)]
        found.append(_line(label, points, rates, style, tone, small=small))
        if few := {day: rate for day, rate in zip(axis_days(points), rates, strict=True) if 0 < rate.n < FEW}:
            found.append(_few(label, few, style, small=small))
    return found


def _line(label: str, points: Points, rates: Sequence[Rate], style: Style, tone: str, *, small: bool) -> dict[str, Any]:
    enough = [rate if rate.n >= FEW else Rate(0, 0) for rate in rates]
    line = {"color": colour(tone), "width": 1.8 if small else 2.2, "dash": style.dash}
    marker = _marker(tone, style, small=small) if style.dash != "solid" else dots(enough, tone, 4 if small else 6)
    return _trace(label, axis_days(points), enough) | {"mode": "lines+markers", "line": line, "marker": marker}


def _few(label: str, rates: Mapping[date, Rate], style: Style, *, small: bool) -> dict[str, Any]:
    trace = _trace(f"{label}, few mails:", list(rates), list(rates.values()))
    return trace | {"mode": "markers", "marker": _marker("missing", style, small=small)}


def _marker(tone: str, style: Style, *, small: bool) -> dict[str, Any]:
    return {"color": colour(tone), "symbol": style.symbol, "size": 5 if small else 7}


def _trace(name: str, days: Sequence[date], rates: Sequence[Rate]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "x": [day.isoformat() for day in days],
        "y": [in_percent(rate.value) for rate in rates],
        "customdata": [rate.n for rate in rates],
        "connectgaps": False,
        "cliponaxis": False,
        "hovertemplate": f"{name} %{{y:.1f}} % of %{{customdata:,}}<extra></extra>",
    }
