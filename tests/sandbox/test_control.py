from __future__ import annotations

import httpx
import pytest

from tests.sandbox.asking import Asking


def test_the_log_tells_what_was_asked_and_never_the_key(ask: Asking) -> None:
    ask.get("/broadcasts", provider="gmail")
    ask.send("POST", "/seeds/shuffle", json={"method": "none"})
    ask.client.get("/v3/seeds")
    ask.client.get("/v3/seeds", headers={"X-API-KEY": "a key of nobody"})
    ask.box.faults.add("close")
    with pytest.raises(httpx.RemoteProtocolError):
        ask.get("/seeds")
    response = ask.control("GET", "requests")
    told = [
        (one["method"], one["path"], one["account"], one["had_key"], one["status"], one["fault"])
        for one in response.json()["requests"]
    ]
    assert told == [
        ("GET", "/v3/broadcasts", "northwind", True, 200, None),
        ("POST", "/v3/seeds/shuffle", "northwind", True, 422, None),
        ("GET", "/v3/seeds", None, False, 401, None),
        ("GET", "/v3/seeds", None, True, 401, None),
        ("GET", "/v3/seeds", "northwind", True, None, "close"),
    ]
    first = response.json()["requests"][0]
    assert (first["query"], first["at"]) == ({"provider": "gmail"}, "2026-11-20T12:00:00Z")
    assert ask.box.key("northwind") not in response.text
    assert "a key of nobody" not in response.text
    assert ask.box.requests.to("/v3/seeds/shuffle")[0].body == '{"method":"none"}'


def test_the_log_can_be_narrowed_and_emptied(ask: Asking) -> None:
    ask.get("/seeds")
    ask.of("halden").get("/seeds")
    ask.of("halden").get("/senders")
    numbers = [one["number"] for one in ask.control("GET", "requests", account="halden").json()["requests"]]
    assert len(numbers) == 2
    assert len(ask.control("GET", "requests", account="halden", since=numbers[0]).json()["requests"]) == 1
    assert len(ask.control("GET", "requests", path="/v3/seeds").json()["requests"]) == 2
    ask.control("DELETE", "requests")
    assert ask.control("GET", "requests").json() == {"requests": []}


