"""What Superset is asked instead of each page, and whether its answer is the page's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from math import isclose
from typing import Any

INBOXING = {
    "expressionType": "SQL",
    "sqlExpression": '1.0 * SUM("primary" + promotions) / SUM(received)',
    "label": "inboxing",
    "hasCustomLabel": True,
}


def questions(dataset: int, shown: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Page → the body of its request, which is not answered from a cache. `shown`: see contenders/shown.py."""
    # As its charts of the worst of many do; every client's rows, or a column for each mailbox provider, take it longer.
    worst = {"series_columns": ["client_id"], "series_limit": shown["clients"], "series_limit_metric": INBOXING}
    of_agency = _query("client_id", ("agency_id", shown["agency"]), shown["windows"]["Overview"], order_desc=False, **worst)
    of_client = _query("day", ("client_id", shown["client"]), shown["windows"]["Placement tab"])
    return {"Overview": _body(dataset, of_agency), "Placement tab": _body(dataset, of_client)}


def _query(column: str, of: tuple[str, int], window: Iterable[str], **more: Any) -> dict[str, Any]:
    """Inboxing by that column and by mailbox provider, where the column named in `of` has its value."""
    first, last = map(date.fromisoformat, window)
    days = {"col": "day", "op": "TEMPORAL_RANGE", "val": f"{first} : {last + timedelta(days=1)}"}
    filters = [{"col": of[0], "op": "==", "val": of[1]}, days]
    return {"columns": [column, "mailbox_provider"], "metrics": [INBOXING], "filters": filters, "row_limit": 50_000, **more}


def _body(dataset: int, query: Mapping[str, Any]) -> dict[str, Any]:
    source = {"id": dataset, "type": "table"}
    return {"datasource": source, "force": True, "result_format": "json", "result_type": "full", "queries": [query]}


def check(rows: Iterable[Mapping[str, Any]], cells: Mapping[str, Mapping[str, float]], page: str) -> None:
    """That it tells something, and of each client or day that it tells every cell of ours and no other."""
    told: dict[str, dict[str, float]] = {}
    for row in rows:
        told.setdefault(_name(row), {})[row["mailbox_provider"]] = row["inboxing"]
    assert told, f"{page}: Superset tells nothing"
    for name, its in told.items():
        ours = cells[name]
        same = its.keys() == ours.keys() and all(isclose(its[provider], ours[provider]) for provider in ours)
        assert same, f"{page}: of {name} Superset tells {its}, our page {ours}"


def _name(row: Mapping[str, Any]) -> str:
    return str(row["client_id"]) if "client_id" in row else str(datetime.fromtimestamp(row["day"] / 1000, UTC).date())
