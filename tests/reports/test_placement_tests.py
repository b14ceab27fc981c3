"""The Tests tab: which tests it lists, in what order, and what it offers."""

from __future__ import annotations

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
from tests.reports.reading import as_user, link, subjects, text
from tests.reports.tests_tab import PATH, rows

ANN, BOB = "ann@acme.example", "bob@acme.example"
OAK = "oak@birch.example"


def test_the_window_holds_what_was_made_or_ran_in_it_and_all_that_is_under_way(cast: Cast, tested: Connection) -> None:
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Old")
    placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Under way", settled=False)
    placement_test(tested, {ANN: {}}, on=days_ago(2), name="New")
    placement_test(tested, {ANN: {}}, on=days_ago(40), name="Put away", kind="automated", status="paused", settled=False)
    again = placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(40), name="Again", kind="automated")
    run(again, {ANN: {"gmail": "P"}}, on=days_ago(1))
    browser = as_user(cast.ben)
    assert set(subjects(text(browser.get(PATH)))) == {"Under way", "New", "Again"}
    assert set(subjects(text(browser.get(f"{PATH}?window=60")))) == {"Old", "Under way", "New", "Again", "Put away"}


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
    assert set(subjects(page)) == found
    assert found or "No test matches these filters" in page


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
    there = [subjects(page)]
    while 'rel="next"' in page:
        page = text(browser.get(PATH + link(page, "next")))
        there.append(subjects(page))
    assert [len(one) for one in there] == [3, 3, 2]
    assert len({name for one in there for name in one}) == 8
    back = [subjects(page)]
    while 'rel="prev"' in page:
        page = text(browser.get(PATH + link(page, "prev")))
        back.append(subjects(page))
    assert back[::-1] == there


def test_sorted_by_inboxing_the_best_come_first_and_those_without_mail_last(cast: Cast, tested: Connection) -> None:
    for name, letters in (("Bad", "PSSS"), ("None", "MM"), ("Good", "PPPP"), ("Half", "PPSS")):
        placement_test(tested, {ANN: {"gmail": letters}, OAK: {"gmail": "P" * 40}}, name=name)
    assert subjects(text(as_user(cast.ben).get(f"{PATH}?sort=-inboxing"))) == ["Good", "Half", "Bad", "None"]


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
    assert subjects(page) == ["Before"]
    assert "Tests is late" in page


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
    assert subjects(page) == ["Today", "Routine 2", "Routine 1", "Routine 0", "Last week"]
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
    assert met == subjects(page)


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
