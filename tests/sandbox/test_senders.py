from __future__ import annotations

from typing import Any

import pytest

from sandbox.inboxally.vocabulary import ACTIONS, PRESETS
from tests.sandbox.asking import Asking

SEVEN = dict(zip(ACTIONS, (70, 40, 90, 90, 25, 20, 20), strict=True))
FIELDS = {
    "id", "name", "email", "domain", "status", "tags", "seed_count", "engagement_rules", "created_at", "updated_at",
    "last_activity_at",
}  # fmt: skip


def emails(ask: Asking, path: str = "/senders", **params: str) -> set[str]:
    return {sender["email"] for sender in ask.every(path, **params)}


def one(ask: Asking, email: str) -> dict[str, Any]:
    return next(sender for sender in ask.every("/senders") if sender["email"] == email)


def test_two_passes_by_status_see_everyone_once(ask: Asking) -> None:
    shared = ask.of("shared")
    active, inactive = emails(shared, status="active"), emails(shared, status="inactive")
    assert inactive == {"team13@lumen.example", "team14@lumen.example"}
    assert len(active) == 38
    assert active | inactive == emails(shared)
    assert all(set(sender) == FIELDS for sender in shared.every("/senders"))
    assert shared.get("/senders", status="all").status_code == 422


def test_domain_matches_exactly(ask: Asking) -> None:
    boxes = {"news", "offers", "club", "hello", "stores", "outlet"}
    assert emails(ask, domain="northwind.example") == {f"{box}@northwind.example" for box in boxes}
    assert emails(ask, "/senders/domain/northwind.example") == emails(ask, domain="northwind.example")
    assert emails(ask, "/senders/domain/mail.northwind.example") == {
        "orders@mail.northwind.example", "receipts@mail.northwind.example",
    }  # fmt: skip
    assert emails(ask, "/senders/domain/nobody.example") == set()


def test_tag_matches_exactly_and_minds_the_case(ask: Asking) -> None:
    shared = ask.of("shared")
    assert emails(shared, tag="fjord") == emails(shared, "/senders/tag/fjord")
    assert emails(shared, tag="fjord") == {f"crew{number:02}@mail.polar.example" for number in range(1, 13)}
    assert emails(shared, tag="Fjord") == emails(shared, tag="fjor") == set()


def test_tags_may_hold_spaces_and_slashes(ask: Asking) -> None:
    sender = one(ask, "club@northwind.example")
    assert ask.send("PATCH", f"/senders/{sender['id']}", json={"tags": ["a/b c", "ü"]}).status_code == 200
    assert emails(ask, "/senders/tag/a%2Fb%20c") == emails(ask, "/senders/tag/%C3%BC") == {"club@northwind.example"}


def test_filters_narrow_together(ask: Asking) -> None:
    assert emails(ask, domain="northwind.example", status="inactive") == {"outlet@northwind.example"}


def test_dates_filter_from_and_until(ask: Asking) -> None:
    senders = sorted(ask.every("/senders"), key=lambda sender: str(sender["created_at"]))
    middle = senders[4]["created_at"]
    assert emails(ask, created_after=middle) == {sender["email"] for sender in senders[4:]}
    assert emails(ask, created_before=middle) == {sender["email"] for sender in senders[:4]}
    recent = {sender["email"] for sender in senders if sender["last_activity_at"] >= "2026-11-19"}
    assert emails(ask, active_since="2026-11-19") == recent
    assert 0 < len(recent) < 8
    assert ask.get("/senders", active_since="yesterday").status_code == 422


def test_activity_is_the_last_broadcast(ask: Asking) -> None:
    sender = one(ask, "club@northwind.example")
    newest = ask.every("/broadcasts", from_email=sender["email"])[0]
    assert ask.get(f"/broadcasts/{newest['id']}").json()["first_received_at"] == sender["last_activity_at"]


def test_an_unknown_sender_is_not_found(ask: Asking) -> None:
    sender = one(ask, "club@northwind.example")
    for method, path in (("GET", ""), ("PATCH", ""), ("PUT", "/status"), ("PUT", "/engagement-rules")):
        assert ask.of("halden").send(method, f"/senders/{sender['id']}{path}", json={}).status_code == 404


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_sets_its_seven_numbers(ask: Asking, preset: str) -> None:
    sender = one(ask, "club@northwind.example")
    ask.box.clock.forward(60)
    changed = ask.send("PUT", f"/senders/{sender['id']}/engagement-rules", json={"preset": preset}).json()
    assert changed["engagement_rules"] == {"preset": preset, **dict(zip(ACTIONS, PRESETS[preset], strict=True))}
    assert changed["updated_at"] == "2026-11-20T12:01:00Z"
    assert one(ask, "club@northwind.example") == changed


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"preset": "hard"},
        {"preset": None},
        {"preset": "repair", "open": 95},
        {"preset": "custom"},
        {"preset": "custom", **SEVEN, "open": 101},
        {"preset": "custom", **SEVEN, "open": -1},
        {"preset": "custom", **SEVEN, "open": 70.0},
        {"preset": "custom", **SEVEN, "open": False},
        {"preset": "custom", **SEVEN, "scroll": 1},
        {"preset": "custom", **dict.fromkeys(ACTIONS[1:], 1)},
        [],
    ],
)
def test_rules_that_make_no_sense_change_nothing(ask: Asking, rules: Any) -> None:
    sender = one(ask, "club@northwind.example")
    for path in (f"/senders/{sender['id']}", "/senders/domain/northwind.example", "/senders/tag/retail"):
        assert ask.send("PUT", f"{path}/engagement-rules", json=rules).status_code == 422
    assert one(ask, "club@northwind.example") == sender


