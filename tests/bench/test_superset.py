"""What the bench asks of its peer for pages, and what it says where there is none. Nothing here needs a Superset."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench import pages, superset_installed
from bench.contenders.shown import CLIENT, shown
from bench.figures import Report
from bench.places import POSTGRESQL, SQLITE
from bench.superset_asked import charts, check
from tests.cast import Cast
from tests.factories import ClientFactory, days_ago, roll_up
from tests.reports.board import account, landed

SHOWN: dict[str, Any] = {
    "agency": 7,
    "client": 31,
    "clients": 50,
    "windows": {
        page: {"now": [first, "2026-11-22"], "before": ["2026-09-24", "2026-10-23"], "trend": ["2026-10-26", "2026-11-22"]}
        for page, first in (("Overview", "2026-11-16"), ("Placement tab", "2026-10-24"))
    },
}
CELLS = {"2026-11-21": {"gmail": 0.9, "all": 0.8}, "2026-11-22": {"gmail": 0.5}}


def row(day: int, provider: str, inboxing: float) -> dict[str, Any]:
    return {"day": datetime(2026, 11, day, tzinfo=UTC).timestamp() * 1000, "mailbox_provider": provider, "inboxing": inboxing}


ALIKE = [row(21, "gmail", 0.9), row(21, "all", 0.8), row(22, "gmail", 0.5)]


DATASETS = {"clients_clientday": 3, "clients_placementday": 4}


def test_superset_is_asked_a_query_for_each_chart_of_a_page_and_not_from_its_cache() -> None:
    asked = charts(DATASETS, SHOWN)
    assert asked.keys() == pages.PROMISED.keys()
    assert all(body["force"] and len(body["queries"]) == 1 for bodies in asked.values() for body in bodies)
    whose = {page: {str(body["queries"][0]["filters"][0]) for body in bodies} for page, bodies in asked.items()}
    assert whose == {
        "Overview": {"{'col': 'agency_id', 'op': '==', 'val': 7}"},
        "Placement tab": {"{'col': 'client_id', 'op': '==', 'val': 31}"},
    }


def test_only_the_domains_are_read_from_the_table_that_has_them() -> None:
    asked = charts(DATASETS, SHOWN)
    tables = [(body["datasource"]["id"], body["queries"][0]["columns"]) for bodies in asked.values() for body in bodies]
    assert [columns for dataset, columns in tables if dataset == 4] == [["domain"]]


def test_supersets_windows_hold_the_pages_last_day() -> None:
    overview = charts(DATASETS, SHOWN)["Overview"][0]["queries"][0]
    assert overview["filters"][1]["val"] == "2026-11-16 : 2026-11-23"  # its ends are not included


def test_an_answer_like_the_pages_is_taken() -> None:
    check(ALIKE, CELLS, "Placement tab")


def test_what_the_pages_show_is_told_by_client_and_by_day(cast: Cast) -> None:
    client = ClientFactory(agency=cast.north, slug=CLIENT)
    connection = account(cast, client)
    landed(connection, client, 1, 90, 10)
    landed(connection, client, 2, 30, 70, "outlook")
    landed(connection, client, 8, 10, 90)
    roll_up(connection)
    told = shown("north")
    assert told["cells"]["Overview"][client.pk] == {"gmail": 0.9, "outlook": 0.3, "all": 0.6}
    assert told["cells"]["Placement tab"][str(days_ago(8))] == {"gmail": 0.1, "all": 0.1}
    assert told["windows"]["Overview"] == {
        "now": [str(days_ago(6)), str(days_ago(0))],
        "before": [str(days_ago(13)), str(days_ago(7))],
        "trend": [str(days_ago(27)), str(days_ago(0))],
    }


@pytest.mark.parametrize(
    "rows",
    [[], ALIKE[1:], [*ALIKE, row(22, "yahoo", 0.5)], [row(21, "gmail", 0.91), *ALIKE[1:]]],
    ids=["nothing", "a cell is missing", "a cell too many", "another figure"],
)
def test_an_answer_unlike_the_pages_ends_the_bench(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(AssertionError, match="Placement tab"):
        check(rows, CELLS, "Placement tab")


def runs(**rates: list[float]) -> dict[str, list[dict[str, Any]]]:
    return {name: [{"seconds": 1.0, "rate": rate, "slow": 0.1} for rate in told] for name, told in rates.items()}


def test_pages_are_held_against_superset_round_by_round() -> None:
    report = Report("Pages")
    peers = {"Superset, Overview": [2, 8, 3], "Superset, Placement tab": [5, 5, 5], "Superset, Overview, cached": [9, 9, 9]}
    pages._compare(
        report, runs(**{"Overview": [20, 24, 60], "Placement tab": [10, 20, 30], "Bare view": [100, 100, 100], **peers}), ""
    )
    assert [figure.value for figure in report.figures] == [10, 4]
    assert "Superset, Overview, cached, 8 connections" in report.markdown()
    assert not report.left_out


def test_without_superset_no_figure_is_held_against_another_machines() -> None:
    report = Report("Pages")
    pages._compare(report, runs(**{"Overview": [20], "Placement tab": [10], "Bare view": [100]}), "not installed")
    assert not report.figures
    assert "Superset (not installed): requests/s are not measured against a peer." in report.markdown()


def test_superset_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superset_installed, "PEER", Path("not-installed"))
    monkeypatch.setattr(superset_installed, "found", lambda: "/usr/bin/python3.11")
    assert superset_installed.missing(SQLITE) == "its bench reads PostgreSQL"
    assert superset_installed.missing(POSTGRESQL) == "not installed: make bench PEERS=1"
    monkeypatch.setattr(superset_installed, "found", lambda: "")
    assert superset_installed.missing(POSTGRESQL) == "it needs a Python 3.10 to 3.12, and none was found"


def test_without_a_python_for_superset_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(superset_installed, "found", lambda: "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was run"))
    superset_installed.install()
    assert "none was found" in capsys.readouterr().err
