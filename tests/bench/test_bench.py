"""That the bench runs and tells figures; how good they are is not for a test to say."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bench import tests as placement_tests
from bench.figures import Report
from bench.filled import filled
from bench.options import Options, read
from bench.places import POSTGRESQL, SQLITE, scratch
from bench.processes import vendors

#: A vendor's and a server's own; nothing of the test's database is touched.
LANE = SQLITE if settings.EMBEDDED_DATABASE else POSTGRESQL


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Options:
    for name in ("PRODUCTION", "STATIC_STORAGE", "QUEUE_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    tiny: dict[str, Any] = {"rows": 600, "clients": 3, "broadcasts": 240, "rounds": 1}
    return replace(read(["--quick", "--lane", "sqlite"]), server=os.environ.get("DATABASE_URL", ""), **tiny)


@pytest.mark.slow
def test_the_chapter_on_sync_tells_its_ratios(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = import_module("bench.sync")
    monkeypatch.setattr(sync, "PAGES", (100,))
    report: Report = sync.measure(options, LANE)
    told = {figure.what for figure in report.figures}
    assert {"rows/s ÷ the limit by hand, pages of 100", "peak memory above idle"} <= told
    assert "ours, pages of 100" in report.markdown()


@pytest.mark.slow
def test_the_chapter_on_placement_tests_compares_like_with_like(options: Options) -> None:
    with vendors() as url, scratch(LANE, options.server, INSTANTLY_URL=url, INSTANTLY_RATE="0") as place:
        bench = placement_tests._Bench(place, url)
        workspace = bench.workspace(2_080)
        bench.forget_calls()
        ours = bench.ours(workspace, "tests")
        calls = bench.calls()
        by_hand = bench.by_hand(workspace)
    # Beside the rows ours counts each test, and the report of its one domain.
    assert ours["rows"] - 2 * placement_tests.TESTS == by_hand["rows"] > 0.9 * workspace.rows
    assert calls <= workspace.budget


@pytest.mark.slow
@pytest.mark.once
def test_the_chapters_on_pages_csv_and_wire_share_their_data(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.superset_installed.PEER", Path("not-installed"))
    with filled(options, LANE) as home:
        told = {name: import_module(f"bench.{name}").measure(options, home) for name in ("pages", "exports", "wire")}
    figures = {figure.what: figure for report in told.values() for figure in report.figures}
    for page in ("Overview", "Placement tab"):
        assert figures[f"{page}: … with one client"].met
        assert figures[f"{page}: queries with 3 clients"].met
        assert figures[f"{page}: scripts of plotly"].met
    assert figures["plotly's script: cached for ever by its hash"].met
    assert not any("Superset" in what for what in figures)
    (without,) = told["pages"].left_out
    assert without.startswith("Superset (")
    assert told["exports"].title.startswith("1,080 placements")
