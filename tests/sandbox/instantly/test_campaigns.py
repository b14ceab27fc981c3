"""Campaigns, their figures, and the tags that campaigns and mailboxes carry."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sandbox.instantly.asking import Asking, Row, refusal

UNKNOWN = "01a0a1f0-0000-7aaa-8aaa-0000000000aa"
NEWS = "news@northwind.example"


def named(ask: Asking, name: str) -> Row:
    return next(row for row in ask.every("campaigns") if row["name"] == f"Northwind: {name}")


def test_campaigns_in_each_state(ask: Asking) -> None:
    rows = ask.every("campaigns")
    assert {row["status"] for row in rows} == {0, 1, 3, -2}
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    draft = named(ask, "Next year")
    assert (draft["status"], draft["campaign_schedule"], draft["email_list"]) == (0, {}, [])
    for row in rows:
        assert ask.get(f"campaigns/{row['id']}").json() == row
    assert ask.get(f"campaigns/{UNKNOWN}").status_code == 404


@pytest.mark.parametrize(("query", "number"), [({"status": 1}, 2), ({"exclude_status": 1}, 3), ({"search": "autumn"}, 1)])
def test_campaigns_by_filter(ask: Asking, query: dict[str, int], number: int) -> None:
    assert len(ask.every("campaigns", **query)) == number


def test_starting_and_stopping(ask: Asking) -> None:
    path = f"campaigns/{named(ask, 'Welcome')['id']}"
    assert ask.post(f"{path}/pause").json()["status"] == 2
    assert ask.get(path).json()["status"] == 2
    assert ask.post(f"{path}/activate", {}).json()["status"] == 1
    assert refusal(ask.post(f"campaigns/{named(ask, 'Next year')['id']}/activate"))[0] == 400
    assert ask.post(f"campaigns/{UNKNOWN}/pause").status_code == 404


def test_figures_of_campaigns_add_up_with_their_days(ask: Asking) -> None:
    rows = {row["campaign_name"]: row for row in ask.get("campaigns/analytics").json()}
    assert len(rows) == 5
    assert rows["Northwind: Next year"]["emails_sent_count"] == 0
    one = rows["Northwind: Welcome"]
    days = ask.get("campaigns/analytics/daily", campaign_id=one["campaign_id"], start_date="2026-07-01").json()
    assert sum(day["sent"] for day in days) == one["emails_sent_count"] > 1000
    assert sum(day["replies"] for day in days) == one["reply_count"]
    window = {"start_date": "2026-11-09", "end_date": "2026-11-13"}
    whole = ask.get("campaigns/analytics", **window).json()
    daily = ask.get("campaigns/analytics/daily", **window).json()
    assert sum(row["emails_sent_count"] for row in whole) == sum(day["sent"] for day in daily)
    assert len(daily) == 5


def test_campaigns_together_sent_what_their_mailboxes_did(ask: Asking) -> None:
    window = {"start_date": "2026-09-07", "end_date": "2026-10-02"}  # while some of the campaigns end
    emails = [row["email"] for row in ask.every("accounts")]
    by_mailbox, by_campaign = Counter[str](), Counter[str]()
    for row in ask.get("accounts/analytics/daily", emails=emails, **window).json():
        by_mailbox[row["date"]] += row["sent"]
    at_it = set()
    for campaign in ask.every("campaigns"):
        for row in ask.get("campaigns/analytics/daily", campaign_id=campaign["id"], **window).json():
            by_campaign[row["date"]] += row["sent"]
            at_it.add(campaign["name"])
    assert len(at_it) > 2
    assert by_campaign == by_mailbox != Counter()


def test_figures_of_some_campaigns(ask: Asking) -> None:
    ids = [row["id"] for row in ask.every("campaigns")][:3]
    assert {row["campaign_id"] for row in ask.get("campaigns/analytics", ids=ids).json()} == set(ids)
    (one,) = ask.get("campaigns/analytics", id=ids[0], exclude_total_leads_count="true").json()
    assert "leads_count" not in one
    response = ask.get("campaigns/analytics", start_date="2026-11-20", end_date="2026-11-01")
    assert response.json() == {"message": "Start Date must be earlier than End Date"}


def test_tags_and_what_carries_them(ask: Asking) -> None:
    tags = {tag["id"]: tag["label"] for tag in ask.every("custom-tags")}
    assert set(tags.values()) == {"retail", "outbound"}
    mappings = ask.every("custom-tag-mappings")
    assert {row["resource_type"] for row in mappings} == {1, 2}
    boxes = {(row["email"], tag["label"]) for row in ask.every("accounts", include_tags="true") for tag in row["tags"]}
    assert {(row["resource_id"], tags[row["tag_id"]]) for row in mappings if row["resource_type"] == 1} == boxes
    campaigns = {row["id"] for row in ask.every("campaigns")}
    assert {row["resource_id"] for row in mappings if row["resource_type"] == 2} <= campaigns
    (mine,) = ask.every("custom-tag-mappings", resource_ids=NEWS)
    assert [tag["id"] for tag in ask.every("custom-tags", resource_ids=NEWS)] == [mine["tag_id"]]
    assert ask.get(f"custom-tags/{mine['tag_id']}").json()["label"] == "retail"
    assert len(ask.every("campaigns", tag_ids=mine["tag_id"])) == 2


def test_tags_are_put_on_and_taken_off(ask: Asking) -> None:
    outbound = next(tag["id"] for tag in ask.every("custom-tags") if tag["label"] == "outbound")
    campaign = named(ask, "Win back")["id"]
    for kind, resource in ((1, NEWS), (2, campaign)):
        body = {"tag_ids": [outbound], "resource_type": kind, "resource_ids": [resource]}
        for assign in (True, False):
            assert ask.post("custom-tags/toggle-resource", {**body, "assign": assign}).json() == {"success": True}
            tagged = {row["tag_id"] for row in ask.every("custom-tag-mappings", resource_ids=resource)}
            assert (outbound in tagged) == assign
    unknown = {"tag_ids": [outbound], "resource_type": 1, "resource_ids": [NEWS, "x@a.example"], "assign": True}
    assert refusal(ask.post("custom-tags/toggle-resource", unknown)) == (404, "Not Found", "1 account(s) not found")
    assert outbound not in {row["tag_id"] for row in ask.every("custom-tag-mappings", resource_ids=NEWS)}


def test_campaigns_change_behind_the_api(ask: Asking) -> None:
    identity = named(ask, "Welcome")["id"]
    ask.change(campaigns={identity: {"status": -2, "name": "Northwind: Hello"}})
    assert named(ask, "Hello")["status"] == -2
