"""The Tests tab: which tests it lists, and what it says of each."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Broadcast, Connection, Feed, PlacementTest, TestOrder
from reports.listing import placement_tests as listing
from reports.listing.keyset import page_of
from reports.listing.sorting import Sort
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.factories import days_ago
from tests.placing import account, placement_test, run
from tests.reports.exports.reading import exported, whole
from tests.reports.reading import as_user, link, text

PATH = "/clients/acme/tests/"
ANN, BOB = "ann@acme.example", "bob@acme.example"
OAK = "oak@birch.example"


def rows(page: str) -> list[list[str]]:
    """Each line's cells as text: made, name and subject, kind, status, senders, received, inboxing, missing, results."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [[_text(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in found]


def names(page: str) -> list[str]:
    return re.findall(r'class="wrap subject"><a[^>]*>([^<]*)</a>', page)


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


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


def test_the_window_holds_what_was_made_or_ran_in_it_and_all_that_is_under_way(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Old")
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Under way", settled=False)
    placement_test(tested, {ANN: {}}, on=days_ago(2), name="New")
    placement_test(tested, {ANN: {}}, on=days_ago(40), name="Put away", kind="automated", status="paused", settled=False)
    again = placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Again", kind="automated")
    run(again, {ANN: {"gmail": "P"}}, on=days_ago(1))
    browser = as_user(cast.ben)
    assert set(names(text(browser.get(PATH)))) == {"Under way", "New", "Again"}
    assert set(names(text(browser.get(f"{PATH}?window=60")))) == {"Old", "Under way", "New", "Again", "Put away"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=spring", {"Spring"}),
        ("search=bob@", {"Spring"}),
        ("search=hello", {"Daily"}),
        ("search=oak@", set()),
        ("status=paused", {"Daily"}),
        ("status=gone", {"Deleted"}),
        ("status=completed", {"Spring"}),
        ("kind=automated", {"Daily"}),
        ("domain=mail.acme.example", {"Daily"}),
        ("status=nonsense", set()),
    ],
)
def test_filters_narrow_the_list(cast: Cast, tested: Connection, query: str, found: set[str]) -> None:
    tested.scopes.create(client=cast.acme, kind="domain", value="mail.acme.example")
    placement_test(tested, {ANN: {"gmail": "P"}, BOB: {}, OAK: {}}, name="Spring")
    placement_test(tested, {"a@mail.acme.example": {}, ANN: {}}, name="Daily", subject="Hello", kind="automated", status="paused")
    placement_test(tested, {ANN: {"gmail": "P"}}, name="Deleted", gone_at=timezone.now())
    page = text(as_user(cast.ben).get(f"{PATH}?{query}"))
    assert set(names(page)) == found
    assert found or "No test matches these filters" in page


def test_a_domain_asked_for_narrows_the_figures_too(cast: Cast, tested: Connection) -> None:
    tested.scopes.create(client=cast.acme, kind="domain", value="mail.acme.example")
    placement_test(tested, {ANN: {"gmail": "P" * 5}, "a@mail.acme.example": {"gmail": "P" * 2 + "M"}})
    (line,) = rows(text(as_user(cast.ben).get(f"{PATH}?domain=mail.acme.example")))
    assert (line[4], line[5], line[7]) == ("1", "2", "1")


