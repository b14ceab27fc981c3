"""The faults of every vendor, struck on Instantly's routes, and the control door."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.faults import KINDS
from tests.sandbox.instantly.asking import Asking, refusal

TESTS = "/api/v2/inbox-placement-tests"


def fault(ask: Asking, kind: str, **more: Any) -> None:
    assert ask.control("POST", "faults", json={"kind": kind, **more}).status_code == 201


def test_too_many_requests_with_and_without_a_wait(ask: Asking) -> None:
    fault(ask, "busy", route=TESTS, retry_after=7)
    response = ask.get("inbox-placement-tests")
    assert refusal(response) == (429, "Too Many Requests", "Rate limit exceeded")
    assert response.headers["Retry-After"] == "7"
    fault(ask, "busy", retry_after=None)
    assert "Retry-After" not in ask.get("accounts").headers
    assert ask.get("accounts").status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503])
def test_errors_are_worded_as_the_vendor_words_them(ask: Asking, status: int) -> None:
    fault(ask, "error", status=status)
    assert refusal(ask.get("accounts"))[0] == status


def test_a_fault_strikes_by_key_and_by_workspace(ask: Asking) -> None:
    fault(ask, "revoked", account="agency/northwind", times=None)
    assert refusal(ask.get("accounts"))[0] == 401
    assert ask.of("atelier").get("accounts").status_code == 200
    assert ask.of(None).get("accounts").status_code == 200
    fault(ask, "error", account="agency", times=None)
    assert [ask.of(one).get("accounts").status_code for one in ("atelier", None)] == [500, 500]
    assert ask.by("tidal").get("accounts").status_code == 200
    assert ask.client.get("/v3/seeds", headers={"X-API-KEY": ask.box.key("northwind")}).status_code == 200


def test_pages_instead_of_json(ask: Asking) -> None:
    fault(ask, "html", status=403)
    response = ask.get("accounts")
    assert (response.status_code, response.text[:15]) == (403, "<!doctype html>")
    fault(ask, "empty")
    assert ask.get("accounts").content == b""


def test_connections_end(ask: Asking) -> None:
    for kind in ("close", "reset", "lost"):
        fault(ask, kind)
        with pytest.raises(httpx.TransportError):
            ask.get("accounts")
    fault(ask, "cut", honest=False)
    with pytest.raises(httpx.RemoteProtocolError):
        ask.get("accounts")


def test_a_lost_answer_was_carried_out(ask: Asking) -> None:
    fault(ask, "lost", method="POST")
    with pytest.raises(httpx.TransportError):
        ask.post("accounts/news%40northwind.example/pause")
    assert ask.get("accounts/news%40northwind.example").json()["status"] == 2


@pytest.mark.parametrize(
    ("kind", "args", "spoilt"),
    [
        ("wrong_type", {"field": "status", "value": "on"}, lambda row: row["status"] == "on"),
        ("missing_key", {"field": "email"}, lambda row: "email" not in row),
        ("null_id", {}, lambda row: row["email"] is None),
        ("nul", {"field": "first_name"}, lambda row: "\x00" in row["first_name"]),
        ("huge_number", {"field": "daily_limit"}, lambda row: row["daily_limit"] == float("inf")),
        ("extra_fields", {}, lambda row: "flags" in row),
        ("missing_optional", {}, lambda row: "warmup" not in row),
    ],
)
def test_rows_out_of_shape(ask: Asking, kind: str, args: dict[str, Any], spoilt: Any) -> None:
    fault(ask, kind, route="/api/v2/accounts", **args)
    assert spoilt(ask.get("accounts").json()["items"][0])
    assert not spoilt(ask.get("accounts").json()["items"][0])


def test_an_unknown_provider_in_a_row(ask: Asking) -> None:
    test = ask.tests()["Northwind weekly"]
    fault(ask, "unknown_provider", name=55)
    assert ask.get("inbox-placement-analytics", test_id=test["id"]).json()["items"][0]["recipient_esp"] == 55


@pytest.mark.parametrize("path", ["accounts", "inbox-placement-tests", "custom-tag-mappings"])
def test_a_page_comes_twice(ask: Asking, path: str) -> None:
    first = ask.get(path, limit=3).json()
    fault(ask, "repeat_page", route=f"/api/v2/{path}")
    cursor = first["next_starting_after"]
    again = ask.get(path, limit=3, starting_after=cursor).json()
    assert again["items"] == first["items"]
    assert again["next_starting_after"] != cursor
    after = ask.get(path, limit=3, starting_after=again["next_starting_after"]).json()
    assert after == ask.get(path, limit=3, starting_after=cursor).json()
    assert after["items"] != first["items"]


def test_pages_that_never_end(ask: Asking) -> None:
    def cursors(kind: str, number: int = 10) -> tuple[list[str], int]:
        ask.box.faults.clear()
        fault(ask, kind, route="/api/v2/accounts", times=None)
        found, rows, cursor = [], 0, None
        for _ in range(number):
            page = ask.get("accounts", **({"starting_after": cursor} if cursor else {})).json()
            cursor = page["next_starting_after"]
            found.append(cursor)
            rows += len(page["items"])
        return found, rows

    assert len(set(cursors("same_cursor")[0])) == 1
    assert len(set(cursors("cursor_cycle")[0])) == 7
    empty, rows = cursors("empty_for_ever")
    assert (len(set(empty)), rows) == (10, 0)


def test_a_stale_cursor(ask: Asking) -> None:
    fault(ask, "stale_cursor")
    cursor = ask.get("accounts", limit=3).json()["next_starting_after"]
    assert refusal(ask.get("accounts", starting_after=cursor)) == (400, "Bad Request", "Invalid starting_after")
    assert ask.get("accounts", starting_after=cursor).status_code == 200


def test_a_fault_on_a_bare_list_spoils_its_rows(ask: Asking) -> None:
    fault(ask, "same_cursor")
    assert isinstance(ask.get("campaigns/analytics").json(), list)
    fault(ask, "missing_key", field="campaign_id", row=None)
    assert not any("campaign_id" in row for row in ask.get("campaigns/analytics").json())


def test_somebody_else_changes_data_between_pages(ask: Asking) -> None:
    fault(ask, "change", route="/api/v2/accounts", after=1, what={"remove_accounts": ["news@northwind.example"]})
    assert len(ask.every("accounts", limit=3)) == 7


def test_every_kind_of_fault_is_answered_somehow(ask: Asking) -> None:
    for kind in KINDS:
        ask.box.faults.clear()
        args: dict[str, Any] = {"what": {"remove_tests": []}} if kind == "change" else {}
        args |= {"seconds": 0} if "seconds" in KINDS[kind] else {}
        fault(ask, kind, route="/api/v2/inbox-placement-tests", **args)
        try:
            ask.get("inbox-placement-tests", limit=2)
        except httpx.TransportError:
            assert kind in ("close", "reset", "lost")


@pytest.mark.parametrize(
    ("method", "name", "body"),
    [
        ("POST", "switches", {"colour": 1}),
        ("POST", "switches", {"last_cursor": "never"}),
        ("POST", "switches", {"job_seconds": "60"}),
        ("POST", "change", {"account": "nobody"}),
        ("POST", "change", {"account": "northwind", "explode": 1}),
        ("POST", "change", {"account": "northwind", "placement_plan": "gold"}),
        ("POST", "change", {"account": "northwind", "members": {"petit": "maybe"}}),
        ("POST", "change", {"account": "northwind", "accounts": {"x@a.example": {"status": 1}}}),
        ("POST", "change", {"account": "northwind", "accounts": {"news@northwind.example": {"status": 7}}}),
        ("POST", "accounts", {"name": "northwind"}),
        ("POST", "accounts", {"name": "tidal"}),
    ],
)
def test_control_requests_that_make_no_sense(ask: Asking, method: str, name: str, body: dict[str, Any]) -> None:
    response = ask.control(method, name, json=body)
    assert response.status_code == 422
    assert response.json()["problem"]


def test_an_unknown_vendor_has_no_door(ask: Asking) -> None:
    assert ask.client.get("/_sandbox/switches", params={"vendor": "nobody"}).status_code == 422
    assert "dialect" in ask.client.get("/_sandbox/switches").json()
    assert "last_cursor" in ask.control("GET", "switches").json()


def test_truth_over_http(ask: Asking) -> None:
    assert ask.truth() == ask.box.truth("northwind", "instantly")
    one = ask.truth()["tests"][3]
    assert ask.truth(test=one["test_id"])["tests"] == [one]
    for query in ({"account": "nobody"}, {}, {"account": "northwind", "test": "none"}):
        assert ask.control("GET", "truth", **query).status_code == 422


def test_reset_brings_everything_back(ask: Asking) -> None:
    paths = ("inbox-placement-tests", "accounts", "campaigns", "custom-tag-mappings")
    before = [ask.get(path, limit=100).content for path in paths]
    ask.post("accounts/news%40northwind.example/pause")
    ask.change(remove_tests=[ask.every("inbox-placement-tests")[3]["id"]], revoke=["tidal"], members={"petit": "accepted"})
    ask.switch(last_cursor="carries", explicit_nulls=True)
    ask.control("POST", "accounts", json={"name": "extra"})
    ask.forward(5000)
    ask.control("POST", "reset")
    assert [ask.get(path, limit=100).content for path in paths] == before
    assert ask.by("tidal").get("accounts").status_code == 200
    assert "extra" not in ask.control("GET", "accounts").text
    assert ask.of("petit").get("accounts").status_code == 401
