"""Faults in what an answer says and in how pages follow one another."""

from __future__ import annotations

import math
from typing import Any

import httpx
import pytest

from tests.sandbox.asking import Asking
from tests.sandbox.test_faults import strike


def rows(response: httpx.Response) -> list[dict[str, Any]]:
    (found,) = (value for value in response.json().values() if isinstance(value, list))
    return list(found)


def test_a_field_of_another_type(ask: Asking) -> None:
    struck = rows(strike(ask, "wrong_type", field="spam", value={"n": 1}, row=2))
    assert [row["spam"] == {"n": 1} for row in struck[:4]] == [False, False, True, False]
    assert strike(ask, "wrong_type", where="envelope", field="broadcasts", value="none").json()["broadcasts"] == "none"


def test_a_missing_key(ask: Asking) -> None:
    struck = rows(strike(ask, "missing_key", field="date", row=None))
    assert all("date" not in row for row in struck)
    assert set(strike(ask, "missing_key", "/senders", where="envelope", field="senders").json()) <= {"next_page_token"}


def test_an_id_that_is_null(ask: Asking) -> None:
    assert [row["id"] is None for row in rows(strike(ask, "null_id"))[:2]] == [True, False]
    assert rows(strike(ask, "null_id", "/seeds"))[0]["email"] is None


def test_a_number_beyond_any_float(ask: Asking) -> None:
    response = strike(ask, "huge_number")
    assert b'"total_emails": 1e400' in response.content
    assert math.isinf(rows(response)[0]["total_emails"])


def test_escapes_that_are_no_text(ask: Asking) -> None:
    response = strike(ask, "lone_surrogate")
    assert b'\\ud83d"' in response.content
    with pytest.raises(UnicodeEncodeError):
        rows(response)[0]["subject"].encode()
    response = strike(ask, "nul")
    assert b"\\u0000" in response.content
    assert "\x00" in rows(response)[0]["subject"]


def test_a_subject_of_five_megabytes(ask: Asking) -> None:
    assert len(rows(strike(ask, "huge_subject"))[0]["subject"]) == 5_000_000


def test_fields_nobody_knows(ask: Asking) -> None:
    sound = ask.get("/broadcasts").json()
    struck = strike(ask, "extra_fields").json()
    assert set(struck) - set(sound) == {"request_cost"}
    for row, known in zip(struck["broadcasts"], sound["broadcasts"], strict=True):
        assert set(row) - set(known) == {"ia_score", "flags", "owner"}
        assert {name: row[name] for name in known} == known


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/seeds", {"email", "provider", "status"}),
        ("/senders", {"id", "name", "email", "domain", "status", "tags", "engagement_rules"}),
        ("/broadcasts", {"id", "subject", "from_email", "date", "total_emails", "primary_inbox", "promotions", "spam"}),
    ],
)
def test_optional_fields_that_are_missing(ask: Asking, path: str, left: set[str]) -> None:
    assert all(set(row) == left for row in rows(strike(ask, "missing_optional", path)))


def test_a_mailbox_provider_nobody_knows(ask: Asking) -> None:
    assert [row["provider"] for row in rows(strike(ask, "unknown_provider", "/seeds"))[:2]] == ["icloud", "gmail"]
    path = f"/broadcasts/{ask.every('/broadcasts')[9]['id']}"
    assert strike(ask, "unknown_provider", path, name="mail.ru").json()["providers"][0]["provider"] == "mail.ru"


def test_a_page_that_comes_twice(ask: Asking) -> None:
    sound = ask.pages("/seeds", limit=100)
    ask.box.faults.add("repeat_page")
    assert ask.pages("/seeds", limit=100) == [sound[0], *sound]


def test_a_page_that_comes_twice_with_the_same_cursor(ask: Asking) -> None:
    first = ask.get("/seeds", limit=100)
    token = first.json()["next_page_token"]
    ask.box.faults.add("repeat_page", fresh=False)
    assert ask.get("/seeds", limit=100, page_token=token).content == first.content


def follow(ask: Asking, pages: int) -> list[tuple[str, int]]:
    """(cursor, rows) of so many pages."""
    found, token = [], None
    for _ in range(pages):
        value = ask.get("/seeds", limit=10, **({"page_token": token} if token else {})).json()
        token = value["next_page_token"]
        found.append((token, len(value["seeds"])))
    return found


def test_the_same_cursor_for_ever(ask: Asking) -> None:
    ask.box.faults.add("same_cursor", times=None)
    assert len(set(follow(ask, 20))) == 1


def test_a_cycle_of_seven_cursors(ask: Asking) -> None:
    ask.box.faults.add("cursor_cycle", times=None)
    pages = follow(ask, 21)
    assert len(set(pages)) == len(set(pages[:7])) == 7
    assert pages[:7] == pages[7:14] == pages[14:]


def test_empty_pages_for_ever(ask: Asking) -> None:
    ask.box.faults.add("empty_for_ever", times=None)
    pages = follow(ask, 20)
    assert len(set(pages)) == 20
    assert {number for _, number in pages} == {0}


def test_a_promised_page_that_comes_empty_ends_the_list(ask: Asking) -> None:
    ask.box.faults.add("empty_end")
    ((token, rows),) = follow(ask, 1)
    assert rows == 10
    assert ask.get("/seeds", limit=10, page_token=token).json() == {"seeds": []}
    assert ask.get("/seeds", limit=10, page_token=token).json()["seeds"]


@pytest.mark.parametrize("loop", ["same_cursor", "cursor_cycle", "empty_for_ever"])
def test_one_thing_alone_goes_in_no_circles(ask: Asking, loop: str) -> None:
    one = ask.get("/broadcasts", limit=1).json()["broadcasts"][0]
    whole = ask.get(f"/broadcasts/{one['id']}").json()
    ask.box.faults.add(loop, times=None)
    assert ask.get(f"/broadcasts/{one['id']}").json() == whole


def test_a_loop_can_begin_on_a_later_page(ask: Asking) -> None:
    ask.box.faults.add("same_cursor", after=2, times=None)
    pages = follow(ask, 6)
    assert len({cursor for cursor, _ in pages}) == 3


def test_a_stored_cursor_that_has_gone_stale(ask: Asking) -> None:
    token = ask.get("/seeds", limit=10).json()["next_page_token"]
    ask.box.faults.add("stale_cursor")
    assert ask.get("/seeds", limit=10).status_code == 200
    assert ask.get("/seeds", limit=10, page_token=token).status_code == 400
    assert ask.get("/seeds", limit=10, page_token=token).status_code == 200
