"""Statuses as bars: how many conversations stand at each, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.quiet import Figure, axis, colour, figure, plain
from reports.pipeline import Stage
from reports.stats import UNMEASURED


def pipeline(stages: Sequence[Stage]) -> Figure:
    several = len({stage.place.connection for stage in stages}) > 1  # their statuses may share a name
    names = [f"{stage.name} · {stage.account}" if several else stage.name for stage in stages]
    places = list(range(len(stages)))
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "x": [stage.held.conversations for stage in stages],
        "text": [_said(stage) for stage in stages],
        "textposition": "auto",
        "insidetextanchor": "start",
        "insidetextfont": {"color": colour("surface")},
        "outsidetextfont": {"color": colour("ink")},
        "cliponaxis": False,
        "marker": {"color": colour("primary")},
        "hovertext": [plain(name) for name in names],
        "hovertemplate": "%{hovertext}: %{text}<extra></extra>",
    }
    ticks = {"tickvals": places, "ticktext": [plain(_short(name)) for name in names]}
    most = max((stage.held.conversations for stage in stages), default=1) or 1
    return figure(
        [bars],
        margin={"l": 8, "r": 12, "t": 4, "b": 26},
        bargap=0.36,
        xaxis=axis(range=[0, most * 1.05], nticks=5, tickformat=",d"),
        yaxis=axis(autorange="reversed", showgrid=False, automargin=True, ticklabelstandoff=8, **ticks),
        height=34 * max(1, len(stages)) + 40,
    )


def _said(stage: Stage) -> str:
    count = f"{stage.held.conversations:,}"
    return count if stage.worth == UNMEASURED else plain(f"{count} · {stage.worth}")


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
