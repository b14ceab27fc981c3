"""The trend: inboxing with its interval, primary, promotions, spam; beneath on its days volume and outreach; marks above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from reports.benchmarks import Published
from reports.charts.beneath import beneath, named
from reports.charts.everybody import everybody
from reports.charts.marks import drawn, stem
from reports.charts.quiet import Figure, axis, colour, dates, figure, in_percent, margins, percents
from reports.lines import Points
from reports.outreach import Course
from reports.queries.marks import Mark
from reports.stats import Counts, Rate

_VOLUME = [0, 0.16]  # where the bars of mails stand
_DASHES = {"primary": "solid", "promotions": "dash", "spam": "dot"}


def trend(
    points: Points,
    marks: Sequence[Mark] = (),
    outreach: Course | None = None,
    sent_to: str = "",
    published: Sequence[Published] = (),
) -> Figure:
    """Points without mail stay gaps, never zeros. `sent_to`: the mailbox provider that the outreach went to; '' for all of it."""
    # The widest beneath: where it equals another, as without promotions, it stays seen on both sides of it.
    lines = [_line("inboxing", points, 2.6, dot=9), *(_line(name, points, dash=dash) for name, dash in _DASHES.items())]
    drawing = figure(
        [_band(points), *lines, *everybody(published, axis_days(points), "y"), _volume(points), *drawn(marks)],
        margin=margins(axis_days(points), top=26),
        xaxis=axis(
            type="date",
            range=span(points),
            showgrid=False,
            **dates(axis_days(points)),
            anchor="y2",
            ticklabelstandoff=4,
        ),
        yaxis=percents(domain=[0.26, 1], range=[0, 104 if marks else 101]),
        yaxis2=_mails(points),
        annotations=[named("mails in front of seeds", _VOLUME)],
        hovermode="x unified",
        shapes=[stem(mark) for mark in marks],
    )
    return beneath(drawing, outreach, sent_to) if outreach else drawing


def _mails(points: Points) -> dict[str, Any]:
    """Its ends alone are told: there is room for no more."""
    most = max((counts.received for counts in points.counts.values()), default=0)
    ends = sorted({0, most})
    return axis(domain=_VOLUME, showgrid=False, rangemode="tozero", tickvals=ends, ticktext=[f"{end:,}" for end in ends])


def axis_days(points: Points) -> list[date]:
    return [points.first + at * points.step for at in range((points.last - points.first) // points.step + 1)]


def span(points: Points) -> list[str]:
    """Half a step of air on both sides, so that the first and last bars are whole."""
    half = points.step / 2
    last = datetime.combine(axis_days(points)[-1], time.min)
    return [(datetime.combine(points.first, time.min) - half).isoformat(sep=" "), (last + half).isoformat(sep=" ")]


def _rate(counts: Counts | None, outcome: str) -> Rate:
    counts = counts or Counts()
    return counts.inboxing if outcome == "inboxing" else counts.share(outcome)


def _line(outcome: str, points: Points, width: float = 1.8, *, dash: str = "solid", dot: int = 5) -> dict[str, Any]:
    days = axis_days(points)
    rates = [_rate(points.counts.get(day), outcome) for day in days]
    name = outcome.capitalize()
    ends = [[rate.n, *(in_percent(end) for end in (rate.interval or (None, None)))] for rate in rates]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [day.isoformat() for day in days],
        "y": [in_percent(rate.value) for rate in rates],
        "customdata": ends,
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": colour(_colour(outcome)), "width": width, "dash": dash},
        "marker": dots(rates, _colour(outcome), dot),
        "hovertemplate": f"{name} %{{y:.1f}} %  (%{{customdata[1]:.1f}}–%{{customdata[2]:.1f}})<extra></extra>",
    }


def _colour(outcome: str) -> str:
    return "inbox" if outcome == "inboxing" else outcome


def dots(rates: Sequence[Rate], tone: str, size: int) -> dict[str, Any]:
    """The markers of a line: a day between two gaps has no line to stand on, so it gets a dot, grey in a thin rim where its mails
    are few; the others get none."""
    padded = [False, *(bool(rate.n) for rate in rates), False]
    lonely = [here and not (before or after) for before, here, after in zip(padded, padded[1:], padded[2:], strict=False)]
    sizes, opacities = [size if dot else 0 for dot in lonely], [int(dot) for dot in lonely]
    few = [rate.band == "few" for rate in rates]
    colours, rims = [colour("missing" if grey else tone) for grey in few], [int(grey) for grey in few]
    return {"color": colours, "size": sizes, "opacity": opacities, "line": {"width": rims, "color": colour(tone, 50)}}


def _band(points: Points) -> dict[str, Any]:
    """The interval as closed shapes, one for each stretch of days with mail: a fill between two lines would bridge gaps."""
    xs: list[str | None] = []
    ys: list[float | None] = []
    for stretch in _stretches(sorted(points.counts), points.step):
        ends = [points.counts[day].inboxing.interval or (0.0, 0.0) for day in stretch]
        around = [
            *((day, high) for day, (_, high) in zip(stretch, ends, strict=True)),
            *reversed([(day, low) for day, (low, _) in zip(stretch, ends, strict=True)]),
        ]
        xs += [*(day.isoformat() for day, _ in around), None]
        ys += [*(in_percent(end) for _, end in around), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "95 % interval",
        "x": xs,
        "y": ys,
        "fill": "toself",
        "fillcolor": colour("inbox", 14),
        "line": {"width": 0, "color": colour("inbox")},
        "hoverinfo": "skip",
    }


def _stretches(filled: list[date], step: timedelta) -> list[list[date]]:
    """Runs of neighbours, of two points or more."""
    found: list[list[date]] = [[filled[0]]] if filled else []
    for before, day in pairwise(filled):
        if day - before == step:
            found[-1].append(day)
        else:
            found.append([day])
    return [stretch for stretch in found if len(stretch) > 1]


def _volume(points: Points) -> dict[str, Any]:
    days, filled = points.counts, sorted(points.counts)
    return {
        "type": "bar",
        "name": "Mails",
        "yaxis": "y2",
        "x": [day.isoformat() for day in filled],
        "y": [days[day].received for day in filled],
        # Given, in milliseconds: days without mail would make the others wider.
        "width": points.step.total_seconds() * 1000 * 0.55,
        "marker": {"color": colour("volume")},
        "hovertemplate": "%{y:,} mails<extra></extra>",
    }
