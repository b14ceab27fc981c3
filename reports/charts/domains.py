"""Sending domains as bars of a hundred percent: primary, promotions, spam."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.quiet import Figure, axis, colour, figure, in_percent, percents, plain
from reports.stats import FEW, Counts

AT_MOST = 12


def domains(rows: Sequence[tuple[str, Counts]]) -> Figure:
    """The domains with most mail, those without left out."""
    named = [(name or "(no domain)", counts) for name, counts in rows if counts.received][:AT_MOST]
    shown = [(plain(name), counts) for name, counts in named]
    ticks = {"tickvals": [name for name, _ in shown], "ticktext": [_label(name, counts) for name, counts in named]}
    bars = [_bars(outcome, shown) for outcome in ("primary", "promotions", "spam")]
    return figure(
        bars,
        margin={"l": 8, "r": 26, "t": 4, "b": 26},
        barmode="stack",
        bargap=0.42,
        xaxis=percents(range=[0, 100.1]),
        yaxis=axis(type="category", autorange="reversed", showgrid=False, automargin=True, ticklabelstandoff=8, **ticks),
        hovermode="y unified",
        height=30 * max(1, len(shown)) + 40,
    )


def _label(name: str, counts: Counts) -> str:
    return plain(_short(name)) + ("<br>few mails" if _is_few(counts) else "")


def _is_few(counts: Counts) -> bool:
    return counts.received < FEW


def _short(name: str, most: int = 34) -> str:
    """Its end says more of a domain than its beginning; a phone has no room for both."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


def _bars(outcome: str, rows: Sequence[tuple[str, Counts]]) -> dict[str, object]:
    pattern = {"promotions": "/", "spam": "."}.get(outcome, "")
    return {
        "type": "bar",
        "orientation": "h",
        "name": outcome.capitalize(),
        "y": [name for name, _ in rows],
        "x": [in_percent(counts.share(outcome).value) for _, counts in rows],
        "customdata": [getattr(counts, outcome) for _, counts in rows],
        "marker": {
            "color": colour(outcome),
            "opacity": [0.35 if _is_few(counts) else 1 for _, counts in rows],
            "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": colour("surface"), "size": 5, "solidity": 0.18},
        },
        "hovertemplate": f"{outcome.capitalize()} %{{x:.1f}} %  (%{{customdata:,}})<extra></extra>",
    }
