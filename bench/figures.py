"""What was measured against what was promised, and how it is told: ratios first, absolute numbers after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One promise: `value` must be `sense` `target`. `unit` stands behind both."""

    what: str
    value: float
    sense: Literal["at least", "at most", "equal to"]
    target: float
    unit: str = ""

    @property
    def met(self) -> bool:
        if self.sense == "equal to":
            return self.value == self.target
        return self.value >= self.target if self.sense == "at least" else self.value <= self.target


@dataclass
class Report:
    """Of one chapter. `details` are absolute numbers, (what, text) each; `left_out` says why something is not here."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(
        self, what: str, value: float, sense: Literal["at least", "at most", "equal to"], target: float, unit: str = ""
    ) -> None:
        self.figures.append(Figure(what, value, sense, target, unit))

    def note(self, what: str, text: str) -> None:
        self.details.append((what, text))

    def markdown(self) -> str:
        parts = [f"## {self.title}"]
        if self.figures:
            parts.append(_table(("figure", "measured", "promised", ""), map(_row, self.figures)))
        if self.details:
            parts.append(_table(("in absolute numbers", ""), self.details))
        parts += [f"Left out: {text}" for text in self.left_out]
        return "\n\n".join(parts) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    unit = f" {figure.unit}" if figure.unit else ""
    verdict = "met" if figure.met else "**missed**"
    return figure.what, f"{number(figure.value)}{unit}", f"{figure.sense} {number(figure.target)}{unit}", verdict


def number(value: float) -> str:
    """Three figures that mean something."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
