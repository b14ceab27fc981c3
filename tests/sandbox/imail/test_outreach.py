"""Campaigns, inboxes, leads, and figures that agree."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import pytest

from sandbox.imail.daily import METRICS
from tests.sandbox.imail.asking import Asking, refusal

STEP = {"id": "s1", "type": "email", "subject": "Hi", "body": "…", "delay_days": 0}


def draft(ask: Asking, **values: Any) -> dict[str, Any]:
    return {"name": "New", "inbox_ids": [ask.every("inboxes", status="connected")[0]["id"]], "steps": [STEP], **values}


def test_lists_are_paged(ask: Asking) -> None:
    ask.box.imail.add_account(name="big", campaigns=12, inboxes=3, days=5)
    big = ask.by("big")
    pages = big.pages("campaigns", limit=5)
    assert [len(page) for page in pages] == [5, 5, 2]
    assert len({row["id"] for page in pages for row in page}) == 12
    ask.switch(short_pages=2)
    assert [len(page) for page in big.pages("inboxes")] == [2, 1]


def test_a_cursor_of_another_list_is_refused(ask: Asking) -> None:
    cursor = ask.get("campaigns", limit=1).json()["pagination"]["next_cursor"]
    assert cursor.startswith("cur_")
    assert refusal(ask.get("inboxes", limit=1, cursor=cursor)) == (400, "invalid_cursor", None)
    assert refusal(ask.get("campaigns", limit=1, cursor="cur_xyz")) == (400, "invalid_cursor", None)
    for limit in ("0", "101", "many"):
        assert refusal(ask.get("campaigns", limit=limit)) == (400, "invalid_field", "limit")


def test_a_campaign_lives(ask: Asking) -> None:
    made = ask.post("campaigns", draft(ask))
    assert (made.status_code, made.json()["status"], made.json()["daily_limit"]) == (201, "draft", 5000)
    path = f"campaigns/{made.json()['id']}"
    assert refusal(ask.post(f"{path}/pause"))[:2] == (409, "conflict")
    assert ask.post(f"{path}/start").json()["status"] == "active"
    assert ask.post(f"{path}/pause").json()["status"] == "paused"
    assert ask.post(f"{path}/resume").json()["status"] == "active"
    assert ask.send("PATCH", path, {"daily_limit": 40, "status": "paused"}).json()["daily_limit"] == 40
    assert ask.send("DELETE", path).status_code == 204
    assert ask.get(path).json()["status"] == "archived"
    assert made.json()["id"] not in {row["id"] for row in ask.every("campaigns")}
    assert [row["id"] for row in ask.every("campaigns", status="archived")] == [made.json()["id"]]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"daily_limit": 5001}, "daily_limit"),
        ({"name": "x" * 121}, "name"),
        ({"inbox_ids": []}, "inbox_ids"),
        ({"inbox_ids": ["inb_nobody"]}, "inbox_ids"),
        ({"steps": [STEP] * 2}, "steps"),
        ({"steps": [STEP | {"id": f"s{number}"} for number in range(21)]}, "steps"),
        ({"steps": [STEP | {"condition": {"on": "s1", "event": "opened", "then": "s9"}}]}, "steps"),
        ({"send_window": {"start": "17:00", "end": "09:00"}}, "send_window"),
        ({"track_opens": "yes"}, "track_opens"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_field_is_named(ask: Asking, values: dict[str, Any], field: str) -> None:
    assert refusal(ask.post("campaigns", draft(ask, **values))) == (400, "invalid_field", field)


def test_the_limit_is_the_tiers(ask: Asking) -> None:
    response = ask.post("campaigns", draft(ask, daily_limit=9000))
    assert response.json()["error"]["message"] == "daily_limit must be between 1 and 5000 on Surge tier"
    velocity = ask.by("brunnen")
    assert velocity.post("campaigns", draft(velocity, daily_limit=9000)).status_code == 201


def test_an_inbox_is_connected_by_password_or_by_its_providers_page(ask: Asking) -> None:
    made = ask.post("inboxes", {"email": "new@trynorthwind.example", "provider": "google"})
    assert (made.status_code, made.json()["status"]) == (201, "pending_setup")
    assert made.json()["setup_url"].startswith("https://")
    smtp = {"email": "own@trynorthwind.example", "provider": "smtp", "smtp": {"host": "mx.example", "password": "pw-canary"}}
    made = ask.post("inboxes", smtp)
    assert (made.json()["status"], made.json()["setup_url"]) == ("connected", None)
    assert "pw-canary" not in made.text
    assert refusal(ask.post("inboxes", smtp)) == (409, "duplicate_inbox", "email")
    [lost] = ask.every("inboxes", status="disconnected")
    assert lost["last_error"] == "IMAP: authentication failed"
    assert ask.post(f"inboxes/{lost['id']}/reconnect").json()["setup_url"]


def test_leads_come_in_bulk(ask: Asking) -> None:
    campaign = ask.campaign("Spring preview")["id"]
    leads = [{"email": f"lead{number}@example.com"} for number in range(120)] + [
        {"email": "nonsense"},
        {"email": "LEAD5@example.com"},
    ]
    told = ask.post("leads/bulk", {"campaign_id": campaign, "leads": leads}).json()
    assert (told["created"], told["updated"], told["skipped"]) == (120, 0, 1)
    assert told["errors"] == [{"index": 120, "code": "invalid_email", "message": "email is no address"}]
    again = {"campaign_id": campaign, "leads": leads[:3], "skip_duplicates": False}
    assert ask.post("leads/bulk", again).json()["updated"] == 3
    assert len(ask.every("leads", campaign_id=campaign)) == 120
    assert ask.get(f"campaigns/{campaign}").json()["leads_count"] == 120


def test_five_thousand_leads_are_the_most(ask: Asking) -> None:
    campaign = ask.campaign("Spring preview")["id"]
    leads = [{"email": f"lead{number}@example.com"} for number in range(5001)]
    assert refusal(ask.post("leads/bulk", {"campaign_id": campaign, "leads": leads})) == (400, "invalid_field", "leads")
    assert ask.post("leads/bulk", {"campaign_id": campaign, "leads": leads[:5000]}).json()["created"] == 5000


def test_a_lead_lives(ask: Asking) -> None:
    campaign = ask.campaign("Store openings: regional press")["id"]
    made = ask.post("leads", {"campaign_id": campaign, "email": "one@example.com"}).json()
    assert refusal(ask.post("leads", {"campaign_id": campaign, "email": "one@example.com"}))[0] == 409
    assert ask.send("PATCH", f"leads/{made['id']}", {"status": "suppressed"}).json()["status"] == "suppressed"
    first = ask.get("leads", campaign_id=campaign, limit=1).json()["data"][0]
    assert ask.send("DELETE", f"leads/{first['id']}").status_code == 204
    assert ask.get(f"leads/{first['id']}").status_code == 404
    assert ask.get("leads", email="one@example.com").json()["data"][0]["id"] == made["id"]


def test_figures_agree_however_they_are_asked_for(ask: Asking) -> None:
    span = {"from": "2026-08-22", "to": "2026-11-20"}
    sums = [_sum(ask.every("analytics", group_by=group, **span)) for group in ("campaign", "inbox", "day")]
    truth = ask.truth()
    since = _sum(row for row in truth["rows"] if row["date"] >= span["from"])
    assert sums == [since] * 3
    parts: Counter[str] = Counter()
    for campaign in ask.every("campaigns"):
        parts.update(_sum(ask.every("analytics", group_by="day", campaign_id=campaign["id"], **span)))
    assert parts == since
    assert _sum(ask.every("analytics/daily", **span)) == since


def test_the_sheet_says_what_the_pages_say(ask: Asking) -> None:
    rows = ask.every("analytics", group_by="inbox")
    response = ask.get("analytics", group_by="inbox", format="csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment")
    sheet = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert list(sheet[0]) == list(rows[0])
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows] == sheet


def test_a_range_is_a_year_at_most(ask: Asking) -> None:
    assert refusal(ask.get("analytics", **{"from": "2025-11-19", "to": "2026-11-20"}))[2] == "from"
    assert refusal(ask.get("analytics", **{"from": "2026-11-20", "to": "2026-11-19"}))[2] == "from"
    assert refusal(ask.get("analytics", to="soon"))[2] == "to"
    assert ask.get("analytics", **{"from": "2025-11-21", "to": "2026-11-20"}).status_code == 200


def test_todays_mail_goes_out_through_the_day(ask: Asking) -> None:
    name = "Q4 outbound: retail buyers"
    noon = ask.campaign(name)["sent_today"]
    ask.box.clock.forward(3 * 3600)
    later = ask.campaign(name)
    assert 0 < noon < later["sent_today"] <= later["daily_limit"]
    assert (
        _sum(ask.every("analytics", group_by="day", campaign_id=later["id"], **{"from": "2026-11-20"}))["sent"]
        == later["sent_today"]
    )


def test_northwinds_bounces_rise_as_its_placement_falls(ask: Asking) -> None:
    rows = ask.every("analytics", group_by="day", **{"from": "2026-09-10", "to": "2026-11-19"})
    before = _sum(row for row in rows if row["date"] < "2026-10-30")
    after = _sum(row for row in rows if row["date"] > "2026-11-13")
    assert before["bounced_hard"] / before["sent"] < 0.01
    assert after["bounced_hard"] / after["sent"] > 0.035
    for row in rows:
        assert row["sent"] == row["delivered"] + row["bounced_hard"] + row["bounced_soft"]


def test_a_paused_campaign_sends_nothing_more(ask: Asking) -> None:
    [paused] = ask.every("campaigns", status="paused")
    days = [row["date"] for row in ask.every("analytics", group_by="day", campaign_id=paused["id"])]
    assert max(days) <= "2026-11-14"


def _sum(rows: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found.update({name: row[name] for name in METRICS})
    return found
