"""From creation to the last row, on the sandbox's clock."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.sandbox.instantly.asking import Asking, Row, refusal

SENDERS = ["news@northwind.example", "club@northwind.example", "outlet@northwind.example"]


def body(ask: Asking, **more: Any) -> dict[str, Any]:
    return {
        "name": "New",
        "type": 1,
        "sending_method": 1,
        "delivery_mode": 1,
        "email_subject": "quick question",
        "email_body": "<div>hi</div>",
        "emails": SENDERS,
        "recipients_labels": ask.get("inbox-placement-tests/email-service-provider-options").json()[:2],
        **more,
    }


def created(ask: Asking, **more: Any) -> Row:
    response = ask.post("inbox-placement-tests", body(ask, **more))
    assert response.status_code == 200, response.text
    test: Row = response.json()
    return test


SCHEDULE = {
    "days": {"5": True, "6": True, "0": False},
    "timing": {"from": "09:00", "to": "17:00"},
    "timezone": "Europe/Belgrade",
}


def test_nothing_for_25_minutes_then_bursts_then_done_and_stable(ask: Asking) -> None:
    test = created(ask)
    assert (test["status"], len(test["recipients"])) == (1, 15)
    assert test == ask.test(test["id"])
    ask.forward(24.9)
    assert ask.rows(test) == []
    assert ask.every("inbox-placement-reports", test_id=test["id"]) == []
    ask.forward(1)
    first = ask.rows(test)
    assert sum(row["record_type"] == 1 for row in first) == 15 * len({row["sender_email"] for row in first})
    assert len({row["sender_email"] for row in first if row["record_type"] == 2}) > 1
    numbers = [len(first)]
    while ask.test(test["id"])["status"] == 1:
        ask.forward(5)
        numbers.append(len(ask.rows(test)))
        assert len(numbers) < 40
    grown = sum(one < other for one, other in pairwise(numbers))
    assert 2 <= grown <= 5
    assert 60 <= 26 + 5 * (len(numbers) - 1) <= 180
    ids = {row["id"] for row in ask.rows(test)}
    assert {row["id"] for row in first} <= ids
    ask.forward(600)
    assert {row["id"] for row in ask.rows(test)} == ids
    assert ask.every("inbox-placement-reports", test_id=test["id"])


def test_some_rows_are_undecided_at_first(ask: Asking) -> None:
    test = created(ask, emails=[row["email"] for row in ask.every("accounts")], recipients_labels=body(ask)["recipients_labels"])
    seen: set[str] = set()
    for _ in range(40):
        ask.forward(5)
        seen |= {row["id"] for row in ask.rows(test) if row["record_type"] == 2 and "is_spam" not in row}
    assert seen
    assert ask.test(test["id"])["status"] == 3
    assert all("is_spam" in row for row in ask.rows(test) if row["record_type"] == 2)


def test_who_is_paused_at_the_start_stays_silent(ask: Asking) -> None:
    test = created(ask)
    ask.post("accounts/outlet%40northwind.example/resume")
    ask.post("accounts/news%40northwind.example/pause")
    ask.forward(200)
    (told,) = ask.truth(test=test["id"])["tests"]
    assert told["silent"] == ["outlet@northwind.example"]


def test_a_test_of_silent_senders_ends_without_a_row(ask: Asking) -> None:
    test = created(ask, emails=["outlet@northwind.example"])
    ask.forward(200)
    assert ask.test(test["id"])["status"] == 3
    assert ask.rows(test) == []


def test_senders_by_tag(ask: Asking) -> None:
    outbound = next(tag["id"] for tag in ask.every("custom-tags") if tag["label"] == "outbound")
    test = created(ask, emails=[], tags=[outbound])
    assert {email.rpartition("@")[2] for email in test["emails"]} == {"getnorthwind.example"}
    metadata = ask.get(f"inbox-placement-tests/{test['id']}", with_metadata="true").json()["metadata"]
    assert metadata["tags"][outbound]["label"] == "outbound"


def test_mail_from_outside_brings_no_rows_by_itself(ask: Asking) -> None:
    test = created(ask, sending_method=2, emails=["someone@elsewhere.example"], test_code="abc")
    assert test["test_code"] == "ptid_abc"
    ask.forward(300)
    assert ask.rows(test) == []


def test_an_automated_test_runs_again_and_again(ask: Asking) -> None:
    test = created(ask, type=2, schedule=SCHEDULE, run_immediately=True)
    assert (test["status"], test["timestamp_next_run"]) == (1, "2026-11-21T08:00:00.000Z")
    ask.forward(200)
    first = ask.rows(test)
    assert first
    ask.forward(24 * 60)
    second = ask.rows(test)
    assert {row["id"] for row in first} < {row["id"] for row in second}
    assert {row["timestamp_created_date"] for row in second} == {"2026-11-20", "2026-11-21"}
    assert ask.test(test["id"])["status"] == 1
    assert ask.test(test["id"])["timestamp_next_run"] == "2026-11-27T08:00:00.000Z"
    runs = {row["run"] for row in ask.truth(test=test["id"])["tests"][0]["rows"]}
    assert len(runs) == 2


def test_an_automated_test_waits_for_its_schedule(ask: Asking) -> None:
    test = created(ask, type=2, schedule=SCHEDULE)
    ask.forward(300)
    assert ask.rows(test) == []


@pytest.mark.parametrize("status", [2, 3])
def test_an_automated_test_that_is_paused_or_ended_lets_its_runs_pass(ask: Asking, status: int) -> None:
    test = created(ask, type=2, schedule=SCHEDULE)
    changed = ask.send("PATCH", f"inbox-placement-tests/{test['id']}", json={"status": status}).json()
    assert changed["status"] == status
    assert "timestamp_next_run" not in changed
    ask.forward(2 * 24 * 60)
    assert ask.rows(test) == []
    assert ask.send("PATCH", f"inbox-placement-tests/{test['id']}", json={"status": 1}).json()["status"] == 1
    assert ask.rows(test) == []
    ask.forward(7 * 24 * 60)
    assert {row["timestamp_created_date"] for row in ask.rows(test)} == {"2026-11-27", "2026-11-28"}


def test_a_paused_one_time_test_holds_its_rows_back(ask: Asking) -> None:
    test = created(ask)
    ask.forward(30)
    rows = ask.rows(test)
    ask.send("PATCH", f"inbox-placement-tests/{test['id']}", json={"status": 2})
    ask.forward(300)
    assert ask.test(test["id"])["status"] == 2
    assert len(ask.rows(test)) == len(rows)
    assert ask.send("PATCH", f"inbox-placement-tests/{test['id']}", json={"status": 1}).json()["status"] == 3
    assert len(ask.rows(test)) > len(rows)


def test_name_schedule_and_automations_change_and_nothing_else(ask: Asking) -> None:
    test = created(ask, type=2, schedule=SCHEDULE)
    path = f"inbox-placement-tests/{test['id']}"
    automations = [{"when": {"condition": "added_to_blacklists"}, "then": {"pause": True}}]
    new = {"name": "Renamed", "automations": automations, "schedule": {**SCHEDULE, "timing": {"from": "07:30", "to": "08:00"}}}
    changed = ask.send("PATCH", path, json=new).json()
    assert (changed["name"], changed["automations"]) == ("Renamed", automations)
    assert changed["timestamp_next_run"] == "2026-11-21T06:30:00.000Z"
    for wrong in ({"emails": []}, {"status": 7}, {"name": ""}, {"schedule": {"timezone": "Etc/UTC"}}, {}, {"schedule": {}}):
        assert refusal(ask.send("PATCH", path, json=wrong))[0] == 400
    assert ask.test(test["id"])["name"] == "Renamed"


def test_deleting_takes_the_rows_along(ask: Asking) -> None:
    test = ask.tests()["Northwind weekly"]
    row = ask.rows(test)[0]
    assert ask.send("DELETE", f"inbox-placement-tests/{test['id']}").json()["id"] == test["id"]
    assert ask.get(f"inbox-placement-tests/{test['id']}").status_code == 404
    assert ask.get("inbox-placement-analytics", test_id=test["id"]).status_code == 404
    assert ask.get(f"inbox-placement-analytics/{row['id']}").status_code == 404
    assert ask.send("DELETE", f"inbox-placement-tests/{test['id']}").status_code == 404


LABEL = {"region": "North America", "sub_region": "US", "type": "Professional", "esp": "Google"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"name": None}, "body must have required property 'name'"),
        ({"email_body": None}, "body must have required property 'email_body'"),
        ({"delivery_mode": None}, "body must have required property 'delivery_mode'"),
        ({"recipients_labels": None}, "body must have required property 'recipients_labels'"),
        ({"emails": []}, "Either tags or emails must be provided"),
        ({"emails": "news@northwind.example"}, "body/emails must be array"),
        ({"type": 3}, "body/type must be equal to one of the allowed values"),
        ({"type": "1"}, "body/type must be number"),
        ({"type": True}, "body/type must be number"),
        ({"colour": "red"}, "body must NOT have additional properties"),
        ({"recipients_labels": [LABEL | {"esp": "Yahoo"}]}, "body/recipients_labels/0 must be equal to one of the allowed"),
        ({"recipients_labels": [{"esp": "Google"}]}, "body/recipients_labels/0 must have required property 'region'"),
        ({"test_code": "no spaces"}, "body/test_code must match pattern"),
        ({"tags": ["x"]}, 'body/tags/0 must match format "uuid"'),
        ({"type": 2}, "body must have required property 'schedule'"),
        ({"type": 2, "schedule": {**SCHEDULE, "days": [1, 2]}}, "body/schedule/days must be object"),
        ({"type": 2, "schedule": {**SCHEDULE, "timezone": "America/New_York"}},
         "body/schedule/timezone must be equal to one of the allowed values"),
        ({"type": 2, "schedule": {**SCHEDULE, "timing": {"from": "09:00"}}},
         "body/schedule/timing must have required property 'to'"),
        ({"automations": [{"when": {"condition": "rain"}, "then": {}}]},
         "body/automations/0/when/condition must be equal to one of the allowed values"),
    ],
)  # fmt: skip
def test_refusals_name_their_field(ask: Asking, more: dict[str, Any], message: str) -> None:
    wanted = {name: value for name, value in body(ask, **more).items() if value is not None}
    before = len(ask.every("inbox-placement-tests"))
    status, error, text = refusal(ask.post("inbox-placement-tests", wanted))
    assert (status, error) == (400, "Bad Request")
    assert text.startswith(message)
    assert len(ask.every("inbox-placement-tests")) == before


def test_unknown_senders_are_counted(ask: Asking) -> None:
    wanted = body(ask, emails=["news@northwind.example", "x@northwind.example", "y@northwind.example"])
    assert refusal(ask.post("inbox-placement-tests", wanted)) == (404, "Not Found", "2 account(s) not found")


def test_automated_tests_need_the_larger_plan(ask: Asking) -> None:
    tidal = ask.by("tidal")
    wanted = body(tidal, type=2, schedule=SCHEDULE, emails=["surf@tidal.example"])
    expected = (402, "Payment Required", "Automated tests are only available for HyperGrowth plans")
    assert refusal(tidal.post("inbox-placement-tests", wanted)) == expected
    assert tidal.post("inbox-placement-tests", wanted | {"type": 1}).status_code == 200


def test_every_documented_time_zone_is_known_here(ask: Asking) -> None:
    from zoneinfo import ZoneInfo

    from sandbox.instantly.zones import ZONES

    assert len(ZONES) == 102
    assert not {"Etc/UTC", "America/New_York", "America/Los_Angeles"} & set(ZONES)
    assert all(ZoneInfo(zone) for zone in ZONES)


def test_a_test_added_behind_the_api(ask: Asking) -> None:
    identity = ask.change(add_test={"emails": SENDERS, "minutes_ago": 30})["add_test"]
    assert ask.test(identity)["status"] == 1
    assert ask.rows({"id": identity})
    ask.change(remove_tests=[identity])
    assert ask.get(f"inbox-placement-tests/{identity}").status_code == 404