@pytest.mark.parametrize("sort", ["", "when", "name", "-name", "received", "-received", "inboxing", "-inboxing", "missing"])
def test_walking_the_pages_there_and_back_meets_each_test_once(
    cast: Cast, tested: Connection, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 3)
    for number in range(8):
        letters = "P" * (number % 4) + "S" * (number % 3) + "M" * (number % 2)
        placement_test(tested, {ANN: {"gmail": letters} if number else {}}, on=days_ago(number // 2), name=f"No {number}")
    browser = as_user(cast.ben)
    page = text(browser.get(f"{PATH}?sort={sort}"))
    there = [names(page)]
    while 'rel="next"' in page:
        page = text(browser.get(PATH + link(page, "next")))
        there.append(names(page))
    assert [len(one) for one in there] == [3, 3, 2]
    assert len({name for one in there for name in one}) == 8
    back = [names(page)]
    while 'rel="prev"' in page:
        page = text(browser.get(PATH + link(page, "prev")))
        back.append(names(page))
    assert back[::-1] == there


def test_sorted_by_inboxing_the_best_come_first_and_those_without_mail_last(cast: Cast, tested: Connection) -> None:
    for name, letters in (("Bad", "PSSS"), ("None", "MM"), ("Good", "PPPP"), ("Half", "PPSS")):
        placement_test(tested, {ANN: {"gmail": letters}, OAK: {"gmail": "P" * 40}}, name=name)
    assert names(text(as_user(cast.ben).get(f"{PATH}?sort=-inboxing"))) == ["Good", "Half", "Bad", "None"]


def test_the_tab_stands_where_an_account_tests_placement(cast: Cast) -> None:
    plain = connect(cast.north, key="a" * 12, client=cast.acme)
    browser = as_user(cast.cleo)
    assert 'href="/clients/acme/tests/' not in text(browser.get("/clients/acme/"))
    account(cast.north, cast.acme)
    assert 'href="/clients/acme/tests/?window=7"' in text(browser.get("/clients/acme/?window=7"))
    assert 'href="/clients/birch/tests/' not in text(as_user(cast.ben).get("/clients/birch/"))
    assert plain


def test_why_there_is_nothing_is_told_apart(cast: Cast) -> None:
    browser = as_user(cast.mo)
    assert "No account with placement tests" in text(browser.get(PATH))
    connection = account(cast.north, cast.acme, read=False)
    assert "Its tests appear here once Tests" in text(browser.get(PATH))
    Feed.objects.filter(connection=connection).exclude(resource="tests").update(last_ok_at=timezone.now())
    reading = text(browser.get(PATH))
    assert "the tests are being read" in reading
    assert 'hx-trigger="every 5s"' in reading
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now())
    assert "No placement tests yet" in text(browser.get(PATH))
    placement_test(connection, {ANN: {"gmail": "P"}}, on=days_ago(90))
    late = text(browser.get(PATH))
    assert "No tests in this window" in late
    assert "every 5s" not in late
    connection.health, connection.health_reason = "refused", "Revoked."
    connection.save(update_fields=["health", "health_reason"])
    assert "The key is refused" in text(browser.get(PATH))


def test_a_vendor_that_is_down_leaves_the_rest_and_is_named(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, name="Before")
    Feed.objects.filter(connection=tested).update(last_ok_at=timezone.now() - 9 * Feed.objects.first().interval, failures=3)
    page = text(as_user(cast.ben).get(PATH))
    assert names(page) == ["Before"]
    assert "Tests is late" in page


def test_a_client_s_name_for_a_test_is_text_and_nothing_else(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, name="<script>alert(1)</script>", subject="<b>x</b>")
    page = text(as_user(cast.ben).get(PATH))
    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_nobody_else_s_tests_are_listed(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {OAK: {"gmail": "P"}}, name="Birch's")
    placement_test(account(cast.south, cast.oak, key="s" * 12), {ANN: {"gmail": "P"}}, name="South's")
    assert rows(text(as_user(cast.ben).get(PATH))) == []
    assert as_user(cast.cleo).get("/clients/birch/tests/").status_code == 404
    assert as_user(cast.zoe).get(PATH).status_code == 404
    assert PlacementTest.objects.count() == 2


def test_an_automated_test_stands_where_its_newest_run_is_and_pages_end_well(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(7), name="Last week")
    for number in range(3):
        automated = placement_test(
            tested, {ANN: {"gmail": "P"}}, on=days_ago(60), name=f"Routine {number}", kind="automated", status="active"
        )
        run(automated, {ANN: {"gmail": "P"}}, on=days_ago(1))
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(0), name="Today")
    page = text(as_user(cast.ben).get(PATH))
    assert names(page) == ["Today", "Routine 2", "Routine 1", "Routine 0", "Last week"]
    assert f"{days_ago(1):%-d %b %Y} set up {days_ago(60):%-d %b %Y}" in rows(page)[1][0]
    scope = Scope.of_client(cast.acme, {}, days=30)
    sort = Sort.read("-when", listing.sorts(scope), "-when")
    asked, met = {"after": ""}, list[str]()
    while True:
        part = page_of(listing.tests(scope), sort, asked, size=2)
        met += [test.name for test in part.rows]
        if not part.after:
            break
        asked = {"after": part.after}
    assert met == names(page)


def test_the_list_looks_again_by_itself_while_something_is_on_its_way(cast: Cast, tested: Connection) -> None:
    again = 'id="tests-now" class="stack" hx-get="'
    test = placement_test(tested, {ANN: {"gmail": "PP"}})
    assert again not in text(as_user(cast.ben).get(PATH))
    PlacementTest.objects.filter(pk=test.pk).update(settled=False, status="active")
    Broadcast.objects.update(missing=None)
    assert again in text(as_user(cast.ben).get(PATH))
    PlacementTest.objects.filter(pk=test.pk).update(settled=True)
    Feed.objects.filter(connection=tested).update(last_ok_at=None)
    assert again in text(as_user(cast.ben).get(PATH)), "the first sync goes on"
    Feed.objects.filter(connection=tested).update(last_ok_at=timezone.now())
    wanted = {"name": "Autumn", "groups": []}
    TestOrder.objects.create(client=cast.acme, connection=tested, wanted=wanted, state="ready")
    page = text(as_user(cast.mo).get(PATH))
    assert again in page
    assert "<strong>Autumn</strong> is on its way" in page
    assert "Autumn" not in text(as_user(cast.cleo).get(PATH))


def test_who_may_is_offered_what_can_be_done(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PP"}}, kind="automated", status="paused")
    place = f"/clients/acme/tests/{test.uuid}/"
    for user, may in ((cast.mo, True), (cast.ben, False), (cast.cleo, False)):
        listed, alone = text(as_user(user).get(PATH)), text(as_user(user).get(place))
        assert ("New test…" in listed, f"{place}resume/" in listed, f"{place}delete/" in alone) == (may, may, may)
    PlacementTest.objects.update(gone_at=timezone.now())
    alone = text(as_user(cast.mo).get(place))
    assert (f"{place}resume/" in alone, f"?again={test.uuid}" in alone) == (False, True)


def test_mails_without_a_verdict_are_not_all_in(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPUUM"}}, settled=False)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-2:] == ["1", "2 without a verdict yet"]
    PlacementTest.objects.filter(pk=test.pk).update(settled=True)
    assert rows(text(as_user(cast.ben).get(PATH)))[0][-1] == "2 without a verdict"