def test_the_log_is_bounded(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox import log

    monkeypatch.setattr(log, "KEPT", 3)
    kept = log.Log()
    for number in range(5):
        kept.add("GET", f"/{number}", {}, b"x" * 50_000, None, False, 200, None, "now")
    assert [one.path for one in kept] == ["/2", "/3", "/4"]
    assert len(kept[0].body) == 10_000


def test_faults_over_http(ask: Asking) -> None:
    body = {
        "kind": "busy",
        "route": "/v3/seeds",
        "method": "GET",
        "account": "northwind",
        "after": 1,
        "times": 1,
        "retry_after": 9,
    }
    assert ask.control("POST", "faults", json=body).status_code == 201
    assert [ask.get("/seeds").status_code for _ in range(3)] == [200, 429, 200]
    (told,) = ask.control("GET", "faults").json()["faults"]
    assert (told["seen"], told["struck"], told["args"]["retry_after"]) == (3, 1, 9)
    ask.control("POST", "faults", json={"kind": "error", "times": None})
    assert ask.get("/seeds").status_code == 500
    assert ask.control("DELETE", "faults").json() == {"faults": []}
    assert ask.get("/seeds").status_code == 200


def test_the_clock_over_http(ask: Asking) -> None:
    assert ask.control("GET", "clock").json() == {"now": "2026-11-20T12:00:00Z"}
    assert ask.control("POST", "clock", json={"forward_seconds": 90}).json() == {"now": "2026-11-20T12:01:30Z"}
    assert ask.control("POST", "clock", json={"set": "2027-01-01T10:00:00+01:00"}).json() == {"now": "2027-01-01T09:00:00Z"}
    assert ask.control("POST", "clock", json={"back": 1}).status_code == 422


def test_switches_over_http(ask: Asking) -> None:
    assert ask.control("POST", "switches", json={"short_pages": 3}).json()["short_pages"] == 3
    assert len(ask.get("/seeds").json()["seeds"]) == 3
    for wrong in ({"colour": 1}, {"short_pages": "3"}, {"dialect": "klingon"}):
        assert ask.control("POST", "switches", json=wrong).status_code == 422


def test_reset_brings_everything_back(ask: Asking) -> None:
    before = [ask.get(path).content for path in ("/seeds", "/senders", "/broadcasts")]
    ask.send("POST", "/seeds/shuffle", json={"method": "in_place", "percentage": 100})
    ask.send("PUT", "/senders/tag/retail/status", json={"status": "inactive"})
    ask.control("POST", "clock", json={"forward_seconds": 86400})
    ask.control("POST", "switches", json={"dialect": "message", "short_pages": 1})
    ask.control("POST", "faults", json={"kind": "error", "times": None})
    ask.control("POST", "accounts", json={"name": "extra"})
    ask.control("POST", "reset")
    assert len(ask.box.requests) == 0
    assert [ask.get(path).content for path in ("/seeds", "/senders", "/broadcasts")] == before
    assert "extra" not in ask.control("GET", "accounts").text


def test_accounts_are_listed_with_key_and_story(ask: Asking) -> None:
    accounts = ask.control("GET", "accounts").json()["accounts"]
    names = ["northwind", "brunnen", "petit", "halden", "shared", "refused", "atelier", "tidal"]
    assert [account["name"] for account in accounts] == names
    for account in accounts:
        assert account["key"].startswith(f"sandbox-{account['name']}-")
        assert len(account["key"]) >= 32
        assert len(account["story"]) > 30
    assert len({account["key"] for account in accounts}) == 8


def test_the_documented_keys_are_the_keys(ask: Asking) -> None:
    from sandbox.inboxally import cast

    for name in ("northwind", "brunnen", "petit", "halden", "shared", "refused", "atelier", "tidal"):
        assert f"`{ask.box.key(name)}`" in (cast.__doc__ or "")


def test_truth_over_http(ask: Asking) -> None:
    assert ask.control("GET", "truth", account="shared").json() == ask.box.truth("shared")
    assert ask.control("GET", "truth", account="nobody").status_code == 422
    assert ask.control("GET", "truth").status_code == 422


def test_data_changes_over_http(ask: Asking) -> None:
    new = {
        "subject": "Early",
        "from_email": "club@northwind.example",
        "providers": {"yahoo": [2, 0, 1]},
        "sent": "2026-11-18T08:00:00Z",
    }
    told = ask.control("POST", "change", json={"account": "northwind", "add_broadcasts": [new], "add_seeds": {"ms365": 2}}).json()
    added = ask.get(f"/broadcasts/{told['add_broadcasts'][0]}").json()
    assert (added["date"], added["total_emails"], added["spam"]) == ("2026-11-18", 3, 1)
    assert added["id"] in {row["id"] for row in ask.every("/broadcasts", provider="yahoo")}
    assert added["id"] not in {row["id"] for row in ask.every("/broadcasts", provider="gmail")}
    assert len(ask.every("/seeds")) == 242
    ask.control("POST", "change", json={"account": "northwind", "remove_broadcasts": [added["id"]]})
    assert ask.get(f"/broadcasts/{added['id']}").status_code == 404
    newest = [row["id"] for row in ask.every("/broadcasts")]
    ask.box.change("northwind", remove_newest_broadcasts=2)
    assert [row["id"] for row in ask.every("/broadcasts")] == newest[2:]


def test_senders_change_behind_the_api(ask: Asking) -> None:
    first, second = ask.every("/senders")[:2]
    ask.box.change("northwind", senders={first["id"]: {"preset": "protect", "tags": ["new"]}}, remove_senders=[second["id"]])
    after = ask.get(f"/senders/{first['id']}").json()
    assert (after["engagement_rules"]["preset"], after["tags"]) == ("protect", ["new"])
    assert ask.get(f"/senders/{second['id']}").status_code == 404


def test_a_clock_that_is_set_back_hides_what_came_later_and_breaks_no_list(ask: Asking) -> None:
    (added,) = ask.box.change("northwind", add_broadcasts=[MAIL])["add_broadcasts"]
    ask.control("POST", "clock", json={"set": "2026-11-20T11:00:00Z"})
    assert added not in {row["id"] for row in ask.every("/broadcasts")}
    assert ask.get(f"/broadcasts/{added}").status_code == 404
    ask.control("POST", "clock", json={"set": "2026-11-20T12:00:00Z"})
    assert added in {row["id"] for row in ask.every("/broadcasts")}


MAIL = {"subject": "New", "from_email": "club@northwind.example", "providers": {"gmail": [1, 0, 0]}}


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("PUT", "clock", None, 405),
        ("POST", "faults", {}, 422),
        ("POST", "faults", {"kind": "flood"}, 422),
        ("POST", "faults", [], 422),
        ("POST", "change", {"account": "northwind", "explode": 1}, 422),
        ("POST", "change", {"account": "nobody"}, 422),
        ("POST", "change", {"account": "northwind", "add_broadcasts": [{}]}, 422),
        ("POST", "accounts", {"name": "northwind"}, 422),
        ("POST", "change", {"account": ["northwind"]}, 422),
        ("POST", "change", {"account": "northwind", "add_broadcasts": [MAIL | {"sent": "yesterday"}]}, 422),
        ("POST", "change", {"account": "northwind", "add_broadcasts": [MAIL | {"sent": "2026-11-20T12:00:01Z"}]}, 422),
        ("POST", "change", {"account": "northwind", "add_broadcasts": [MAIL, MAIL | {"subject": 5}]}, 422),
        ("POST", "change", {"account": "northwind", "add_broadcasts": [MAIL | {"providers": {"gmail": ["1", 0, 0]}}]}, 422),
        ("POST", "change", {"account": "northwind", "remove_newest_broadcasts": "two"}, 422),
        ("POST", "change", {"account": "northwind", "senders": ["all"]}, 422),
        ("POST", "clock", {"forward_seconds": 1e300}, 422),
    ],
)  # fmt: skip
def test_control_requests_that_make_no_sense(ask: Asking, method: str, name: str, body: object, status: int) -> None:
    response = ask.control(method, name, json=body)
    assert response.status_code == status
    assert response.json()["problem"]
    for path, number in (("/seeds", 240), ("/senders", 8), ("/broadcasts", 0)):
        assert len(ask.every(path)) >= number


def test_both_dialects_of_refusals(ask: Asking) -> None:
    def refusals() -> list[tuple[int, object]]:
        unknown = ask.client.get("/v3/seeds", headers={"X-API-KEY": "x"})
        invalid = ask.get("/seeds", limit="x")
        ask.box.faults.add("busy")
        return [(answer.status_code, answer.json()) for answer in (unknown, invalid, ask.get("/seeds"))]

    problem = {"loc": ["query", "limit"], "msg": "not a whole number above 0", "type": "value_error"}
    assert refusals() == [
        (401, {"detail": "Invalid API key"}),
        (422, {"detail": [problem]}),
        (429, {"detail": "Too Many Requests"}),
    ]
    ask.box.switches.dialect = "message"
    assert refusals() == [
        (403, {"message": "Forbidden"}),
        (422, {"message": "query.limit: not a whole number above 0"}),
        (429, {"message": "Too Many Requests"}),
    ]
