"""Limits, cursors of each list, and the ways in which a list ends."""

from __future__ import annotations

import pytest

from tests.sandbox.instantly.asking import Asking, refusal

LISTS = ("inbox-placement-tests", "accounts", "campaigns", "custom-tags", "custom-tag-mappings")


def test_ten_rows_unless_asked_otherwise(ask: Asking) -> None:
    assert len(ask.get("inbox-placement-tests").json()["items"]) == 10
    assert len(ask.get("inbox-placement-tests", limit=3).json()["items"]) == 3


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_of_any_size_bring_each_row_once(ask: Asking, path: str, limit: int) -> None:
    whole = ask.get(path, limit=100).json()["items"]
    assert len(whole) > 1
    pages = ask.pages(path, limit=limit)
    assert [row for page in pages for row in page] == whole
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("inbox-placement-tests", lambda row: row["id"]),
        ("campaigns", lambda row: row["id"]),
        ("custom-tags", lambda row: row["id"]),
        ("custom-tag-mappings", lambda row: row["timestamp_created"]),
        ("accounts", lambda row: f"{row['timestamp_created']}&{row['email']}"),
    ],
)
def test_each_list_has_its_form_of_cursor(ask: Asking, path: str, form: object) -> None:
    page = ask.get(path, limit=1).json()
    assert page["next_starting_after"] == form(page["items"][0])


def test_mailboxes_go_on_after_a_time_alone(ask: Asking) -> None:
    first, second = ask.every("accounts")[:2]
    page = ask.get("accounts", limit=1, starting_after=first["timestamp_created"]).json()
    assert page["items"] == [second]


@pytest.mark.parametrize("path", LISTS)
def test_the_four_ends_of_a_list(ask: Asking, path: str) -> None:
    whole = ask.every(path)
    for last, told in (("absent", None), ("empty", ""), ("null", None)):
        ask.switch(last_cursor=last)
        page = ask.get(path, limit=100).json()
        assert page.get("next_starting_after") == told
        assert ("next_starting_after" in page) == (last != "absent")
        assert page["items"] == whole
    ask.switch(last_cursor="carries")
    pages = ask.pages(path, limit=100)
    assert pages == [whole, []]


@pytest.mark.parametrize("path", LISTS)
def test_a_limit_above_the_most(ask: Asking, path: str) -> None:
    assert ask.get(path, limit=101).json() == {"items": []}
    ask.switch(over_limit="400")
    assert refusal(ask.get(path, limit=101)) == (400, "Bad Request", "querystring/limit must be <= 100")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", ""])
def test_limits_that_are_none(ask: Asking, limit: str) -> None:
    assert refusal(ask.get("accounts", limit=limit))[0] == 400


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_never_was_one(ask: Asking, path: str) -> None:
    assert refusal(ask.get(path, starting_after="yesterday"))[0] == 400


def test_short_pages(ask: Asking) -> None:
    whole = ask.every("accounts")
    ask.switch(short_pages=2)
    assert [len(page) for page in ask.pages("accounts", limit=100)] == [2, 2, 2, 2]
    assert ask.every("accounts") == whole


def test_nulls_extra_keys_and_unknown_codes(ask: Asking) -> None:
    row = ask.get("accounts", limit=1).json()["items"][0]
    assert None not in row.values()
    ask.switch(explicit_nulls=True, extra_keys=True, unknown_codes=True)
    rows = ask.get("accounts").json()["items"]
    assert "signature" in rows[0]
    assert rows[0]["signature"] is None
    assert "region_hint" in rows[0]
    assert 99 in {one["provider_code"] for one in rows}
