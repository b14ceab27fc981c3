"""Outreach beside placement: inboxing and the share that bounced as lines, the mails sent beneath, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from reports.benchmarks import Published
from reports.charts.everybody import everybody
from reports.charts.outreach import axis_days, bars, bounced, days, share, up_to
from reports.charts.quiet import Figure, axis, figure, margins, percents
from reports.together import Together


def together(found: Together, published: Sequence[Published] = ()) -> Figure:
    return figure(
        [
            share("Inboxing", found.landed, "y", "inbox", "solid"),
            *everybody(published, found.days, "y"),
            *bounced(found.course, "y2"),
            bars(found.course, "sent", "y3", "volume"),
        ],
        margin=margins(axis_days(found.course)),
        xaxis=days(found.course, anchor="y3"),
        yaxis=percents(domain=[0.56, 1], range=[0, 101]),
        yaxis2=axis(domain=[0.24, 0.48], range=[0, up_to(found.course)], ticksuffix=" %", nticks=3),
        yaxis3=axis(domain=[0, 0.16], rangemode="tozero", nticks=2),
        hovermode="x unified",
    )
