"""What happened, marked above a trend: a numbered dot for each day with a stem beneath it, and how many things it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.charts.quiet import colour, plain
from reports.queries.marks import Mark

_HEIGHT = 103  # per cent: above the lines


def drawn(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    several = [mark for mark in marks if len(mark.texts) > 1]
    return [*([_how_many(several)] if several else []), *([_dots(marks)] if marks else [])]


def stem(mark: Mark) -> dict[str, Any]:
    day = mark.day.isoformat()
    return {
        "type": "line",
        "x0": day,
        "x1": day,
        "y0": 0,
        "y1": 101,
        "line": {"color": colour("muted"), "width": 1.2, "dash": "dot"},
        "layer": "below",
    }


def _dots(marks: Sequence[Mark]) -> dict[str, Any]:
    return _above(marks, [str(mark.number) for mark in marks], "background", "middle center") | {
        "mode": "markers+text",
        "marker": {"color": colour("ink"), "size": 17, "opacity": 1},
        "customdata": ["<br>".join(map(plain, mark.texts)) for mark in marks],
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
    }


def _how_many(several: Sequence[Mark]) -> dict[str, Any]:
    """'×2' beside the dot, which is wider than a letter."""
    texts = [f"\u2003×{len(mark.texts)}" for mark in several]
    return _above(several, texts, "ink", "middle right") | {"mode": "text", "hoverinfo": "skip"}


def _above(marks: Sequence[Mark], texts: list[str], tone: str, position: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "",
        "cliponaxis": False,
        "x": [mark.day.isoformat() for mark in marks],
        "y": [_HEIGHT] * len(marks),
        "text": texts,
        "textfont": {"color": colour(tone), "size": 11},
        "textposition": position,
    }
