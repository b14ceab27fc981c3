"""Workspaces of any size, and answers that are the same every time."""

from __future__ import annotations

import tracemalloc
from datetime import date

import httpx

from sandbox.server import Sandbox
from tests.sandbox.instantly.asking import Asking


def test_a_hundred_thousand_mailboxes_are_paged_from_anywhere(ask: Asking) -> None:
    made = ask.control("POST", "accounts", json={"name": "wide", "mailboxes": 100_000, "tests": 0})
    assert made.status_code == 201
    wide = ask.by("wide")
    assert wide.headers["Authorization"] == f"Bearer {made.json()['key']}"
    first = wide.get("accounts", limit=100).json()
    assert first["items"][0]["email"] == "box099999@brand49.example"
    middle = wide.get("accounts/box050000%40brand00.example").json()
    cursor = f"{middle['timestamp_created']}&{middle['email']}"
    page = wide.get("accounts", limit=100, starting_after=cursor).json()["items"]
    assert [row["email"] for row in page[:2]] == ["box049999@brand49.example", "box049998@brand48.example"]
    last = wide.get("accounts/box000002%40brand02.example").json()
    assert wide.get("accounts/box000002%40brand03.example").status_code == 404
    tail = wide.get("accounts", limit=100, starting_after=f"{last['timestamp_created']}&{last['email']}").json()
    assert [row["email"][:9] for row in tail["items"]] == ["box000001", "box000000"]
    assert "next_starting_after" not in tail
    mapping = wide.get("custom-tag-mappings", limit=1, starting_after=middle["timestamp_created"]).json()["items"]
    assert mapping[0]["resource_id"] == "box049999@brand49.example"


def test_two_hundred_thousand_rows_take_no_memory(ask: Asking) -> None:
    ask.control("POST", "accounts", json={"name": "deep", "mailboxes": 100, "tests": 26, "senders": 100})
    deep = ask.by("deep")
    tests = deep.every("inbox-placement-tests")
    assert len(tests) == 26
    whole = ask.control("GET", "truth", account="deep").json()["total"]
    assert 195_000 < whole["seeds"] + whole["received"] < 210_000
    tracemalloc.start()
    try:
        rows = deep.rows(tests[0])
        number, ids = len(rows), len({row["id"] for row in rows})
        del rows
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == ids > 7500
    assert held < 2_000_000


def test_the_same_day_and_seed_tell_the_same_and_others_others() -> None:
    def told(seed: int) -> bytes:
        with Sandbox(seed, date(2026, 11, 20)) as box, httpx.Client(base_url=box.url, trust_env=False) as client:
            ask = Asking(box, client)
            test = ask.tests()["Northwind weekly"]
            path = f"/api/v2/inbox-placement-analytics?limit=100&test_id={test['id']}"
            return client.get(path, headers=ask.headers).content

    assert told(7) == told(7)
    assert told(7) != told(8)


def test_what_lasts_has_the_same_ids_tomorrow() -> None:
    def told(today: date) -> tuple[list[list[str]], set[str]]:
        with Sandbox(7, today) as box, httpx.Client(base_url=box.url, trust_env=False) as client:
            ask = Asking(box, client)
            members = [row["sub_workspace_id"] for row in ask.of(None).every("workspace-group-members")]
            lists = [[row["id"] for row in ask.every(path)] for path in ("campaigns", "custom-tags", "custom-tag-mappings")]
            tests = {row["id"] for row in ask.every("inbox-placement-tests") if row["name"] != "Northwind today"}
            return [members, *lists, [row["timestamp_created"] for row in ask.every("accounts")]], tests

    lasting, tests = told(date(2026, 11, 20))
    tomorrow, then = told(date(2026, 11, 21))
    assert lasting == tomorrow
    assert tests == then


def test_many_clients_at_once_get_whole_answers(ask: Asking) -> None:
    from concurrent.futures import ThreadPoolExecutor

    test = ask.tests()["Northwind weekly"]["id"]
    expected = ask.get("inbox-placement-analytics", test_id=test, limit=100).content

    def read(_: int) -> bool:
        return ask.get("inbox-placement-analytics", test_id=test, limit=100).content == expected

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(read, range(64)))
