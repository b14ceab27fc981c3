"""Outreach beside placement: inboxing and the share that bounced as lines, the mails sent beneath, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from reports.benchmarks import Published
from reports.charts.everybody import everybody
from reports.charts.outreach import bars, bounced, days, share, span, up_to
from reports.charts.quiet import Figure, axis, figure, percents
from reports.together import Together


def together(found: Together, published: Sequence[Published] = ()) -> Figure:
    return figure(
        [
            share("Inboxing", found.landed, "y", "inbox", "solid"),
            *everybody(published, found.days, "y"),
            *bounced(found.course, "y2"),
            bars(found.course, "sent", "y3", "volume"),
        ],
        margin={"l": 52, "r": 12, "t": 10, "b": 26},
        xaxis=days(span(found.course), anchor="y3"),
        yaxis=percents(domain=[0.56, 1], range=[0, 101]),
        yaxis2=axis(domain=[0.24, 0.48], range=[0, up_to(found.course)], ticksuffix=" %", nticks=3),
        yaxis3=axis(domain=[0, 0.16], rangemode="tozero", nticks=2),
        hovermode="x unified",
    )
