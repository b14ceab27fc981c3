"""Sums over placement tests, and their reports."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.sandbox.instantly.asking import Asking, refusal
from tests.sandbox.instantly.test_placement import MICROSOFT, PERSONAL, WEEKLY, landed


def test_stats_by_test_add_up_with_the_rows(ask: Asking) -> None:
    tests = ask.tests()
    chosen = [tests[WEEKLY], tests["Northwind every Monday"], tests["Northwind held up"]]
    stats = ask.post("inbox-placement-analytics/stats-by-test-id", {"test_ids": [test["id"] for test in chosen]}).json()
    assert [one["test_id"] for one in stats] == [test["id"] for test in chosen]
    for test, one in zip(chosen, stats, strict=True):
        rows = ask.rows(test)
        counts = landed(rows, [row["sender_email"] for row in rows])  # foreign senders count here
        assert (one["count"], one["spam_count"]) == (counts["received"], counts["spam"])
        assert one["count"] == one["spam_count"] + one["inbox_count"] + one["category_count"]
        shares = one["spam_percent"] + one["inbox_percent"] + one["category_percent"]
        assert shares == pytest.approx(100 if one["count"] else 0, abs=0.02)
    ask.switch(stats_without_rows="absent")
    held = {"test_ids": [chosen[2]["id"]]}
    assert ask.post("inbox-placement-analytics/stats-by-test-id", held).json() == []


def test_stats_take_the_filters_as_numbers(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]
    body = {"test_ids": [test["id"]], "recipient_esp": [2], "recipient_type": [2], "sender_email": "news@northwind.example"}
    (one,) = ask.post("inbox-placement-analytics/stats-by-test-id", body).json()
    rows = ask.rows(test, recipient_esp="2", recipient_type="2", sender_email="news@northwind.example")
    assert one["count"] == sum(row["record_type"] == 2 for row in rows)


@pytest.mark.parametrize(
    "body", [{}, {"test_ids": []}, {"test_ids": "x"}, {"test_ids": ["x"]}, {"recipient_esp": "2"}, {"recipient_type": [7]}]
)
def test_stats_that_make_no_sense(ask: Asking, body: dict[str, Any]) -> None:
    ids = {} if not body or "test_ids" in body else {"test_ids": [ask.tests()[WEEKLY]["id"]]}
    assert refusal(ask.post("inbox-placement-analytics/stats-by-test-id", ids | body))[0] == 400


def test_stats_by_date_have_a_row_for_each_run(ask: Asking) -> None:
    test = ask.tests()["Northwind every Monday"]
    days = ask.post("inbox-placement-analytics/stats-by-date", {"test_id": test["id"]}).json()
    rows = ask.rows(test)
    assert [day["timestamp_created_date"] for day in days] == sorted({row["timestamp_created_date"] for row in rows})
    assert sum(day["sent_count"] for day in days) == sum(row["record_type"] == 1 for row in rows)
    assert sum(day["received_count"] for day in days) == sum(row["record_type"] == 2 for row in rows)


def test_insights_compare_two_times(ask: Asking) -> None:
    test = ask.tests()["Northwind every Monday"]
    body = {"test_id": test["id"], "show_previous": True, "date_from": "2026-11-10", "date_to": "2026-11-20",
            "previous_date_from": "2026-10-01", "previous_date_to": "2026-10-20"}  # fmt: skip
    rows = ask.post("inbox-placement-analytics/deliverability-insights", body).json()
    assert {(row["sender_esp"], row["recipient_esp"]) for row in rows} == {(s, r) for s in (1, 2) for r in (1, 2, 12, 13)}
    for row in rows:
        shares = row["spam_percentage"] + row["inbox_percentage"] + row["category_percentage"]
        assert shares == pytest.approx(100, abs=0.02)
    google, microsoft = (next(row for row in rows if (row["sender_esp"], row["recipient_esp"]) == (1, esp)) for esp in (1, 2))
    assert microsoft["spam_percentage"] > microsoft["prev_spam_percentage"] + 5
    assert abs(google["spam_percentage"] - google["prev_spam_percentage"]) < 15


def test_reports_are_one_for_each_domain_of_each_run(ask: Asking) -> None:
    tests = ask.tests()
    weekly = ask.every("inbox-placement-reports", test_id=tests[WEEKLY]["id"])
    assert {row["domain"] for row in weekly} == {"northwind.example", "getnorthwind.example"}
    listed = {row["domain"]: row["blacklist_report"]["is_blacklisted"] for row in weekly}
    assert listed == {"northwind.example": False, "getnorthwind.example": True}
    for row in weekly:
        assert ask.get(f"inbox-placement-reports/{row['id']}").json() == row
        points = [float(rule["score"]) for rule in row["spam_assassin_report"]["report"]]
        assert sum(points) == pytest.approx(row["spam_assassin_score"], abs=0.1)
    routine = tests["Northwind every Monday"]["id"]
    assert ask.every("inbox-placement-reports", test_id=routine, limit=3) == ask.every("inbox-placement-reports", test_id=routine)
    assert len(ask.every("inbox-placement-reports", test_id=routine)) == 2 * 16


def test_the_big_parts_of_reports_can_be_left_out(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]["id"]
    query = {"skip_spam_assassin_report": "true", "skip_blacklist_report": "true"}
    for row in ask.every("inbox-placement-reports", test_id=test, **query):
        assert "spam_assassin_report" not in row
        assert "blacklist_report" not in row
        assert "spam_assassin_score" in row


def share_of_spam(ask: Asking, since: str) -> dict[tuple[int, int], float]:
    spam: Counter[tuple[int, int]] = Counter()
    received: Counter[tuple[int, int]] = Counter()
    for test in ask.truth()["tests"]:
        for row in test["rows"]:
            if row["date"] >= since:
                key = row["recipient_esp"], row["recipient_type"]
                spam[key] += row["spam"]
                received[key] += row["received"]
    return {key: spam[key] / received[key] for key in received}


def test_northwind_slides_at_outlook_as_at_the_other_vendor(ask: Asking) -> None:
    last = share_of_spam(ask, "2026-11-14")
    assert last[MICROSOFT, PERSONAL] > 0.35
    assert all(share < 0.2 for key, share in last.items() if key != (MICROSOFT, PERSONAL))


def test_atelier_is_low_at_outlook_where_the_other_vendor_finds_it_well(ask: Asking) -> None:
    shares = share_of_spam(ask.of("atelier"), "2026-10-20")
    assert shares[MICROSOFT, PERSONAL] > 0.5
    outlook = [row for row in ask.box.truth("atelier")["rows"] if row["provider"] == "outlook" and row["date"] >= "2026-10-20"]
    assert sum(row["spam"] for row in outlook) / sum(row["total_emails"] for row in outlook) < 0.15
