"""The Tests tab: what the line of a test says of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clients.models import Broadcast, Connection, PlacementTest
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import placement_test, run
from tests.reports.exports.reading import exported, whole
from tests.reports.reading import as_user, text
from tests.reports.tests_tab import PATH, rows

ANN, BOB = "ann@acme.example", "bob@acme.example"
OAK = "oak@birch.example"


def test_a_test_shows_what_this_client_s_own_senders_brought(cast: Cast, tested: Connection) -> None:
    landed = {ANN: {"gmail": "P" * 20 + "SSMMM"}, BOB: {}, OAK: {"gmail": "S" * 25}}
    placement_test(tested, landed, name="Both", subject="Hello", foreign={"else@acme.example": {"gmail": "P" * 9}})
    (line,) = rows(text(as_user(cast.ben).get(PATH)))
    made = f"{days_ago(3):%-d %b %Y}"
    assert line[:6] == [made, "Both Hello", "One-time", "Completed", "2 1 silent", "22"]
    assert line[6].startswith("90.9 %")
    assert line[7:] == ["3", "all in"]
    (other,) = rows(text(as_user(cast.ben).get("/clients/birch/tests/")))
    assert other[4:6] == ["1", "25"]
    assert other[6].startswith("0.0 %")


def test_few_mails_are_greyed_and_nothing_received_is_no_rate(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "PPS"}}, name="Few")
    placement_test(tested, {ANN: {"gmail": "MMM"}}, name="Lost")
    placement_test(tested, {ANN: {}}, name="Silent")
    found = {line[1].split()[0]: line for line in rows(text(as_user(cast.ben).get(PATH)))}
    assert found["Few"][5:8] == ["3", "66.7 % few mails", "0"]
    assert found["Lost"][5:8] == ["0", "–", "3"]
    assert found["Silent"][4:] == ["1 1 silent", "–", "–", "–", "none"]


def test_while_results_come_in_it_says_how_many_are_in(cast: Cast, tested: Connection) -> None:
    landed = {ANN: {"gmail": "PPPU"}, BOB: {}, OAK: {"gmail": "PPPP"}}
    placement_test(tested, landed, status="active", settled=False, seeds=10)
    (line,) = rows(text(as_user(cast.ben).get(PATH)))
    assert line[3:6] == ["Active", "2", "3"]  # nobody is called silent yet
    assert line[7:] == ["–", "3 of 20 in"]


def test_an_automated_test_sums_the_runs_of_the_window(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P" * 30}}, on=days_ago(50), kind="automated", status="active")
    for ago in (10, 3):
        run(test, {ANN: {"gmail": "P" * 20 + "S" * 10}}, on=days_ago(ago))
    browser = as_user(cast.ben)
    last = f"{days_ago(3).day} {days_ago(3):%b}"
    assert rows(text(browser.get(PATH)))[0][5:] == ["60", "66.7 % 54.1–77.3 %", "0", f"2 runs, last {last}"]
    assert rows(text(browser.get(f"{PATH}?window=60")))[0][5] == "90"
    assert rows(text(browser.get(f"{PATH}?window=7")))[0][5] == "30"


@pytest.mark.parametrize("kind", ["once", "automated"])
def test_what_was_not_read_yet_is_neither_silent_nor_coming_in(cast: Cast, tested: Connection, kind: str) -> None:
    """In a first sync the list comes long before the results."""
    for ago in (3, 90):
        placement_test(tested, {ANN: {}}, on=days_ago(ago), settled=False, kind=kind)
    PlacementTest.objects.update(read_at=None)
    browser = as_user(cast.ben)
    (line,) = rows(text(browser.get(PATH)))
    assert line[4:] == ["1", "–", "–", "–", "not read yet"]
    page = text(browser.get(f"{PATH}{PlacementTest.objects.earliest('pk').uuid}/"))
    assert "Not read yet" in page
    assert "silent" not in page
    assert "nothing in yet" in page
    assert re.search(r'id="test-progress" hx-get="[^"]*" hx-trigger="every 5s"', page)
    assert {row["state"] for row in exported("tests", whole(cast.north))} == {"under way"}


def test_an_automated_test_that_is_quiet_is_not_coming_in(cast: Cast, tested: Connection) -> None:
    """It is never settled where nothing tells of its next run."""
    placement_test(tested, {ANN: {"gmail": "PPM"}}, kind="automated", status="active", settled=False)
    Broadcast.objects.update(missing=1)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-1].startswith("1 run, last")
    Broadcast.objects.update(missing=None)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-1] == "2 of 3 in"


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("automated", {"status": "active", "on": days_ago(0)}, "No run of it has brought anything yet"),
        ("automated", {"status": "paused"}, "It is paused"),
        ("once", {"status": "active"}, "although the vendor counts it as under way"),
        ("once", {"status": "active", "not_sending": "daily_limits_hit"}, "does not send it now: daily limits hit."),
    ],
)
def test_of_what_has_not_run_nobody_is_silent(cast: Cast, tested: Connection, kind: str, fields: Any, said: str) -> None:
    test = placement_test(tested, {ANN: {}, BOB: {}}, kind=kind, settled=False, seeds=8, **fields)
    browser = as_user(cast.ben)
    (line,) = rows(text(browser.get(PATH)))
    assert line[0].startswith("not yet set up ")
    assert line[4:] == ["2", "–", "–", "–", "has not run yet"]
    page = text(browser.get(f"{PATH}{test.uuid}/"))
    assert ("No results yet" if "on" in fields else "It has not run yet") in page
    assert said in page
    assert not re.search("silent|Nothing came|shows them by itself|Results are coming in", page)
    looks_again = re.search(r'id="test-progress" hx-get', page) is not None
    assert looks_again == ("on" in fields)
    assert {row["state"] for row in exported("tests", whole(cast.north))} == {"has not run yet"}


def test_a_sender_is_not_silent_while_the_others_come_in(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}, BOB: {}}, kind="automated", status="active", settled=False)
    Broadcast.objects.update(missing=None)
    assert {row["state"] for row in exported("tests", whole(cast.north))} == {"under way"}


def test_why_the_vendor_does_not_send_is_said_while_it_matters(cast: Cast, tested: Connection) -> None:
    held = placement_test(tested, {ANN: {}}, status="active", settled=False, not_sending="daily_limits_hit")
    assert rows(text(as_user(cast.ben).get(PATH)))[0][3] == "Active daily limits hit"
    assert "does not send it now: daily limits hit." in text(as_user(cast.ben).get(f"{PATH}{held.uuid}/"))
    PlacementTest.objects.update(settled=True)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][3] == "Active"


def test_a_domain_asked_for_narrows_the_figures_too(cast: Cast, tested: Connection) -> None:
    tested.scopes.create(client=cast.acme, kind="domain", value="mail.acme.example")
    placement_test(tested, {ANN: {"gmail": "P" * 5}, "a@mail.acme.example": {"gmail": "P" * 2 + "M"}})
    (line,) = rows(text(as_user(cast.ben).get(f"{PATH}?domain=mail.acme.example")))
    assert (line[4], line[5], line[7]) == ("1", "2", "1")


def test_a_client_s_name_for_a_test_is_text_and_nothing_else(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, name="<script>alert(1)</script>", subject="<b>x</b>")
    page = text(as_user(cast.ben).get(PATH))
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_mails_without_a_verdict_are_not_all_in(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPUUM"}}, settled=False)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-2:] == ["1", "2 without a verdict yet"]
    PlacementTest.objects.filter(pk=test.pk).update(settled=True)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-1] == "2 without a verdict"
