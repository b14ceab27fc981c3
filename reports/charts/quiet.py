"""What every figure has in common: no mode bar, few lines, colours by name.

A colour is the name of a CSS variable, `var(--spam)`, or `var(--inbox-15)` for 15 % of it; static/js/charts.js looks it up,
so that a figure needs no second version for the dark theme. Text of vendors goes through `plain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.safestring import SafeString, mark_safe

type Figure = dict[str, Any]

CLEAR = "rgba(0,0,0,0)"
OUTCOMES = {"inboxing": "inbox", "primary": "primary", "promotions": "promotions", "spam": "spam"}


def colour(name: str, percent: int = 100) -> str:
    return f"var(--{name})" if percent == 100 else f"var(--{name}-{percent})"


def figure(data: list[dict[str, Any]], **layout: Any) -> Figure:
    return {"data": data, "layout": {**_LAYOUT, **layout}}


def axis(**more: Any) -> dict[str, Any]:
    quiet = {
        "showline": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "gridcolor": colour("hairline"),
        "automargin": False,
    }
    return quiet | more


def dates(days: Sequence[date]) -> dict[str, Any]:
    """How an axis of time writes its `days`, or the first days of its weeks: the last, and others evenly before it, each where
    its own bar and points stand. With the year where they are of two, and then fewer; static/js/charts.js leaves out more of
    them where there is less room."""
    one_year = days[0].year == days[-1].year
    year, most = ("", 8) if one_year else (" %Y", 4)
    named = days[::-1][:: -(-len(days) // most)]
    ticks = {"tickvals": [day.isoformat() for day in reversed(named)], "tickangle": 0}
    return ticks | {"tickformat": f"%-d %b{year}", "hoverformat": f"%a %-d %B{year}"}


def margins(days: Sequence[date], top: int = 10) -> dict[str, int]:
    """Around plots over an axis of time: on the right half of its last label has room, which plotly would leave out."""
    return {"l": 52, "r": 22 if days[0].year == days[-1].year else 38, "t": top, "b": 26}


def percents(**more: Any) -> dict[str, Any]:
    """An axis from 0 to 100 %."""
    ticks = [0, 25, 50, 75, 100]
    return axis(tickvals=ticks, ticktext=[f"{tick} %" for tick in ticks], **more)


def script(figures: dict[str, Figure]) -> SafeString:
    """What goes into <script type="application/json">, as `json_script` would write it, in a tenth of its time."""
    text = msgspec.json.encode(figures).decode()
    # One sign after the other: `translate` takes ten times as long.
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04X}")
    return mark_safe(text)  # noqa: S308


def plain(text: str) -> str:
    """Plotly reads a little HTML in its texts; from a vendor it is text and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_percent(share: float | None) -> float | None:
    """A share in percent as the axis has it; None stays a gap."""
    return None if share is None else round(share * 100, 2)


_LAYOUT: dict[str, Any] = {
    "template": "none",
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "font": {"size": 12, "color": colour("muted")},
    "hoverlabel": {
        "bgcolor": colour("surface"),
        "bordercolor": colour("hairline"),
        "font": {"size": 12, "color": colour("ink")},
        "align": "left",
    },
    "showlegend": False,
    "dragmode": False,
}
