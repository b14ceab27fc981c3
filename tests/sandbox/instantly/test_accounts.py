"""Mailboxes, their warmup jobs, and the figures of each day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.instantly.asking import Asking, Row, refusal

NEWS = "news@northwind.example"


def test_mailboxes_tell_little_in_a_list_and_more_alone(ask: Asking) -> None:
    rows = ask.every("accounts")
    assert len(rows) == 8
    times = [row["timestamp_created"] for row in rows]
    assert times == sorted(times, reverse=True)
    alone = ask.get("accounts/NEWS%40northwind.example").json()
    (row,) = [row for row in rows if row["email"] == NEWS]
    assert row["warmup"] == {"limit": 10}
    assert {name: value for name, value in alone.items() if name != "warmup"} == {
        name: value for name, value in row.items() if name != "warmup"
    }
    assert alone["warmup"]["advanced"]["open_rate"] == 0.8
    assert refusal(ask.get("accounts/nobody%40northwind.example")) == (404, "Not Found", "Resource not found")


def test_states_and_errors(ask: Asking) -> None:
    rows = {row["email"]: row for row in ask.every("accounts")}
    assert rows["outlet@northwind.example"]["status"] == 2
    assert rows["lou@getnorthwind.example"]["status"] == -1
    assert rows["lou@getnorthwind.example"]["status_message"]["responseCode"] == 535
    assert "status_message" not in rows[NEWS]
    assert rows[NEWS]["provider_code"] == 2
    assert rows["sam@getnorthwind.example"]["provider_code"] == 3


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"status": "2"}, 1),
        ({"status": "-1"}, 1),
        ({"provider_code": "3"}, 3),
        ({"search": "GETNORTH"}, 3),
        ({"filter": "ACC_FILTER_PAUSED"}, 1),
        ({"filter": "ACC_FILTER_ERROR"}, 1),
        ({"filter": "ACC_FILTER_W_ACTIVE"}, 7),
        ({"skip": "5"}, 3),
        ({"colour": "red"}, 8),
    ],
)
def test_mailboxes_by_filter(ask: Asking, query: dict[str, str], number: int) -> None:
    assert len(ask.get("accounts", limit=100, **query).json()["items"]) == number


@pytest.mark.parametrize("query", [{"status": "9"}, {"filter": "ALL"}, {"sort_by": "mood"}, {"sort_order": "up"}, {"skip": "-1"}])
def test_filters_that_make_no_sense(ask: Asking, query: dict[str, str]) -> None:
    assert refusal(ask.get("accounts", **query))[0] == 400


def test_mailboxes_by_tag_with_their_tags(ask: Asking) -> None:
    tags = {tag["label"]: tag["id"] for tag in ask.every("custom-tags")}
    both = f"{tags['retail']},{tags['outbound']}"
    assert len(ask.every("accounts", tag_ids=both)) == 8
    rows = ask.every("accounts", tag_ids_all=both, include_tags="true")
    assert len(rows) == 3
    assert all({tag["label"] for tag in row["tags"]} == {"retail", "outbound"} for row in rows)


def test_sorted_mailboxes_go_on_by_skipping(ask: Asking) -> None:
    emails = sorted(row["email"] for row in ask.every("accounts"))
    page = ask.get("accounts", sort_by="email", sort_order="asc", skip=2, limit=3).json()
    assert [row["email"] for row in page["items"]] == emails[2:5]
    assert "next_starting_after" not in page


def test_pausing_and_resuming(ask: Asking) -> None:
    ask.forward(10)
    for action, status in (("pause", 2), ("resume", 1)):
        answer = ask.post("accounts/news%40northwind.example/" + action).json()
        assert (answer["email"], answer["status"], answer["timestamp_updated"]) == (NEWS, status, "2026-11-20T12:10:00.000Z")
        assert ask.get("accounts/news%40northwind.example").json()["status"] == status
    assert ask.post("accounts/lou%40getnorthwind.example/mark-fixed", {}).json()["status"] == 1
    assert ask.post("accounts/nobody%40northwind.example/pause").status_code == 404


def test_pausing_several(ask: Asking) -> None:
    answer = ask.post("accounts/pause", {"emails": [NEWS, NEWS, "x@northwind.example"]}).json()
    assert answer == {"paused_emails": [NEWS], "failed_emails": ["x@northwind.example"]}
    for wrong in ({}, {"emails": []}, {"emails": ["x"] * 101}, {"emails": NEWS}, {"emails": [NEWS], "more": 1}):
        assert refusal(ask.post("accounts/pause", wrong))[0] == 400


def warmups(ask: Asking) -> dict[str, int]:
    return {row["email"]: row["warmup_status"] for row in ask.every("accounts")}


def the_job(ask: Asking, job: Row) -> Row:
    found: Row = ask.get(f"background-jobs/{job['id']}").json()
    return found


def test_warmup_is_turned_by_a_job_that_takes_its_time(ask: Asking) -> None:
    job = ask.post("accounts/warmup/disable", {"emails": [NEWS]}).json()
    assert (job["status"], job["progress"], job["type"]) == ("pending", 0, "update-warmup-accounts")
    assert job["workspace_id"] == ask.get("workspaces/current").json()["id"]
    assert (len(job["id"]), set(job["id"]) <= set("0123456789abcdef")) == (24, True)
    ask.forward(0.5)
    assert (the_job(ask, job)["status"], the_job(ask, job)["progress"]) == ("in-progress", 50)
    assert warmups(ask)[NEWS] == 1
    ask.forward(0.5)
    assert warmups(ask)[NEWS] == 0
    done = the_job(ask, job)
    assert (done["status"], done["progress"], done["data"]["step"]) == ("success", 100, "DONE")
    assert done["data"]["filters"]["emails"] == [NEWS]
    ask.post("accounts/warmup/enable", {"include_all_emails": True, "excluded_emails": ["outlet@northwind.example"]})
    ask.forward(1)
    assert {email for email, status in warmups(ask).items() if status != 1} == {"outlet@northwind.example"}


def test_warmup_by_tag_and_filter(ask: Asking) -> None:
    outbound = next(tag["id"] for tag in ask.every("custom-tags") if tag["label"] == "outbound")
    asked = {"include_all_emails": True, "filter": {"tag_id": outbound, "filter": "ACC_FILTER_ERROR"}}
    ask.post("accounts/warmup/disable", asked)
    ask.forward(1)
    assert [email for email, status in warmups(ask).items() if not status] == [
        "lou@getnorthwind.example",
        "outlet@northwind.example",
    ]


def test_a_job_that_fails_changes_nothing(ask: Asking) -> None:
    ask.switch(jobs_fail=True, job_seconds=0)
    job = ask.post("accounts/warmup/disable", {"emails": [NEWS]}).json()
    assert the_job(ask, job)["status"] == "failed"
    assert warmups(ask)[NEWS] == 1


def test_jobs_are_listed_newest_first(ask: Asking) -> None:
    jobs = []
    for _ in range(3):
        jobs.append(ask.post("accounts/warmup/enable", {"emails": [NEWS]}).json()["id"])
        ask.forward(1)
    listed = [job["id"] for job in ask.every("background-jobs", limit=2)]
    assert listed == sorted(jobs, reverse=True)
    assert [job["id"] for job in ask.every("background-jobs", sort_order="asc", limit=1)] == listed[::-1]
    assert len(ask.every("background-jobs", status="success,failed")) == 3
    assert ask.every("background-jobs", status="pending") == []
    assert len(ask.every("background-jobs", ids=",".join(jobs[:2]))) == 2
    alone = ask.get(f"background-jobs/{jobs[0]}", data_fields="step").json()
    assert alone["data"] == {"step": "DONE"}
    assert ask.of("atelier").get(f"background-jobs/{jobs[0]}").status_code == 404


@pytest.mark.parametrize("wrong", [{}, {"emails": ["x"] * 101}, {"emails": "x"}, {"include_all_emails": True, "filter": "all"}])
def test_jobs_that_make_no_sense(ask: Asking, wrong: dict[str, Any]) -> None:
    assert refusal(ask.post("accounts/warmup/enable", wrong))[0] == 400


def daily(ask: Asking, emails: list[str], **params: str) -> list[Row]:
    response = ask.get("accounts/analytics/daily", emails=emails, **params)
    assert response.status_code == 200, response.text
    rows: list[Row] = response.json()
    return rows


def test_mail_of_each_day_by_mailbox(ask: Asking) -> None:
    rows = daily(ask, [NEWS, "hello@northwind.example", "x@northwind.example"])
    assert {row["email_account"] for row in rows} == {NEWS, "hello@northwind.example"}
    assert len({row["date"] for row in rows}) == 23  # the weekdays of 31 days
    assert max(row["date"] for row in rows) == "2026-11-20"
    assert all(row["sent"] - row["bounced"] == row["contacted"] for row in rows)
    week = daily(ask, [NEWS], start_date="2026-11-09", end_date="2026-11-13")
    assert [row["date"] for row in week] == [f"2026-11-{day:02}" for day in range(9, 14)]


def test_a_paused_mailbox_has_no_days_since(ask: Asking) -> None:
    assert daily(ask, ["outlet@northwind.example"]) == []
    assert daily(ask, ["outlet@northwind.example"], start_date="2026-09-01", end_date="2026-09-30")


def test_a_blacklisted_domain_bounces_more(ask: Asking) -> None:
    def bounced(email: str) -> float:
        rows = daily(ask, [email], start_date="2026-11-03", end_date="2026-11-20")
        bounced, sent = (sum(row[name] for row in rows) for name in ("bounced", "sent"))
        return float(bounced / sent)

    assert bounced("sam@getnorthwind.example") > 0.05 > 0.02 > bounced(NEWS)


def test_daily_needs_addresses_and_not_too_many(ask: Asking) -> None:
    status, error, message = refusal(ask.get("accounts/analytics/daily"))
    assert (status, error) == (413, "Payload Too Large")
    assert message.startswith("Analytics request is too large")
    assert ask.get("accounts/analytics/daily", emails=[f"x{n}@a.example" for n in range(200)]).json() == []
    assert refusal(ask.get("accounts/analytics/daily", emails=[f"x{n}@a.example" for n in range(201)]))[0] == 400
    ask.switch(daily_without_emails=True, unattributed_rows=True)
    rows = ask.get("accounts/analytics/daily").json()
    assert {row["email_account"] for row in rows} > {"", NEWS}


def test_days_that_make_no_sense(ask: Asking) -> None:
    path = "accounts/analytics/daily"
    for query in ({"start_date": "2026-11-20", "end_date": "2026-11-01"}, {"start_date": "2026-10-20", "end_date": "2026-11-20"}):
        response = ask.get(path, emails=[NEWS], **query)
        assert (response.status_code, set(response.json())) == (400, {"message"})
    assert refusal(ask.get(path, emails=[NEWS], start_date="soon"))[0] == 400


def test_warmup_of_the_last_week(ask: Asking) -> None:
    answer = ask.post("accounts/warmup-analytics", {"emails": [NEWS, "x@northwind.example", "outlet@northwind.example"]}).json()
    days, whole = answer["email_date_data"], answer["aggregate_data"]
    assert set(days) == set(whole) == {NEWS}
    assert sorted(days[NEWS]) == [f"2026-11-{day}" for day in range(13, 20)]
    for name in ("sent", "landed_inbox", "landed_spam"):
        assert sum(day.get(name, 0) for day in days[NEWS].values()) == whole[NEWS].get(name, 0)
    assert whole[NEWS]["health_score_label"] == f"{whole[NEWS]['health_score']}%"
    assert ask.post("accounts/warmup-analytics", {"emails": ["x@northwind.example"]}).json() == {}
    for wrong in ({}, {"emails": []}, {"emails": ["x"] * 101}):
        assert refusal(ask.post("accounts/warmup-analytics", wrong))[0] == 400


def test_mailboxes_change_behind_the_api(ask: Asking) -> None:
    ask.change(
        accounts={NEWS: {"status": -3, "warmup_status": -1, "tags": ["outbound"]}}, remove_accounts=["club@northwind.example"]
    )
    rows = {row["email"]: row for row in ask.every("accounts", include_tags="true")}
    assert "club@northwind.example" not in rows
    assert ask.get("accounts/club%40northwind.example").status_code == 404
    changed = rows[NEWS]
    assert (changed["status"], changed["warmup_status"]) == (-3, -1)
    assert [tag["label"] for tag in changed["tags"]] == ["outbound"]


def test_dns_of_each_domain(ask: Asking) -> None:
    told = ask.post("accounts/test/vitals", {"accounts": [row["email"] for row in ask.every("accounts")]}).json()
    assert [one["domain"] for one in told["success_list"]] == ["northwind.example"]
    (failing,) = told["failure_list"]
    assert (failing["domain"], failing["allPass"], failing["mx"], failing["dkim"]) == ("getnorthwind.example", False, True, False)
