"""The Placement tab of a client with two vendors."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from agency.models import Agency
from clients.models import Client, Connection, SenderTag
from clients.vendors import VENDORS
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.placing import LABEL, VENDOR, account, placement_test
from tests.reports.exports.reading import fetched
from tests.reports.placement_tab import charts
from tests.reports.reading import as_user, text

PATH = "/clients/acme/"
ANN = "ann@acme.example"
OTHER = VENDORS["inboxally"].label


def both(agency: Agency, client: Client, mailed: dict[str, tuple[int, int, int]], tested: dict[str, str]) -> list[Connection]:
    plain, tests = connect(agency, key="a" * 12, client=client), account(agency, client)
    mail(plain, client, days_ago(2), mailed)
    placement_test(tests, {ANN: tested})
    roll_up(plain, tests)
    return [plain, tests]


def table(page: str) -> dict[str, list[str]]:
    body = re.search(r'aria-label="By vendor" tabindex="0">(.*?)</table>', page, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    rows = [[_words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in found]
    return {row[0]: row[1:] for row in rows}


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_where_vendors_differ_by_more_than_chance_the_page_says_so(cast: Cast) -> None:
    mailed = {"outlook": (410, 0, 590), "gmail": (80, 10, 10)}
    both(cast.north, cast.acme, mailed, {"outlook": "P" * 144 + "S" * 56, "gmail": "P" * 85 + "S" * 15, "web_de": "PPP"})
    page = text(as_user(cast.cleo).get(PATH))
    shows = f"{OTHER}&#x27;s broadcasts show 41 % (38–44), {LABEL}&#x27;s tests 72 % (65–78)"
    assert f"At Outlook {shows}: they differ by more than chance." in page
    assert page.count("more than chance") == 1
    assert table(page) == {
        "Mailbox provider": [OTHER, LABEL],
        "Gmail": ["90 100", "85 100"],
        "Outlook they differ": ["41 1,000", "72 200"],
        "Web.de": ["–", "100 3"],
    }


@pytest.mark.parametrize(
    ("mailed", "tested"),
    [
        ((9, 0, 1), "S" * 10),  # few mails, however far apart
        ((80, 0, 20), "P" * 75 + "S" * 25),  # within chance
        ((0, 0, 0), "S" * 40),  # only one of them has any
    ],
)
def test_chance_and_few_mails_are_no_disagreement(cast: Cast, mailed: tuple[int, int, int], tested: str) -> None:
    both(cast.north, cast.acme, {"gmail": mailed, "yahoo": (30, 0, 0)}, {"gmail": tested, "yahoo": "P" * 30})
    page = text(as_user(cast.ben).get(PATH))
    assert "By vendor" in page
    assert "differ" not in page


def test_the_more_is_looked_at_the_more_is_asked_of_each(cast: Cast) -> None:
    """60 and 75 of 100 differ by more than chance alone; among five such pairs that is no wonder."""
    alone, among = {"gmail": (60, 0, 40)}, dict.fromkeys(("yahoo", "outlook", "web_de", "libero"), (90, 0, 10))
    both(cast.north, cast.acme, alone, {"gmail": "P" * 75 + "S" * 25})
    both(cast.south, cast.oak, alone | among, {"gmail": "P" * 75 + "S" * 25, **dict.fromkeys(among, "P" * 90 + "S" * 10)})
    assert "differ by more than chance" in text(as_user(cast.ben).get(PATH))
    assert "differ" not in text(as_user(cast.zoe).get("/clients/oak/"))


def test_a_mailbox_provider_asked_for_makes_no_vendors_disagree_that_did_not(cast: Cast) -> None:
    others = dict.fromkeys(("yahoo", "outlook", "web_de", "libero"), (90, 0, 10))
    tested = {"gmail": "P" * 75 + "S" * 25, **dict.fromkeys(others, "P" * 90 + "S" * 10)}
    both(cast.north, cast.acme, {"gmail": (60, 0, 40)} | others, tested)
    assert "differ" not in text(as_user(cast.ben).get(f"{PATH}?mailbox_provider=gmail"))


def test_a_mark_stands_where_they_disagree_and_leads_to_both(cast: Cast) -> None:
    mailed = {"outlook": (410, 0, 590), "gmail": (90, 0, 10)}
    both(cast.north, cast.acme, mailed, {"outlook": "P" * 144 + "S" * 56, "gmail": "P" * 90 + "S" * 10})
    page = text(as_user(cast.ben).get(PATH))
    said = f"{OTHER} 41 % (38–44), {LABEL} 72 % (65–78): they disagree"
    marks = re.findall(r'<a class="disagree" href="([^"]*)" title="([^"]*)">', page)
    assert marks == [("#vendors-heading", said)] * 2, "on its tile and in the table of its weeks"
    assert f'<span class="visually-hidden">{said}</span>' in page
    assert charts(page)["heat"]["data"][0]["y"] == ["Gmail", "Outlook ≠"]
    assert "≠ <a" in page
    alone = text(as_user(cast.ben).get(f"{PATH}?vendor={VENDOR}"))
    assert "disagree" not in alone
    assert "≠" not in alone


def test_each_vendor_has_a_line_of_its_own(cast: Cast) -> None:
    plain, tests = both(cast.north, cast.acme, {"gmail": (50, 0, 50)}, {"gmail": "P" * 20 + "S" * 20})
    mail(plain, cast.acme, days_ago(1), {"gmail": (10, 0, 9), "yahoo": (30, 0, 0)})
    roll_up(plain, tests)
    page = text(as_user(cast.ben).get(f"{PATH}?window=7"))
    first, few, second = charts(page)["at-gmail"]["data"]
    assert [one["name"] for one in (first, few, second)] == [OTHER, f"{OTHER}, few mails:", LABEL]
    assert ([at for at in first["y"] if at], [at for at in second["y"] if at]) == ([50.0], [50.0])
    assert (few["x"], few["mode"]) == ([days_ago(1).isoformat()], "markers")
    assert first["line"]["color"] == second["line"]["color"] != few["marker"]["color"]
    for name in ("at-yahoo", "vendors"):
        first, second = charts(page)[name]["data"]
        assert [first["name"], second["name"]] == [OTHER, LABEL], "as in the legend"
        assert first["line"]["dash"] != second["line"]["dash"]
    assert len(re.findall(r'<i class="key vendor (?:first|second)"></i>', page)) == 4
    heads = [_words(cell) for cell in re.findall(r'<tr><th scope="row">([^<]*)</th>', page)]
    assert [head for head in heads if "," in head] == [f"Gmail, {OTHER}", f"Gmail, {LABEL}"], "Yahoo has one of them alone"


def test_the_chart_by_vendor_has_its_table(cast: Cast) -> None:
    both(cast.north, cast.acme, {"gmail": (50, 0, 50)}, {"gmail": "P" * 20 + "S" * 20})
    page = text(as_user(cast.ben).get(PATH))
    body = re.search(r'aria-label="By vendor over time" tabindex="0">(.*?)</table>', page, re.DOTALL)
    assert [_words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", body[1], re.DOTALL)] == [
        "Day", OTHER, LABEL, day(2), "50 100 40.4–59.6 %", "–", day(3), "–", "50 40 35.2–64.8 %",
    ]  # fmt: skip


def day(ago: int) -> str:
    at = days_ago(ago)
    return f"{at:%a} {at.day} {at:%b}"


def test_the_lines_of_one_vendor_are_as_they_were(cast: Cast) -> None:
    plain, tests = both(cast.north, cast.acme, {"gmail": (50, 0, 50)}, {})
    mail(plain, cast.acme, days_ago(1), {"gmail": (10, 0, 9)})
    roll_up(plain, tests)
    page = text(as_user(cast.ben).get(PATH))
    (line,) = charts(page)["at-gmail"]["data"]
    assert [at for at in line["y"] if at] == [50.0, 52.63]
    assert "vendors" not in charts(page)
    assert "key vendor" not in page


def test_what_a_removed_account_measured_stands_beside_the_other_s(cast: Cast) -> None:
    _, tests = both(cast.north, cast.acme, {"gmail": (410, 0, 590)}, {"gmail": "P" * 144 + "S" * 56})
    Connection.objects.filter(pk=tests.pk).update(removed_at=timezone.now())
    assert table(text(as_user(cast.ben).get(PATH)))["Gmail they differ"] == ["41 1,000", "72 200"]


def test_where_there_are_few_mails_nothing_is_looked_at(cast: Cast) -> None:
    few = ("yahoo", "outlook", "web_de", "libero")
    mailed = {"gmail": (60, 0, 40), **dict.fromkeys(few, (5, 0, 0))}
    both(cast.north, cast.acme, mailed, {"gmail": "P" * 75 + "S" * 25, **dict.fromkeys(few, "PPPP")})
    assert "differ by more than chance" in text(as_user(cast.ben).get(PATH))


def test_the_vendors_figures_sum_to_the_page_s(cast: Cast) -> None:
    both(cast.north, cast.acme, {"gmail": (50, 5, 5)}, {"gmail": "P" * 20 + "SSMM"})
    browser = as_user(cast.ben)
    page = text(browser.get(PATH))
    assert re.search(r"<dd>82</dd>", page)
    for vendor, received in (("inboxally", 60), (VENDOR, 22)):
        narrowed = text(browser.get(f"{PATH}?vendor={vendor}"))
        assert re.search(rf"<dd>{received}</dd>", narrowed)
        assert "By vendor" not in narrowed
    assert f'href="?window=30&amp;vendor={VENDOR}"' in page


def test_a_mailbox_provider_or_tag_asked_for_narrows_them_both(cast: Cast) -> None:
    plain, tests = both(cast.north, cast.acme, {"gmail": (50, 0, 0), "yahoo": (9, 0, 0)}, {"gmail": "P" * 20, "yahoo": "S" * 30})
    browser = as_user(cast.ben)
    assert list(table(text(browser.get(f"{PATH}?mailbox_provider=gmail")))) == ["Mailbox provider", "Gmail"]
    for connection, email in ((plain, "news@acme.example"), (tests, ANN)):
        sender = SenderFactory(connection=connection, client=cast.acme, email=email, external_id=email)
        SenderTag.objects.create(sender=sender, name="vip")
    assert table(text(browser.get(f"{PATH}?tag=vip")))["Gmail"] == ["100 50", "100 20"]


def test_each_chart_says_whose_mail_it_is_made_of(cast: Cast) -> None:
    both(cast.north, cast.acme, {"gmail": (50, 5, 5), "yahoo": (9, 0, 0)}, {"gmail": "P" * 20 + "SSMM"})
    browser = as_user(cast.ben)
    page = text(browser.get(PATH))
    together = f"{OTHER} 69 mails, {LABEL} 22 mails together"
    assert page.count(together) == 3  # where mail landed, week by week, by domain
    assert re.findall(r'<div class="multiple-foot">([^<]* (?:together|alone))</div>', page) == [
        f"{OTHER} 60 mails, {LABEL} 22 mails together",
        f"{OTHER} alone",
    ]
    assert page.count('href="#vendors-heading"') == 2
    narrowed = text(browser.get(f"{PATH}?vendor={VENDOR}"))
    assert f"{LABEL} alone" in narrowed
    assert "#vendors-heading" not in narrowed


def test_of_one_vendor_nothing_is_said(cast: Cast) -> None:
    plain = connect(cast.north, key="b" * 12, client=cast.birch)
    mail(plain, cast.birch, days_ago(2), {"gmail": (50, 0, 0)})
    roll_up(plain)
    assert not re.search("alone|together", text(as_user(cast.ben).get("/clients/birch/")))


def test_the_same_as_csv(cast: Cast) -> None:
    both(cast.north, cast.acme, {"outlook": (41, 0, 59), "yahoo": (5, 0, 0)}, {"outlook": "P" * 90 + "S" * 10 + "MM"})
    rows = fetched(as_user(cast.cleo), f"{PATH}export/vendors.csv?window=7&vendor={VENDOR}")
    found = [
        tuple(row[name] for name in ("mailbox_provider", "vendor", "received", "missing", "inboxing", "differs")) for row in rows
    ]
    assert found == [
        ("yahoo", "inboxally", "5", "", "1.0000", "no"),
        ("outlook", "inboxally", "100", "", "0.4100", "yes"),
        ("outlook", VENDOR, "100", "2", "0.9000", "yes"),
    ]


def test_two_vendors_cost_no_query_more_than_one(cast: Cast, django_assert_max_num_queries: Any) -> None:
    both(cast.north, cast.acme, {"gmail": (50, 0, 0)}, {"gmail": "P" * 20})
    plain = connect(cast.north, key="b" * 12, client=cast.birch)
    mail(plain, cast.birch, days_ago(2), {"gmail": (50, 0, 0)})
    roll_up(plain)
    browser = as_user(cast.ben)
    browser.get(PATH)
    with django_assert_max_num_queries(12) as one:
        text(browser.get("/clients/birch/"))
    with django_assert_max_num_queries(12) as two:
        text(browser.get(PATH))
    assert len(two) == len(one) + 1, "what the second one's senders wrote stands beneath the trend"
