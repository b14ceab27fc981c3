"""Tests and their rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.sandbox.instantly.asking import Asking, Row, refusal

WEEKLY = "Northwind weekly"
MICROSOFT, PERSONAL = 2, 2


def landed(rows: list[Row], emails: list[str]) -> Counter[str]:
    """As a client counts: received rows of the test's own senders."""
    own = [row for row in rows if row["sender_email"] in emails]
    received = [row for row in own if row["record_type"] == 2]
    counts = Counter(
        "undecided" if "is_spam" not in row else "spam" if row["is_spam"] else "category" if row["has_category"] else "inbox"
        for row in received
    )
    seeds = {(row["sender_email"], row["recipient_email"]) for row in own}
    return counts + Counter(received=len(received), seeds=len(seeds), missing=len(seeds) - len(received))


def test_tests_are_listed_newest_first_and_can_be_turned_searched_and_filtered(ask: Asking) -> None:
    tests = ask.every("inbox-placement-tests")
    ids = [test["id"] for test in tests]
    assert ids == sorted(ids, reverse=True)
    assert [test["id"] for test in ask.every("inbox-placement-tests", sort_order="asc", limit=7)] == ids[::-1]
    assert {test["name"] for test in ask.every("inbox-placement-tests", search="MONDAY")} == {"Northwind every Monday"}
    for status in (1, 2, 3):
        found = ask.every("inbox-placement-tests", status=status)
        assert found
        assert {test["status"] for test in found} == {status}
    assert refusal(ask.get("inbox-placement-tests", status=9))[0] == 400


def test_a_test_alone_is_the_test_of_the_list(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]
    assert ask.test(test["id"]) == test
    assert ask.get(f"inbox-placement-tests/{test['id']}", with_metadata="true").json()["metadata"] == {"tags": {}}
    assert len(test["recipients"]) == 40
    assert test["not_sending_status"] == ""
    assert refusal(ask.get("inbox-placement-tests/none"))[0] == 400
    assert ask.of("atelier").get(f"inbox-placement-tests/{test['id']}").status_code == 404


def test_seed_groups_follow_from_the_plan(ask: Asking) -> None:
    path = "inbox-placement-tests/email-service-provider-options"
    assert len(ask.get(path).json()) == 6
    options = ask.by("tidal").get(path).json()
    assert [(one["type"], one["esp"]) for one in options] == [
        ("Professional", "Google"),
        ("Personal", "Google"),
        ("Professional", "Outlook"),
    ]
    assert len(ask.by("tidal").tests()["Tidal Surf weekly"]["recipients"]) == 22


def test_rows_are_sent_and_received_and_only_the_received_have_results(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]
    rows = ask.rows(test)
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert [row["timestamp_created"] for row in rows] == sorted((row["timestamp_created"] for row in rows), reverse=True)
    sent, received = ([row for row in rows if row["record_type"] == kind] for kind in (1, 2))
    assert not any("is_spam" in row or "spf_pass" in row for row in sent)
    assert all(isinstance(row["is_spam"], bool) and isinstance(row["dkim_pass"], bool) for row in received)
    pairs = {(row["sender_email"], row["recipient_email"]) for row in sent}
    assert len(pairs) == len(sent)
    assert {(row["sender_email"], row["recipient_email"]) for row in received} < pairs
    assert {row["recipient_email"] for row in sent} == set(test["recipients"])


def test_rows_say_what_the_truth_says_for_every_test(ask: Asking) -> None:
    truth = {test["test_id"]: test for test in ask.truth()["tests"]}
    tests = ask.every("inbox-placement-tests")
    assert [test["id"] for test in tests] == list(truth)
    for test in tests:
        rows, told = ask.rows(test), truth[test["id"]]
        whole: Counter[str] = Counter()
        for row in told["rows"]:
            names = ("seeds", "received", "inbox", "category", "spam", "undecided", "missing")
            whole.update({name: row[name] for name in names})
        if test["type"] == 1:  # the seeds of several runs are the same addresses
            assert landed(rows, test["emails"]) == +whole
        assert len(rows) == told["sent_rows"] + told["received_rows"]
        heard = {row["sender_email"] for row in rows}
        assert told["silent"] == [email for email in test["emails"] if email not in heard]
        assert set(told["foreign"]) == heard - set(test["emails"])


def test_truth_is_per_sender_and_provider(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]
    rows = ask.rows(test)
    (told,) = ask.truth(test=test["id"])["tests"]
    assert len(told["rows"]) == 6 * len({row["sender"] for row in told["rows"]})
    for cell in told["rows"]:
        mine = [
            row
            for row in rows
            if (row["recipient_esp"], row["recipient_type"]) == (cell["recipient_esp"], cell["recipient_type"])
        ]
        counts = landed(mine, [cell["sender"]])
        assert all(counts[name] == cell[name] for name in ("seeds", "received", "inbox", "category", "spam", "missing"))


