"""Outreach by day: mails sent, with opens where they are measured; beneath, on the same days, what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from reports.benchmarks import Beside
from reports.charts.quiet import Figure, axis, colour, dates, figure, in_percent, margins
from reports.outreach import LABELS, Course
from reports.stats import Rate

_BACK = {"replied": ("accent", ""), "bounced": ("ink", "/")}  # count → its colour, and a pattern that tells it without


def outreach(course: Course) -> Figure:
    back = [name for name in _BACK if name in course.names]
    return figure(
        [
            bars(course, "sent", "y", "volume"),
            *([_opened(course)] if "opened" in course.names else []),
            *(bars(course, name, "y2", *_BACK[name]) for name in back),
        ],
        margin=margins(axis_days(course)),
        barmode="stack",
        xaxis=days(course, anchor="y2"),
        yaxis=axis(domain=[0.36, 1], rangemode="tozero", nticks=4),
        yaxis2=axis(domain=[0, 0.26], rangemode="tozero", nticks=3),
        hovermode="x unified",
    )


def days(course: Course | Beside, anchor: str) -> Figure:
    """The axis of time, beneath the lowest of several plots; half a step of air on both sides, as bars are wide."""
    found, half = axis_days(course), course.step / 2
    ends = datetime.combine(found[0], time.min) - half, datetime.combine(found[-1], time.min) + half
    return axis(type="date", range=[end.isoformat(sep=" ") for end in ends], showgrid=False, anchor=anchor, **dates(found))


def axis_days(course: Course | Beside) -> list[date]:
    return [course.first + at * course.step for at in range((course.last - course.first) // course.step + 1)]


def bars(course: Course, name: str, yaxis: str, tone: str, pattern: str = "") -> dict[str, Any]:
    measured = _days(course, name)
    return {
        "type": "bar",
        "name": LABELS[name],
        "yaxis": yaxis,
        "x": [day.isoformat() for day, _ in measured],
        "y": [count for _, count in measured],
        # Given, in milliseconds: days without mail would make the others wider.
        "width": course.step.total_seconds() * 1000 * 0.55,
        "marker": {"color": colour(tone), **({"pattern": {"shape": pattern, "size": 5}} if pattern else {})},
        "hovertemplate": f"%{{y:,}} {LABELS[name].lower()}<extra></extra>",
    }


def bounced(course: Course, yaxis: str) -> list[dict[str, Any]]:
    """A line with gaps on days of few mails, whose shares are grey dots that nothing leads to."""
    rates = _bounced(course)
    line = share("Bounced", rates, yaxis, "ink", "dot")
    measured = sorted(day for day, rate in rates.items() if rate.n)
    line["y"] = [None if rates[day].band == "few" else at for day, at in zip(measured, line["y"], strict=True)]
    few = {day: rate for day, rate in rates.items() if rate.band == "few"}
    return [line, share("Bounced, few mails:", few, yaxis, "muted", "dot") | {"mode": "markers"}] if few else [line]


def up_to(course: Course) -> float:
    """The end of the axis of what bounced, in percent. Days of few mails have no say while there are others."""
    rates = [rate for rate in _bounced(course).values() if rate.n]
    shares = [rate.value or 0.0 for rate in rates if rate.band != "few"] or [rate.value or 0.0 for rate in rates]
    return max(5.0, max(shares, default=0.0) * 115)


def _bounced(course: Course) -> dict[date, Rate]:
    rates = {day: Rate(hits, course.days[day].of.get("bounced") or 0) for day, hits in _days(course, "bounced")}
    # What bounces today may have been sent before: a share over everything is none.
    return {day: rate for day, rate in rates.items() if rate.hits <= rate.n}


def share(name: str, rates: Mapping[date, Rate], yaxis: str, tone: str, dash: str) -> dict[str, Any]:
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


def _opened(course: Course) -> dict[str, Any]:
    measured = _days(course, "opened")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": LABELS["opened"],
        "x": [day.isoformat() for day, _ in measured],
        "y": [count for _, count in measured],
        "marker": {"color": colour("muted"), "size": 7, "symbol": "line-ew-open", "line": {"width": 2}},
        "hovertemplate": "%{y:,} opened (indicative)<extra></extra>",
    }


def _days(course: Course, name: str) -> list[tuple[date, int]]:
    return [(day, count) for day, reach in sorted(course.days.items()) if (count := reach[name]) is not None]
