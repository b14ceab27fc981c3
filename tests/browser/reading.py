"""What a page shows, as data."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Locator, Page, expect

from tests.waiting import wait_until


def table(found: Locator) -> dict[str, list[str]]:
    """Row heading → the row's cells, as text."""
    rows: list[list[str]] = found.evaluate(
        "table => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    return {row[0]: row[1:] for row in rows}


def traces(page: Page, chart: str) -> dict[str, dict[str, Any]]:
    """What plotly has drawn, by the name of each trace."""
    drawn(page, chart)
    found = page.locator(f"[data-chart={chart}]").evaluate(
        "place => place.data.map((trace) => ({name: trace.name, x: [...trace.x], y: [...trace.y]}))"
    )
    return {trace["name"]: trace for trace in found}


def drawn(page: Page, chart: str) -> None:
    """Waits until lines or bars stand in the chart's place."""
    expect(page.locator(f"[data-chart={chart}] .main-svg").first).to_be_visible()
    expect(page.locator(f"[data-chart={chart}] .trace path").first).to_be_attached()


def hover(page: Page, chart: str, x: float, y: float, shown: Locator) -> None:
    """The mouse over a place in the chart's plot, as shares of its width and height, until it shows what it shows there:
    right after drawing nobody listens yet."""
    box = page.locator(f"[data-chart={chart}] .nsewdrag").first.bounding_box()
    assert box
    left, top = box["x"] + box["width"] * x, box["y"] + box["height"] * y

    def moved() -> bool:
        page.mouse.move(left, top - 1)
        page.mouse.move(left, top)
        return shown.count() > 0

    wait_until(moved, what="a hover label")
    expect(shown.first).to_be_visible()


def rows_of(download: Download) -> list[dict[str, str]]:
    text = Path(download.path()).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def wider_than_the_screen(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def names_of_several(page: Page) -> list[str]:
    """Ids that more than one element of ours has (a chart's drawing is plotly's)."""
    ids = page.eval_on_selector_all("[id]", "all => all.filter(one => !one.closest('svg')).map(one => one.id)")
    return sorted(name for name, times in Counter(ids).items() if times > 1)