def test_silent_and_foreign_senders_dead_seeds(ask: Asking) -> None:
    test = ask.tests()["Northwind weekly"]
    (told,) = ask.truth(test=test["id"])["tests"]
    assert told["silent"] == ["outlet@northwind.example", "lou@getnorthwind.example"]
    foreign = [one for one in ask.truth()["tests"] if one["foreign"]]
    assert foreign
    assert len(foreign) < len(ask.truth()["tests"])
    rows = ask.rows(test)
    received = Counter(row["recipient_email"] for row in rows if row["record_type"] == 2)
    assert sum(received[seed] == 0 for seed in test["recipients"]) == 1


def test_before_it_was_paused_a_mailbox_sent(ask: Asking) -> None:
    oldest = ask.every("inbox-placement-tests", sort_order="asc")[0]
    assert "outlet@northwind.example" in {row["sender_email"] for row in ask.rows(oldest)}


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ({"recipient_esp": "2"}, lambda row: row["recipient_esp"] == 2),
        ({"recipient_esp": "1, 12"}, lambda row: row["recipient_esp"] in (1, 12)),
        ({"recipient_type": "1"}, lambda row: row["recipient_type"] == 1),
        ({"recipient_geo": "2,3"}, lambda row: row["recipient_geo"] in (2, 3)),
        ({"sender_email": "news@northwind.example"}, lambda row: row["sender_email"] == "news@northwind.example"),
        ({"recipient_esp": "2", "recipient_type": "2"}, lambda row: (row["recipient_esp"], row["recipient_type"]) == (2, 2)),
    ],
)
def test_rows_by_filter(ask: Asking, query: dict[str, str], holds: Any) -> None:
    test = ask.tests()[WEEKLY]
    assert ask.rows(test, **query, limit=37) == [row for row in ask.rows(test) if holds(row)]


def test_rows_by_date_take_both_ends(ask: Asking) -> None:
    test = ask.tests()["Northwind every Monday"]
    rows = ask.rows(test)
    days = sorted({row["timestamp_created_date"] for row in rows})
    assert len(days) == 16
    window = ask.rows(test, date_from=days[1], date_to=days[3])
    assert window == [row for row in rows if days[1] <= row["timestamp_created_date"] <= days[3]]
    moment = rows[5]["timestamp_created"]
    assert ask.rows(test, date_from=moment, date_to=moment) == [rows[5]]


@pytest.mark.parametrize(
    "query", [{}, {"test_id": "x"}, {"recipient_esp": "99"}, {"recipient_type": "all"}, {"date_from": "soon"}]
)
def test_analytics_that_make_no_sense(ask: Asking, query: dict[str, str]) -> None:
    test = {"test_id": ask.tests()[WEEKLY]["id"]} if query and "test_id" not in query else {}
    assert refusal(ask.get("inbox-placement-analytics", **test, **query))[0] == 400


def test_a_row_alone(ask: Asking) -> None:
    for row in ask.rows(ask.tests()[WEEKLY])[::50]:
        assert ask.get(f"inbox-placement-analytics/{row['id']}").json() == row
    assert ask.of("atelier").get(f"inbox-placement-analytics/{row['id']}").status_code == 404
    test, identity = ask.tests()[WEEKLY], row["id"]
    for other in (test["id"], f"{identity[:14]}4{identity[15:]}", identity[:-1] + ("0" if identity[-1] != "0" else "1")):
        assert ask.get(f"inbox-placement-analytics/{other}").status_code == 404


def test_older_shapes_of_rows(ask: Asking) -> None:
    test = ask.tests()[WEEKLY]
    ask.switch(numbers_for_booleans=True, unknown_codes=True, extra_keys=True, explicit_nulls=True)
    rows = [row for row in ask.rows(test) if row["record_type"] == 2]
    assert {row["is_spam"] for row in rows} == {0, 1}
    assert not any(isinstance(row["is_spam"], bool) for row in rows)
    assert 77 in {row["recipient_esp"] for row in rows}
    assert all(row["authentication_failure_results"] is None for row in rows if row["dkim_pass"])
    assert 77 in {row["recipient_esp"] for row in ask.truth(test=test["id"])["tests"][0]["rows"]}


def test_rows_can_come_oldest_first(ask: Asking) -> None:
    test = ask.tests()["Northwind every Monday"]
    rows = ask.rows(test)
    ask.switch(analytics_order="asc")
    assert ask.rows(test, limit=77) == rows[::-1]


def test_failing_dkim_comes_with_its_headers(ask: Asking) -> None:
    rows = [row for row in ask.rows(ask.tests()[WEEKLY]) if row["record_type"] == 2]
    failing = [row for row in rows if not row["dkim_pass"]]
    assert {row["sender_email"].rpartition("@")[2] for row in failing} >= {"getnorthwind.example"}
    for row in failing:
        headers = row["authentication_failure_results"]
        assert set(headers) == {"authentication_results", "dkim_signature", "received_spf"}
    assert not any("authentication_failure_results" in row for row in rows if row["dkim_pass"])
