"""One placement test's page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Connection, PlacementTest, TestMail
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import account, placement_test, report, run
from tests.reports.one_test import matrix, path, table
from tests.reports.reading import as_user, text, words

ANN, BOB, CAT = "ann@acme.example", "bob@acme.example", "cat@acme.example"
OAK = "oak@birch.example"
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def test_each_sender_at_each_mailbox_provider_with_its_n(cast: Cast, tested: Connection) -> None:
    landed = {
        ANN: {"gmail": "P" * 15 + "C" * 5 + "S" * 5 + "MM", "outlook": "PPS"},
        BOB: {"gmail": "P" * 20 + "MMMM", "outlook": "MMM"},
        OAK: {"yahoo": "S" * 30},
    }
    page = text(as_user(cast.ben).get(path(placement_test(tested, landed))))
    assert matrix(page) == {
        "ann@acme.example": ["80 25", "67 3", "78.6 % 60.5–89.8 %", "73.3 % 55.6–85.8 %", "2"],
        "bob@acme.example": ["100 20", "– 3 missing", "100.0 % 83.9–100 %", "74.1 % 55.3–86.8 %", "7"],
        "Allsenders": ["89 45", "67 3", "87.5 % 75.3–94.1 %", "73.7 % 61.0–83.4 %", "9"],
    }
    assert "Yahoo" not in page
    assert re.search(r'band-few" title="few mails: 66.7 % of 3 mails[^"]*">67<', page)
    assert "; 2 missing" in page
    assert "1 sender that is not this client's" in words(page)
    assert list(matrix(text(as_user(cast.ben).get(path(PlacementTest.objects.get(), "birch"))))) == [
        "oak@birch.example",
        "Allsenders",
    ]


def test_a_mailbox_provider_that_we_have_no_word_for_keeps_the_vendors_name(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PP", "other": "P" * 20 + "SSMM"}, BOB: {"gmail": "PP"}})
    theirs = TestMail.objects.filter(test=test, mailbox_provider="other")
    theirs.update(provider_raw="ESP 77 Personal")
    seeds = sorted(set(theirs.values_list("recipient_email", flat=True)))
    theirs.filter(recipient_email__in=[seeds[0], seeds[-1]]).update(provider_raw="<b>AirMail</b>")
    page = text(as_user(cast.ben).get(path(test)))
    assert "<b>AirMail" not in page
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page.partition("By sender and mailbox provider</h2>")[2])[:5]
    assert [unescape(head) for head in heads] == ["Sender", "Gmail", "<b>AirMail</b>", "ESP 77 Personal", "Of received"]
    cells = matrix(page)
    assert cells["ann@acme.example"] == ["100 2", "100 2", "90 20", "91.7 % 74.2–97.7 %", "84.6 % 66.5–93.8 %", "2"]
    assert cells["bob@acme.example"][1:3] == ["–", "–"]
    assert cells["Allsenders"] == ["100 4", "100 2", "90 20", "92.3 % 75.9–97.9 %", "85.7 % 68.5–94.3 %", "2"]
    theirs.update(provider_raw="")
    assert "Other</th>" in text(as_user(cast.ben).get(path(test)))


def test_a_silent_sender_is_called_so_and_has_no_rate(cast: Cast, tested: Connection) -> None:
    page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": "P" * 30}, BOB: {}}))))
    assert matrix(page)["bob@acme.examplesilent"] == ["–", "–", "–", "–"]
    assert list(matrix(page)) == ["ann@acme.example", "bob@acme.examplesilent", "Allsenders"]
    assert "1 silent" in page
    silent = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {}}))))
    assert "Nothing came of it" in silent
    assert not re.search(r"\b(0|100)(\.0)? %", words(silent).replace("neither 0 % nor 100 %", ""))


def test_nothing_received_is_missing_and_not_zero(cast: Cast, tested: Connection) -> None:
    page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": "MMMM"}}))))
    assert matrix(page)["ann@acme.example"] == ["– 4 missing", "–", "0.0 % few mails", "4"]


def test_foreign_senders_are_named_once_and_count_nowhere(cast: Cast, tested: Connection) -> None:
    foreign = {"other@acme.example": {"gmail": "S" * 9}, "far@birch.example": {"gmail": "SS"}}
    test = placement_test(tested, {ANN: {"gmail": "P" * 30}}, foreign=foreign)
    page = text(as_user(cast.ben).get(path(test)))
    named = "senders that are not in the test (far@birch.example, other@acme.example)"
    assert f"names {named}: 22 rows of such senders were left out." in page
    assert matrix(page)["Allsenders"][1].startswith("100.0 %")
    assert table(page, "By region")["UnitedStates"][0] == "30"


def test_a_viewer_is_told_of_foreign_rows_and_of_no_address(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}, OAK: {"gmail": "P"}}, foreign={"far@birch.example": {"gmail": "S"}})
    page = text(as_user(cast.cleo).get(path(test)))
    assert "2 rows of such senders were left out" in page
    assert "birch" not in page


def test_by_region_with_what_is_missing_apart(cast: Cast, tested: Connection) -> None:
    landed = {ANN: {"gmail": "P" * 20 + "M", "outlook": "PPSSMM"}, BOB: {"outlook": "PP"}}
    found = table(text(as_user(cast.ben).get(path(placement_test(tested, landed)))), "By region")
    assert found["UnitedStates"] == ["20", "100.0 % 83.9–100 %", "95.2 % 77.3–99.2 %", "0 · 0.0 %", "1"]
    assert found["Germany"] == ["6", "66.7 % 30.0–90.3 %", "50.0 % 21.5–78.5 %", "2 · 33.3 %", "2"]


def test_the_runs_of_an_automated_test_are_a_choice(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P" * 30}, BOB: {}}, on=days_ago(9), kind="automated", status="active")
    run(test, {ANN: {"gmail": "S" * 20 + "F"}, BOB: {"yahoo": "PP"}}, on=days_ago(2))
    report(test, "acme.example", score=1.0, day=days_ago(9))
    report(test, "acme.example", score=7.0, day=days_ago(2))
    browser = as_user(cast.ben)
    newest = text(browser.get(path(test)))
    assert re.findall(r'<option value="([^"]*)"( selected)?', newest) == [
        (days_ago(2).isoformat(), " selected"),
        (days_ago(9).isoformat(), ""),
    ]
    assert matrix(newest)["Allsenders"][0] == "5 21"
    assert table(newest, "By sending domain")["acme.example"][-1] == "7.0"
    first = text(browser.get(f"{path(test)}?day={days_ago(9)}"))
    assert matrix(first)["Allsenders"][0] == "100 30"
    assert "bob@acme.examplesilent" in matrix(first)
    assert table(first, "Authentication")["SPF"][2:] == ["30", "0"]
    assert table(first, "By sending domain")["acme.example"][-1] == "1.0"
    assert f"test-emails.csv?day={days_ago(9)}" in first
    for odd in ("nonsense", "2001-01-01"):
        assert matrix(text(browser.get(f"{path(test)}?day={odd}"))) == matrix(newest)


def test_while_results_come_in_the_page_asks_for_more_and_then_stops(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPPU"}, BOB: {}}, status="active", settled=False, seeds=10)
    browser = as_user(cast.ben)
    page = text(browser.get(path(test)))
    assert "3 of 20 in" in page
    assert "nothing in yet" in page
    assert "silent" not in page
    assert matrix(page)["Allsenders"][-2:] == ["–", "–"]  # what is missing is not known yet
    (ask,) = re.findall(r'id="test-progress" hx-get="([^"]*)" hx-trigger="every 5s"', page)
    same = browser.get(ask, headers=HTMX)
    assert "3 of 20 in" in text(same)
    assert "HX-Trigger-After-Settle" not in same
    PlacementTest.objects.update(status="completed")
    test.refresh_from_db()
    run(test, {BOB: {"gmail": "P" * 30}}, on=test.created_at.date())
    over = browser.get(ask, headers=HTMX)
    assert "hx-trigger" not in text(over)
    assert "rows:new" in over["HX-Trigger-After-Settle"]
    assert browser.get(f"{path(test)}progress/").url == path(test)


def test_htmx_gets_the_results_alone(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}})
    part = text(as_user(cast.ben).get(path(test), headers=HTMX))
    assert part.lstrip().startswith('<div id="results"')
    assert "<html" not in part


def test_before_the_first_result_the_page_says_when_to_expect_it(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {}}, on=days_ago(0), status="active", settled=False, seeds=8)
    page = text(as_user(cast.ben).get(path(test)))
    assert "No results yet" in page
    assert "0 of 8 in" in page


def test_what_is_done_after_a_run_stands_in_words_and_no_webhook_s_address(cast: Cast, tested: Connection) -> None:
    told = {"webhook_url": "https://hooks.example/T0/secret", "pause_sending_campaigns_for": 3, "pause": True}
    below = {"when": {"condition": "placement_goes_below", "condition_value": 20}, "then": told}
    at = {"days": {"1": True}, "timing": {"from": "06:00", "to": "18:00"}, "timezone": "America/Chicago"}
    test = placement_test(tested, {ANN: {"gmail": "P"}}, kind="automated", raw={"automations": [below], "schedule": at})
    page = text(as_user(cast.ben).get(path(test)))
    effects = "pause campaigns for 3 days, pause the sender, call a webhook at hooks.example"
    assert f"After a run When inboxing goes below 20 %, {effects}" in words(page)
    assert "Runs Mon 06:00–18:00, America/Chicago" in words(page)
    assert "secret" not in page
    PlacementTest.objects.update(raw={})
    assert "After a run nothing is done by itself" in words(text(as_user(cast.ben).get(path(test))))
    once = placement_test(tested, {ANN: {"gmail": "P"}})
    assert "After a run" not in text(as_user(cast.ben).get(path(once)))


def test_of_how_many_is_not_said_of_a_test_that_anybody_may_write_to(cast: Cast, tested: Connection) -> None:
    raw = {"sending_method": 2, "recipients": [f"s{n}@seeds.example" for n in range(4)]}
    test = placement_test(tested, {ANN: {"gmail": "PP"}}, status="active", settled=False, seeds=4, raw=raw)
    page = text(as_user(cast.ben).get(path(test)))
    assert "2 in, of how many nobody knows" in page
    assert not re.search(r"\d of \d+ in\b", page)


def test_what_was_sent_is_folded_away(cast: Cast, tested: Connection) -> None:
    groups = [{"region": "Europe", "sub_region": "DE", "type": "Personal", "esp": "Google"}]
    raw = {"recipients_labels": groups, "sending_method": 1, "delivery_mode": 2, "text_only": True}
    page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": "P"}}, raw=raw))))
    told = words(page.partition("<summary>What was sent</summary>")[2].partition("</details>")[0])
    assert told.startswith("Subject A question Seed groups Google, Personal, DE Delivery ")
    assert "Sent by Instantly Open pixel none Mail its text is not kept here" in told


def test_of_sent_is_coloured_nowhere(cast: Cast, tested: Connection) -> None:
    page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": "P" * 20 + "S" * 20 + "MM"}}))))
    cells = re.findall(r'<td class="([^"]*)"[^>]*>47.6 %', page)
    assert len(cells) == 3, "of the sender, of all and of the region"
    assert set(cells) == {"number"}


def test_a_mail_without_a_verdict_is_named_where_it_counts_and_where_it_does_not(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPSU"}}, status="active", settled=False)
    TestMail.objects.filter(record="received").update(spf=True)
    page = words(text(as_user(cast.ben).get(path(test))))
    assert "inboxing, of 3 mails received" in page
    assert "arrived, no verdict yet 1" in page
    assert "of the 4 mails that arrived, 1 of them without a verdict yet" in page
    assert table(text(as_user(cast.ben).get(path(test))), "Authentication")["SPF"][2] == "4"
    TestMail.objects.filter(is_spam=None, record="received").update(is_spam=True)
    run(test, {}, on=days_ago(3), settled=False)
    decided = words(text(as_user(cast.ben).get(path(test))))
    assert "verdict" not in decided
    assert "Authentication of the mails received" in decided


def test_a_deleted_test_is_shown_as_it_was(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P" * 30}})
    test.broadcasts.update(gone_at=timezone.now())
    PlacementTest.objects.update(gone_at=timezone.now())
    page = text(as_user(cast.ben).get(path(test)))
    assert "The vendor no longer lists this test." in page
    assert matrix(page)["Allsenders"][0] == "100 30"


def test_many_senders_come_in_pages_with_the_sum_of_all(cast: Cast, tested: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.views.placement_tests.SENDERS", 2)
    test = placement_test(tested, {f"s{n}@acme.example": {"gmail": "P" * (9 + n) + "S"} for n in range(5)})
    browser = as_user(cast.ben)
    assert list(matrix(text(browser.get(path(test))))) == ["s0@acme.example", "s1@acme.example", "Allsenders"]
    last = matrix(text(browser.get(f"{path(test)}?page=3")))
    assert list(last) == ["s4@acme.example", "Allsenders"]
    assert last["Allsenders"][0] == "92 60"


def test_a_test_is_found_under_the_clients_that_have_senders_in_it(cast: Cast, tested: Connection) -> None:
    mine, theirs = placement_test(tested, {ANN: {"gmail": "P"}}), placement_test(tested, {OAK: {"gmail": "P"}})
    souths = placement_test(account(cast.south, cast.oak, key="s" * 12), {ANN: {"gmail": "P"}})
    ben, cleo = as_user(cast.ben), as_user(cast.cleo)
    assert [ben.get(path(test)).status_code for test in (mine, theirs, souths)] == [200, 404, 404]
    assert [ben.get(f"{path(test)}progress/", headers=HTMX).status_code for test in (mine, theirs)] == [200, 404]
    assert [cleo.get(path(mine)).status_code, cleo.get(path(theirs, "birch")).status_code] == [200, 404]
    assert as_user(cast.zoe).get(path(souths, "oak")).status_code == 200


def test_the_page_costs_as_many_queries_for_many_senders_and_runs_as_for_one(
    cast: Cast, tested: Connection, django_assert_max_num_queries: Any
) -> None:
    def made(senders: int, runs: int) -> PlacementTest:
        landed = {f"s{n}@acme.example": {"gmail": "PPSF", "yahoo": "PM"} for n in range(senders)}
        foreign = {"far@far.example": {"gmail": "P"}}
        test = placement_test(tested, landed, kind="automated", on=days_ago(20), foreign=foreign)
        for ago in range(runs):
            run(test, landed, on=days_ago(ago))
        report(test, "acme.example")
        return test

    browser, few, many = as_user(cast.ben), made(1, 0), made(12, 5)
    browser.get(path(few))
    with django_assert_max_num_queries(12) as one:
        text(browser.get(path(few)))
    with django_assert_max_num_queries(12) as all_of_them:
        text(browser.get(path(many)))
    assert len(all_of_them) == len(one)


def facts(page: str) -> str:
    return words(re.search(r'<dl class="facts">.*?</dl>', page, re.DOTALL)[0])


def test_of_sent_is_of_all_that_was_sent_and_told_when_each_has_its_verdict(cast: Cast, tested: Connection) -> None:
    """77 of 80 mails came, and nobody knows where: that is neither 0 % nor of 3."""
    test = placement_test(tested, {ANN: {"gmail": "U" * 77 + "MMM"}, BOB: {"gmail": "P" * 20 + "U"}}, settled=False)
    page = text(as_user(cast.ben).get(path(test)))
    assert matrix(page) == {
        "ann@acme.example": ["– 77 no verdict", "–", "–", "3"],
        "bob@acme.example": ["100 20", "100.0 % 83.9–100 %", "–", "0"],
        "Allsenders": ["100 20", "100.0 % 83.9–100 %", "–", "3"],
    }
    assert table(page, "By region")["UnitedStates"][2] == "–"
    assert "inboxing, of 101 sent not known: 78 have no verdict –" in facts(page)
    assert "arrived, no verdict yet 78" in facts(page)
    assert "77 without a verdict, 3 missing" in page
    assert "nothing received" not in page
    PlacementTest.objects.update(settled=True)
    assert "arrived, no verdict no longer asked for 78" in facts(text(as_user(cast.ben).get(path(test))))


def test_of_sent_says_that_it_is_of_few_mails(cast: Cast, tested: Connection) -> None:
    page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": "PPS"}}))))
    assert matrix(page)["ann@acme.example"][1:3] == ["66.7 % few mails", "66.7 % few mails"]
    assert "inboxing, of 3 sent few mails" in facts(page)
