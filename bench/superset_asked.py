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


#: The roll-ups that the charts read.
TABLES = ("clients_clientday", "clients_placementday")
type Question = dict[str, Any]


def charts(datasets: Mapping[str, int], shown: Mapping[str, Any]) -> dict[str, list[Question]]:
    """Page → the bodies of its charts' requests, not answered from a cache. The first of each is of every cell that `check`
    compares. `datasets`: table → id; `shown`: see contenders/shown.py."""
    by_client, by_domain = (datasets[table] for table in TABLES)
    of, windows = ("agency_id", shown["agency"]), shown["windows"]["Overview"]
    # As its charts of the worst of many do; every client's rows, or a column for each mailbox provider, take it longer.
    worst = {"series_columns": ["client_id"], "series_limit": shown["clients"], "series_limit_metric": INBOXING}
    overview = [
        _query(["client_id", "mailbox_provider"], of, windows["now"], order_desc=False, **worst),
        _query(["client_id"], of, windows["before"], whole=True, order_desc=False, **worst),
        _query(["client_id", "day"], of, windows["trend"], whole=True, order_desc=False, **worst),
        _query([], of, windows["now"], whole=True),
    ]
    of, windows = ("client_id", shown["client"]), shown["windows"]["Placement tab"]
    placement = [
        _query(["day", "mailbox_provider"], of, windows["now"]),
        _query(["day"], of, windows["now"], whole=True),
        _query([WEEK, "mailbox_provider"], of, windows["now"]),
    ]
    domains = _query(["domain"], of, windows["now"], whole=True)
    return {
        "Overview": [_body(by_client, query) for query in overview],
        "Placement tab": [*(_body(by_client, query) for query in placement), _body(by_domain, domains)],
    }


WEEK = {"label": "week", "sqlExpression": "day", "expressionType": "SQL", "columnType": "BASE_AXIS", "timeGrain": "P1W"}


def _query(columns: list[Any], of: tuple[str, int], window: Iterable[str], *, whole: bool = False, **more: Any) -> Question:
    """Inboxing by those columns, where the one named in `of` has its value; `whole`: of all mailbox providers together."""
    first, last = map(date.fromisoformat, window)
    days = {"col": "day", "op": "TEMPORAL_RANGE", "val": f"{first} : {last + timedelta(days=1)}"}
    together = [{"col": "mailbox_provider", "op": "==", "val": "all"}] if whole else []
    filters = [{"col": of[0], "op": "==", "val": of[1]}, days, *together]
    return {"columns": columns, "metrics": [INBOXING], "filters": filters, "row_limit": 50_000, **more}


def _body(dataset: int, query: Question) -> Question:
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
