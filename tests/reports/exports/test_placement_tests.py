"""Placement tests as CSV: a row for each test and sender, and what a test's page and a terminal give of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from clients.models import Broadcast, Connection, PlacementTest, TestMail
from reports.exports import placement_tests
from reports.exports.cells import FORMULA_STARTS
from reports.scope import Scope
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import VENDOR, account, placement_test, run
from tests.reports.exports.reading import column, exported, fetched, read, whole
from tests.reports.reading import as_user

ANN, BOB, OAK, NOBODY = "ann@acme.example", "bob@acme.example", "oak@birch.example", "x@nobody.example"
TABLES = ("tests", "test-emails")


def test_the_columns_are_the_promised_ones() -> None:
    which = "client,vendor,connection,test_id,test,subject,kind,status,made"
    rate = "inboxing,low,high"
    sums = f"received,primary,promotions,spam,missing,{rate},sent,inboxing_of_sent,low_of_sent,high_of_sent"
    assert ",".join(placement_tests.TESTS) == f"{which},sender,domain,state,runs,last_run,{sums}"
    mail = "day,sender,domain,recipient,mailbox_provider,vendor_says,region,sent,received,outcome,spf,dkim,dmarc"
    assert ",".join(placement_tests.EMAILS) == f"{which},{mail}"


def test_a_row_for_each_test_and_sender_of_the_client(cast: Cast, tested: Connection) -> None:
    landed = {ANN: {"gmail": "PPPC", "yahoo": "SM"}, BOB: {}, OAK: {"gmail": "SS"}}
    test = placement_test(tested, landed, name="Weekly", foreign={"far@acme.example": {"gmail": "PP"}})
    ann, bob = exported("tests", Scope.of_client(cast.acme))
    assert ann == {
        "client": "acme",
        "vendor": VENDOR,
        "connection": "Tests",
        "test_id": test.external_id,
        "test": "Weekly",
        "subject": "A question",
        "kind": "once",
        "status": "completed",
        "made": f"{days_ago(3)}T06:00:00Z",
        "sender": ANN,
        "domain": "acme.example",
        "state": "known",
        "runs": "1",
        "last_run": days_ago(3).isoformat(),
        "received": "5",
        "primary": "3",
        "promotions": "1",
        "spam": "1",
        "missing": "1",
        "inboxing": "0.8000",
        "low": "0.3755",
        "high": "0.9638",
        "sent": "6",
        "inboxing_of_sent": "0.6667",
        "low_of_sent": "0.3000",
        "high_of_sent": "0.9032",
    }
    assert (bob["sender"], bob["state"], bob["runs"]) == (BOB, "silent", "0")
    assert {bob[name] for name in ("received", "spam", "missing", "inboxing", "sent", "inboxing_of_sent")} == {""}
    assert column(exported("tests", Scope.of_client(cast.birch)), "sender") == [OAK]


def test_runs_of_the_window_are_summed_and_only_those_over_count_as_sent(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPM"}}, on=days_ago(40), kind="automated", status="active")
    run(test, {ANN: {"gmail": "PPSM"}}, on=days_ago(5))
    run(test, {ANN: {"gmail": "S"}}, on=days_ago(1), settled=False)
    Broadcast.objects.filter(day=days_ago(1)).update(missing=None)
    (row,) = exported("tests", Scope.of_client(cast.acme))
    assert [
        row[name] for name in ("state", "runs", "last_run", "received", "missing", "sent", "inboxing", "inboxing_of_sent")
    ] == [*("under way", "2", days_ago(1).isoformat(), "4", "1", "4", "0.5000", "0.5000")]
    mails = exported("test-emails", Scope.of_client(cast.acme))
    assert column(mails, "day") == [days_ago(1).isoformat(), *[days_ago(5).isoformat()] * 4]
    assert column(mails, "outcome") == ["spam", "primary", "primary", "spam", "missing"]
    TestMail.objects.filter(day=days_ago(1), record="received").delete()
    assert column(exported("test-emails", Scope.of_client(cast.acme)), "outcome")[0] == ""
    (whole_,) = fetched(as_user(cast.ben), f"/clients/acme/tests/{test.uuid}/export/tests.csv")
    assert whole_["runs"] == "3"
    (one,) = fetched(as_user(cast.ben), f"/clients/acme/tests/{test.uuid}/export/tests.csv?day={days_ago(40)}")
    assert (one["runs"], one["received"]) == ("1", "2")


def test_of_sent_is_of_all_that_was_sent_and_empty_until_each_has_its_verdict(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPUUM"}}, on=days_ago(20), kind="automated", status="active")
    run(test, {ANN: {"gmail": "PPSM"}}, on=days_ago(5))
    names = ("received", "missing", "inboxing", "sent", "inboxing_of_sent", "low_of_sent", "high_of_sent")
    (row,) = exported("tests", Scope.of_client(cast.acme))
    assert [row[name] for name in names] == ["5", "2", "0.8000", "9", "", "", ""]
    (row,) = fetched(as_user(cast.ben), f"/clients/acme/tests/{test.uuid}/export/tests.csv?day={days_ago(5)}")
    assert [row[name] for name in names[:5]] == ["3", "1", "0.6667", "4", "0.5000"]


def test_a_completed_test_that_may_still_be_read_is_over_as_on_its_page(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PM"}, BOB: {}})
    PlacementTest.objects.update(settled=False)
    assert column(exported("tests", Scope.of_client(cast.acme)), "state") == ["known", "silent"]
    assert "1 silent" in as_user(cast.ben).get(f"/clients/acme/tests/{test.uuid}/").text


def test_who_was_never_asked_is_not_silent(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {}}, kind="automated", status="active")
    PlacementTest.objects.update(gone_at=timezone.now(), read_at=timezone.now(), rows=0)
    assert column(exported("tests", Scope.of_client(cast.acme)), "state") == ["never ran"]
    page = as_user(cast.ben).get(f"/clients/acme/tests/{test.uuid}/").text
    assert ("It never ran" in page, "1 silent" in page, "Nothing came of it" in page) == (True, False, False)
    listed = as_user(cast.ben).get("/clients/acme/tests/").text
    assert ("never ran" in listed, "1 silent" in listed) == (True, False)


def test_a_test_s_matrix_is_its_placement(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPM"}, OAK: {"gmail": "S"}}, on=days_ago(50), kind="automated")
    run(test, {ANN: {"yahoo": "S"}}, on=days_ago(2))
    placement_test(tested, {ANN: {"outlook": "P"}})
    browser, path = as_user(cast.ben), f"/clients/acme/tests/{test.uuid}/export/placement.csv"
    rows = fetched(browser, path)
    assert [(row["from_email"], row["mailbox_provider"], row["received"], row["missing"]) for row in rows] == [
        (ANN, "yahoo", "1", "0"),
        (ANN, "gmail", "2", "1"),
    ]
    assert column(fetched(browser, f"{path}?day={days_ago(50)}"), "mailbox_provider") == ["gmail"]
    assert fetched(browser, f"{path}?day=nonsense") == []


def test_nothing_is_missing_while_results_come_in(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "PM"}, BOB: {}}, status="active", settled=False)
    assert column(exported("test-emails", whole(cast.north)), "outcome") == ["primary", ""]
    rows = exported("tests", whole(cast.north))
    assert column(rows, "state") == ["under way", "under way"]
    assert (rows[0]["received"], rows[0]["missing"], rows[0]["sent"]) == ("1", "", "")


def test_filters_and_sort_of_the_page_are_the_files(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "PS"}}, name="Half", on=days_ago(1))
    placement_test(tested, {BOB: {"gmail": "PP"}, ANN: {"gmail": "PP"}}, name="Best", on=days_ago(2))
    placement_test(tested, {ANN: {"gmail": "S"}}, name="Daily", kind="automated", on=days_ago(3))
    browser, path = as_user(cast.ben), "/clients/acme/tests/export/tests.csv"
    assert column(fetched(browser, path), "test") == ["Half", "Best", "Best", "Daily"]
    assert column(fetched(browser, f"{path}?kind=automated"), "test") == ["Daily"]
    by_inboxing = fetched(browser, f"{path}?sort=-inboxing")
    assert [(row["test"], row["sender"]) for row in by_inboxing] == [
        ("Best", ANN), ("Best", BOB), ("Half", ANN), ("Daily", ANN),
    ]  # fmt: skip
    assert column(fetched(browser, f"{path}?search=bob"), "test") == ["Best", "Best"]
    for table in TABLES:
        assert fetched(browser, path.replace("tests.csv", f"{table}.csv") + "?window=7&search=half")[0]["test"] == "Half"


@pytest.mark.parametrize("table", TABLES)
def test_nobody_gets_what_the_pages_would_not_show(cast: Cast, tested: Connection, table: str) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}, OAK: {"gmail": "P"}, NOBODY: {"gmail": "P"}})
    souths = placement_test(account(cast.south, cast.oak, key="s" * 12), {ANN: {"gmail": "P"}})
    assert column(exported(table, whole(cast.north)), "client") == ["acme", "birch", ""]
    of_viewer = Scope.of_member(cast.cleo.memberships.get(), {})
    assert column(exported(table, of_viewer), "sender") == [ANN]
    path = f"/clients/{{}}/tests/{test.uuid}/export/{table}.csv"
    assert column(fetched(as_user(cast.cleo), path.format("acme")), "sender") == [ANN]
    assert as_user(cast.cleo).get(path.format("birch")).status_code == 404
    assert as_user(cast.ben).get(f"/clients/acme/tests/{souths.uuid}/export/{table}.csv").status_code == 404
    assert as_user(cast.ben).get("/clients/acme/tests/export/placement.csv").status_code == 404
    assert as_user(cast.zoe).get(path.format("acme")).status_code == 404


@pytest.mark.parametrize("table", TABLES)
def test_no_cell_of_words_begins_like_a_formula(cast: Cast, tested: Connection, table: str) -> None:
    tested.label = "=1+1"
    tested.save(update_fields=["label"])
    test = placement_test(tested, {"=cmd@acme.example": {"gmail": "P"}}, name="+1", subject="@x", status="-5")
    TestMail.objects.filter(test=test).update(recipient_email="-seed@x.example", provider_raw="=ESP", region="＝1")
    rows = exported(table, whole(cast.north))
    assert rows
    numbers = set(placement_tests.TESTS[placement_tests.TESTS.index("runs") :])
    assert [cell for row in rows for name, cell in row.items() if name not in numbers and cell[:1] in set(FORMULA_STARTS)] == []


def test_from_a_terminal(cast: Cast, tested: Connection, capsysbinary: Any) -> None:
    placement_test(tested, {ANN: {"gmail": "PM"}, OAK: {"gmail": "P"}}, on=days_ago(400))
    call_command("export", "test-emails", "--client", "acme")
    assert column(read(capsysbinary.readouterr().out), "outcome") == ["primary", "missing"]
    call_command("export", "tests", "--agency", "north")
    assert column(read(capsysbinary.readouterr().out), "client") == ["acme", "birch"]
    call_command("export", "tests", "--agency", "north", "--since", days_ago(9).isoformat())
    assert read(capsysbinary.readouterr().out) == []