def test_custom_takes_all_seven(ask: Asking) -> None:
    sender = one(ask, "club@northwind.example")
    changed = ask.send("PUT", f"/senders/{sender['id']}/engagement-rules", json={"preset": "custom", **SEVEN})
    assert changed.json()["engagement_rules"] == {"preset": "custom", **SEVEN}


@pytest.mark.parametrize(
    ("path", "touched"), [("domain/lumen.example", 14), ("tag/fjord", 12), ("domain/example", 0), ("tag/nothing", 0)]
)
def test_bulk_rules_touch_exactly_the_named_inactive_ones_too(ask: Asking, path: str, touched: int) -> None:
    shared = ask.of("shared")
    before = {sender["id"]: sender for sender in shared.every("/senders")}
    chosen = {sender["id"] for sender in shared.every(f"/senders/{path}")}
    told = shared.send("PUT", f"/senders/{path}/engagement-rules", json={"preset": "boost"}).json()
    assert told["updated_count"] == touched
    assert {sender["id"] for sender in told["senders"]} == chosen
    after = {sender["id"]: sender for sender in shared.every("/senders")}
    assert {name for name in after if after[name] != before[name]} == chosen
    assert all(after[name]["engagement_rules"]["preset"] == "boost" for name in chosen)


def test_bulk_status_switches_all(ask: Asking) -> None:
    told = ask.send("PUT", "/senders/tag/retail/status", json={"status": "inactive"}).json()
    assert told["updated_count"] == 8
    assert emails(ask, status="active") == set()
    told = ask.send("PUT", "/senders/domain/northwind.example/status", json={"status": "active"}).json()
    assert told["updated_count"] == 6
    assert {sender["status"] for sender in told["senders"]} == {"active"}


def test_one_status_switches_one(ask: Asking) -> None:
    sender = one(ask, "club@northwind.example")
    assert ask.send("PUT", f"/senders/{sender['id']}/status", json={"status": "inactive"}).json()["status"] == "inactive"
    assert emails(ask, status="inactive") == {"club@northwind.example", "outlet@northwind.example"}
    for body in ({"status": "paused"}, {}, {"status": "active", "why": "x"}):
        assert ask.send("PUT", f"/senders/{sender['id']}/status", json=body).status_code == 422


def test_details_change_and_the_address_does_not(ask: Asking) -> None:
    path = f"/senders/{one(ask, 'club@northwind.example')['id']}"
    changed = ask.send("PATCH", path, json={"name": "Club", "tags": ["x"], "seed_count": 12}).json()
    assert (changed["name"], changed["tags"], changed["seed_count"]) == ("Club", ["x"], 12)
    for body in ({"email": "a@b.example"}, {"tags": "x"}, {"name": ""}, {"seed_count": -1}, {"seed_count": "7"}):
        assert ask.send("PATCH", path, json=body).status_code == 422
    assert ask.get(path).json() == changed


def create(ask: Asking, **body: Any) -> int:
    return ask.send("POST", "/senders", json=body).status_code


def test_a_new_sender_gets_the_defaults(ask: Asking) -> None:
    response = ask.send("POST", "/senders", json={"email": "new@shop.northwind.example"})
    assert response.status_code == 201
    made = response.json()
    assert (made["status"], made["domain"], made["tags"]) == ("active", "shop.northwind.example", [])
    assert made["engagement_rules"]["preset"] == "default"
    assert made["last_activity_at"] is None
    assert ask.get(f"/senders/{made['id']}").json() == made


def test_refusals_of_new_senders(ask: Asking) -> None:
    assert create(ask, email="club@northwind.example") == 409
    assert create(ask, email="CLUB@northwind.example") == 409
    assert create(ask, email="someone@gmail.com") == 422
    assert create(ask, email="someone@gmail.com", status="inactive") == 422
    assert create(ask, email="someone@elsewhere.example") == 422
    assert create(ask, email="someone@notnorthwind.example") == 422
    assert create(ask, name="No address") == 422
    assert create(ask, email="no address") == 422
    assert create(ask, email="a@northwind.example", engagement_rules={"preset": "hard"}) == 422
    assert len(emails(ask)) == 8


def test_an_unverified_sender_may_wait_but_not_be_active(ask: Asking) -> None:
    made = ask.send("POST", "/senders", json={"email": "a@elsewhere.example", "status": "inactive", "tags": ["retail"]}).json()
    assert ask.send("PUT", f"/senders/{made['id']}/status", json={"status": "active"}).status_code == 422
    assert ask.send("PUT", "/senders/tag/retail/status", json={"status": "active"}).status_code == 422
    assert emails(ask, status="inactive") == {"a@elsewhere.example", "outlet@northwind.example"}


def test_the_plan_caps_the_number_of_profiles(ask: Asking) -> None:
    assert [create(ask, email=f"more{number}@northwind.example") for number in range(3)] == [201, 201, 403]
    assert create(ask.of("petit"), email="more@petit.example") == 403


def test_a_body_that_is_no_json_is_refused(ask: Asking) -> None:
    headers = {"X-API-KEY": ask.box.key("northwind")}
    assert ask.client.post("/v3/senders", headers=headers, content=b"{").status_code == 422
    assert ask.client.post("/v3/senders", headers=headers, content=b"[]").status_code == 422
