from __future__ import annotations

import pytest

from sandbox.server import Sandbox
from tests.sandbox.asking import Asking


def test_pages_hold_every_row_once(ask: Asking) -> None:
    pages = ask.pages("/broadcasts", limit=100)
    rows = [row["id"] for page in pages for row in page]
    assert len(pages) > 3
    assert [len(page) for page in pages[:-1]] == [100] * (len(pages) - 1)
    assert len(rows) == len(set(rows)) == ask.box.truth("northwind")["broadcasts"]


def test_a_list_that_fits_exactly_names_no_next_page(ask: Asking) -> None:
    petit = ask.of("petit")
    assert len(petit.every("/seeds")) == 60
    assert "next_page_token" not in petit.get("/seeds", limit=60).json()
    assert "next_page_token" in petit.get("/seeds", limit=59).json()


@pytest.mark.parametrize(("limit", "served"), [(None, 50), ("1", 1), ("100", 100), ("101", 100), ("99999999999", 100)])
def test_limit_is_clamped(ask: Asking, limit: str | None, served: int) -> None:
    params = {} if limit is None else {"limit": limit}
    assert len(ask.get("/seeds", **params).json()["seeds"]) == served


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5", "", "²"])
def test_a_limit_that_is_no_number_is_refused(ask: Asking, limit: str) -> None:
    assert ask.get("/seeds", limit=limit).status_code == 422


def test_a_bench_may_ask_for_larger_pages() -> None:
    from datetime import date

    import httpx

    with Sandbox(today=date(2026, 11, 20), max_limit=1000) as box, httpx.Client(base_url=box.url, trust_env=False) as client:
        assert len(Asking(box, client).get("/broadcasts", limit=500).json()["broadcasts"]) == 500


@pytest.mark.parametrize(
    ("path", "first", "then"),
    [
        ("/broadcasts", {"provider": "gmail"}, {"provider": "yahoo"}),
        ("/broadcasts", {}, {"provider": "gmail"}),
        ("/broadcasts", {"from_email": "club@northwind.example"}, {}),
        ("/seeds", {"status": "all"}, {"status": "active"}),
        ("/senders", {"tag": "retail"}, {}),
    ],
)
def test_a_cursor_is_good_for_its_own_query_only(ask: Asking, path: str, first: dict[str, str], then: dict[str, str]) -> None:
    token = ask.get(path, limit=1, **first).json()["next_page_token"]
    assert ask.get(path, limit=2, page_token=token, **first).status_code == 200
    assert ask.get(path, limit=1, page_token=token, **then).status_code == 400


def test_a_cursor_is_good_for_its_own_account_and_list_only(ask: Asking) -> None:
    token = ask.get("/seeds", limit=1).json()["next_page_token"]
    assert ask.of("halden").get("/seeds", limit=1, page_token=token).status_code == 400
    assert ask.get("/senders", limit=1, page_token=token).status_code == 400


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "é", "WzEsMCwwXQ", "x" * 5000])
def test_made_up_cursors_are_refused(ask: Asking, token: str) -> None:
    assert ask.get("/seeds", page_token=token).status_code == 400


def test_rows_that_arrive_between_pages_shift_nothing(ask: Asking) -> None:
    before = [row["id"] for row in ask.every("/broadcasts")]
    first = ask.get("/broadcasts", limit=100).json()
    new = {"subject": "New", "from_email": "club@northwind.example", "providers": {"gmail": [3, 0, 0]}}
    ask.box.change("northwind", add_broadcasts=[new])
    second = ask.get("/broadcasts", limit=100, page_token=first["next_page_token"]).json()
    assert [row["id"] for row in second["broadcasts"]] == before[100:200]
    assert ask.get("/broadcasts", limit=1).json()["broadcasts"][0]["subject"] == "New"


def test_short_pages_lose_nothing(ask: Asking) -> None:
    whole = ask.every("/broadcasts", provider="ms365")
    ask.box.switches.short_pages = 37
    pages = ask.pages("/broadcasts", provider="ms365", limit=100)
    assert {len(page) for page in pages[:-1]} == {37}
    assert [row for page in pages for row in page] == whole


def test_empty_pages_stand_between_full_ones(ask: Asking) -> None:
    whole = ask.every("/seeds")
    ask.box.switches.empty_pages = 2
    pages = ask.pages("/seeds", limit=100)
    assert [len(page) for page in pages] == [100, 0, 0, 100, 0, 0, 40]
    assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize("key", ["data", "items", "results"])
def test_the_envelope_key_can_be_another(ask: Asking, key: str) -> None:
    ask.box.switches.items_key = key
    assert len(ask.get("/senders").json()[key]) == 8


def test_the_envelope_can_be_left_out(ask: Asking) -> None:
    ask.box.switches.items_key = ""
    assert len(ask.get("/senders").json()) == 8
