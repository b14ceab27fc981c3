"""Outreach beneath a trend, on its axis of time: the share that bounced where it is known, and the mails sent."""

from __future__ import annotations

from typing import Any

from reports.charts.outreach import bars, bounced, up_to
from reports.charts.quiet import Figure, axis, colour
from reports.outreach import Course

#: Where the plots stand: the lines, the mails in front of seeds, what bounced, what was sent.
_WITH_BOUNCES: tuple[list[float], ...] = ([0.5, 1], [0.37, 0.44], [0.15, 0.31], [0, 0.09])
_WITHOUT: tuple[list[float], ...] = ([0.42, 1], [0.22, 0.32], [], [0, 0.13])
_HEIGHT = 540


def beneath(trend: Figure, course: Course, sent_to: str = "") -> Figure:
    layout = trend["layout"]
    to = f" to {sent_to}" if sent_to else ""
    known = "bounced" in course.names
    above, mails, shares, sent = _WITH_BOUNCES if known else _WITHOUT
    moved: Figure = {
        "height": _HEIGHT,
        "hoversubplots": "axis",  # one box for all of a day
        "xaxis": layout["xaxis"] | {"anchor": "y4"},
        "yaxis": layout["yaxis"] | {"domain": above},
        "yaxis2": layout["yaxis2"] | {"domain": mails},
        "yaxis4": axis(domain=sent, rangemode="tozero", showgrid=False, nticks=2),
        "annotations": [
            named("mails in front of seeds", mails),
            named(f"mails sent{to or ' by the client’s senders'}", sent),
        ],
    }
    data = [*trend["data"], bars(course, "sent", "y4", "volume")]
    if shares:
        moved["yaxis3"] = axis(domain=shares, range=[0, up_to(course)], ticksuffix=" %", nticks=3)
        moved["annotations"] += [named(f"bounced, of the mails sent{to}", shares)]
        data += bounced(course, "y3")
    return {"data": data, "layout": layout | moved}


def named(text: str, domain: list[float]) -> dict[str, Any]:
    """Above the left end of its plot."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": domain[1], "xanchor": "left", "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": 11, "color": colour("muted")}}
