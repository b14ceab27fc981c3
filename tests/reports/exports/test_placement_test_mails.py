"""The mails of placement tests as CSV: one row each, and as many as the tests and the placement say."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest

from clients.models import Connection, PlacementTest, TestMail
from reports.exports import tables
from reports.scope import Scope
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import placement_test, run
from tests.reports.exports.reading import column, exported, whole

ANN, BOB, OAK = "ann@acme.example", "bob@acme.example", "oak@birch.example"


def test_sent_and_received_are_one_row_of_a_mail(cast: Cast, tested: Connection) -> None:
    placement_test(
        tested, {ANN: {"gmail": "PCSMUF", "web_de": "P"}, OAK: {"gmail": "P"}}, foreign={"f@f.example": {"gmail": "P"}}
    )
    rows = exported("test-emails", Scope.of_client(cast.acme))
    assert [(row["recipient"].partition(".")[0], row["outcome"], row["spf"], row["dmarc"]) for row in rows] == [
        ("seed0@gmail", "primary", "pass", "pass"),
        ("seed0@web_de", "primary", "pass", "pass"),
        ("seed1@gmail", "promotions", "pass", "pass"),
        ("seed2@gmail", "spam", "pass", "pass"),
        ("seed3@gmail", "missing", "", ""),
        ("seed4@gmail", "", "", ""),
        ("seed5@gmail", "primary", "fail", "pass"),
    ]
    assert {(row["sent"], row["received"]) for row in rows if row["outcome"] != "missing"} == {
        (f"{days_ago(3)}T06:00:00Z", f"{days_ago(3)}T06:30:00Z")
    }
    assert [row["received"] for row in rows if row["outcome"] == "missing"] == [""]
    assert (rows[1]["mailbox_provider"], rows[1]["vendor_says"], rows[1]["region"]) == ("web_de", "Web_de", "Germany")
    assert {row["day"] for row in rows} == {days_ago(3).isoformat()}


def test_a_one_time_test_whose_mails_come_after_midnight_is_of_its_day(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PS"}}, on=days_ago(3))
    TestMail.objects.filter(test=test, record="received").update(day=days_ago(2))
    rows = exported("test-emails", whole(cast.north))
    assert [(row["day"], row["outcome"]) for row in rows] == [(days_ago(3).isoformat(), name) for name in ("primary", "spam")]


def test_mails_to_seeds_without_a_name_are_not_folded(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPP"}})
    TestMail.objects.filter(test=test, record="sent").delete()
    TestMail.objects.filter(test=test).update(recipient_email="")
    assert column(exported("test-emails", whole(cast.north)), "recipient") == ["", "", ""]


def test_the_mails_sum_to_the_tests_and_the_placement(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "PCSMF", "yahoo": "SS"}, BOB: {"gmail": "PPPP"}, OAK: {"yahoo": "PM"}})
    test = placement_test(tested, {ANN: {"gmail": "P"}}, kind="automated", on=days_ago(9))
    run(test, {ANN: {"gmail": "PSMM"}}, on=days_ago(2))
    mails, tests = exported("test-emails", whole(cast.north)), exported("tests", whole(cast.north))
    placed = exported("placement", whole(cast.north))
    outcomes = Counter(column(mails, "outcome"))
    for name in ("primary", "promotions", "spam", "missing"):
        assert outcomes[name] == sum(int(row[name] or 0) for row in tests) == sum(int(row[name] or 0) for row in placed), name


@pytest.mark.slow
def test_memory_stays_flat_however_many_the_mails(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {f"s{number}@acme.example": {"gmail": "P"} for number in range(100)})
    peaks = []
    for part in range(2):
        _fill(test, part)
        tracemalloc.start()
        rows = sum(block.count(b"\n") for block in tables.TABLES["test-emails"].stream(whole(cast.north))) - 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows == 100 + 20_000 * (part + 1)
    assert peaks[1] < 8_000_000
    assert peaks[1] < 1.2 * peaks[0]


def _fill(test: PlacementTest, part: int) -> None:
    TestMail.objects.bulk_create(
        (
            TestMail(
                test=test,
                external_id=f"{part}-{sender}-{seed}",
                record="received",
                at=test.created_at,
                day=test.created_at.date(),
                sender_email=f"s{sender}@acme.example",
                recipient_email=f"{part}-{seed}@seeds.example",
                mailbox_provider="gmail",
                is_spam=False,
            )
            for sender in range(100)
            for seed in range(200)
        ),
        batch_size=2_000,
    )
