"""What our pages do so that plotly works under the strict policy, checked against the plotly that is installed."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from agency.assets import location

PAGES = Path(settings.BASE_DIR) / "templates"
HEAD = (PAGES / "reports/parts/charts_head.html").read_text()


def plotly() -> str:
    found = location("plotly/plotly.min.js")
    assert found is not None
    return found.read_text(encoding="utf-8")


def test_the_style_that_plotly_looks_for_has_still_this_id() -> None:
    source = plotly()
    assert '"plotly.js-style-"+' in source
    assert re.search(r'\w+\("global",', source)
    assert '<style id="plotly.js-style-global" nonce="{{ csp_nonce }}">' in HEAD


def test_each_style_that_plotly_adds_by_itself_finds_its_place_taken() -> None:
    """esbuild names an injected stylesheet by the hash of its content: a new plotly may come with another."""
    wanted = set(re.findall(r'document\.getElementById\("([0-9a-f]{64})"\)', plotly()))
    offered = set(re.findall(r'<meta id="([0-9a-f]{64})">', HEAD))
    assert wanted
    assert wanted == offered


def test_plotly_comes_after_its_style_and_nothing_waits_for_it() -> None:
    style, script, ours = HEAD.index("<style"), HEAD.index("plotly.min.js"), HEAD.index("charts.js")
    assert style < script < ours
    assert re.search(r"plotly\.min\.js[^>]* async>", HEAD)
    assert re.search(r"charts\.js[^>]* defer>", HEAD)


def test_only_pages_with_a_chart_load_plotly() -> None:
    pages = {path.name: path.read_text() for path in PAGES.rglob("*.html")}
    loading = {name for name, html in pages.items() if "charts_head.html" in html or "plotly" in html}
    drawn = {name for name, html in pages.items() if "data-chart=" in html}
    asked = {name: f'{{% include "reports/parts/{name}"' for name in drawn}
    drawing = {page for name in drawn for page in [one for one in pages if one != name and asked[name] in pages[one]] or [name]}
    assert loading - {"charts_head.html"} == drawing


def test_every_colour_of_a_figure_is_a_variable_of_the_stylesheet() -> None:
    tokens = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    named = set()
    for path in (Path(settings.BASE_DIR) / "reports").rglob("*.py"):
        named |= set(re.findall(r'colour\("([a-z-]+)"', path.read_text()))
    assert {"inbox", "volume", "hairline"} <= named
    assert not [name for name in named if f"--{name}:" not in tokens]
