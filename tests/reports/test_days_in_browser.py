"""Lines, bars and labels of a chart agree about where a day is, as they are drawn."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from clients.models import Connection
from reports import sharing
from reports.lines import Points, points
from reports.scope import Window
from tests.browser.reading import drawn
from tests.cast import Cast, connect, make_cast
from tests.factories import days_ago, mail, roll_up
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS, WINDOWS = (1440, 390), (7, 30, 365)

PAPER = """() => {
  const middle = (found) => { const box = found.getBoundingClientRect(); return box.x + box.width / 2; };
  const plot = document.querySelector(".paper-plot"), screen = plot.getScreenCTM();
  const line = plot.querySelector(".line.inbox").getAttribute("d");
  const box = plot.getBoundingClientRect();
  return {
    ends: [box.left, box.right],
    // The first is the end of the dash that a line begins with.
    points: [...line.matchAll(/[HL]([-\\d.]+)/g)].slice(1).map(([, x]) => x * screen.a + screen.e),
    bars: [...document.querySelectorAll(".paper-volume rect")].map(middle),
    labels: [...document.querySelectorAll(".paper-days text")].map(read).filter(([, left, right]) => right > left),
  };
  function read(label) { const box = label.getBoundingClientRect(); return [label.textContent, box.left, box.right, box.bottom]; }
}"""

FIGURE = """(place) => {
  const middle = (found) => { const box = found.getBoundingClientRect(); return box.x + box.width / 2; };
  const box = place.querySelector(".nsewdrag").getBoundingClientRect();
  const [line] = [...place.querySelectorAll(".scatterlayer .trace")].filter((trace) => trace.querySelector(".point"));
  return {
    ends: [box.left, box.right],
    points: [...line.querySelectorAll(".point")].map((point) => point.getScreenCTM().e),
    bars: [...place.querySelectorAll(".barlayer .point path")].map(middle),
    labels: [...place.querySelectorAll(".xtick text")].map(read),
    bottom: place.getBoundingClientRect().bottom,
  };
  function read(label) { const box = label.getBoundingClientRect(); return [label.textContent, box.left, box.right, box.bottom]; }
}"""


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    for vendor, every in (("inboxally", 1), ("instantly", 3)):
        connection: Connection = connect(cast.north, key=vendor * 5, client=cast.acme, vendor=vendor)
        for ago in range(0, max(WINDOWS), every):
            mail(connection, cast.acme, days_ago(ago), {"gmail": (20 + ago % 5, 3, ago % 7)})
        roll_up(connection)
    return cast


def test_a_report_s_lines_bars_and_labels_agree_about_each_day(page: Page, live_server: LiveServer, cast: Cast) -> None:
    for days in WINDOWS:
        _, token = sharing.make(cast.acme, f"{days} days", None, days, None)
        window = Window.of(days)
        axis = Points(window.first, window.last, timedelta(days=1), {})
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{live_server.url}/r/{token}/")
            agree(page.evaluate(PAPER), axis, "%-d %b")


def test_a_client_s_figures_agree_about_each_day(page: Page, live_server: LiveServer, cast: Cast) -> None:
    for days in WINDOWS:
        axis = points({}, Window.of(days))
        written = "%-d %b" if axis.first.year == axis.last.year else "%-d %b %Y"
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            open_as(page, live_server, cast.ann, f"/clients/acme/?window={days}")
            for chart in ("trend", "vendors"):
                drawn(page, chart)
                found = page.locator(f"[data-chart={chart}]").evaluate(FIGURE)
                agree(found, axis, written)
                assert max(bottom for *_, bottom in found["labels"]) <= found["bottom"], "no label is cut off"


def agree(found: dict[str, Any], axis: Points, written: str) -> None:
    """Each day stands in the middle of its own place, whatever draws it, and labels beside each other."""
    count = (axis.last - axis.first) // axis.step + 1
    left, right = found["ends"]
    places = [left + (right - left) * (at + 0.5) / count for at in range(count)]
    assert found["points"] == pytest.approx(places, abs=1)
    if found["bars"]:
        assert found["bars"] == pytest.approx(places, abs=1)
    named = {(axis.first + at * axis.step).strftime(written): place for at, place in enumerate(places)}
    labels = found["labels"]
    for text, start, end, _ in labels:
        assert (start + end) / 2 == pytest.approx(named[text], abs=1), text
    assert labels[-1][0] == list(named)[-1], "the newest day is named"
    assert all(before[2] + 2 < after[1] for before, after in pairwise(labels)), labels
    assert 2 <= len(labels) <= 8
