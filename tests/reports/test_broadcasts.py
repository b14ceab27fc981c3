from __future__ import annotations

import re

import pytest

from clients.models import Placement
from reports.listing.keyset import page_of
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.placing import LABEL, VENDOR, account, placement_test
from tests.reports.reading import as_user, body, link, subjects, text, words

HTMX = {"HX-Request": "true", "HX-Target": "tab"}


@pytest.mark.parametrize("sort", ["", "day", "-received", "received", "inboxing", "-inboxing", "spam", "-spam"])
def test_walking_the_pages_there_and_back_meets_each_broadcast_once(
    cast: Cast, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 4)
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for number in range(14):
        landed = {"gmail": (number % 5, number % 2, number % 3)} if number % 4 else {}
        mail(connection, cast.acme, days_ago(number // 3), landed, subject=f"News {number}")
    browser, path = as_user(cast.ben), "/clients/acme/broadcasts/"
    page = text(browser.get(f"{path}?sort={sort}"))
    there = [subjects(page)]
    while 'rel="next"' in page:
        page = text(browser.get(path + link(page, "next")))
        there.append(subjects(page))
    assert [len(one) for one in there] == [4, 4, 4, 2]
    assert len({subject for one in there for subject in one}) == 14
    back = [subjects(page)]
    while 'rel="prev"' in page:
        page = text(browser.get(path + link(page, "prev")))
        back.append(subjects(page))
    assert back[::-1] == there


@pytest.mark.parametrize("query", ["", "sort=-inboxing", "sort=spam&mailbox_provider=gmail"])
def test_each_page_says_which_of_how_many_it_shows(cast: Cast, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(page_of.__kwdefaults__, "size", 4)
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for number in range(10):
        mail(connection, cast.acme, days_ago(number // 4), {"gmail": (number % 3, 0, 1)}, subject=f"News {number}")
    browser, path = as_user(cast.ben), "/clients/acme/broadcasts/"
    page = text(browser.get(f"{path}?{query}"))
    said = re.findall(r"<span>(.*) broadcasts</span>", page)
    for way in ("next", "next", "prev"):
        page = text(browser.get(path + link(page, way)))
        said += re.findall(r"<span>(.*) broadcasts</span>", page)
    assert said == ["1–4 of 10", "5–8 of 10", "9–10 of 10", "5–8 of 10"]


def test_an_edge_that_is_not_there_any_more_gives_the_first_page(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject="News")
    browser = as_user(cast.ben)
    for edge in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        for side in ("after", "before"):
            assert subjects(text(browser.get(f"/clients/acme/broadcasts/?{side}={edge}"))) == ["News"]


def test_few_mails_are_greyed_and_a_rate_carries_its_interval(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (2, 0, 0)})
    mail(connection, cast.acme, days_ago(1), {"gmail": (60, 6, 34)})
    page = text(as_user(cast.ben).get("/clients/acme/broadcasts/"))
    assert re.search(
        r'band-few" data-head="Inboxing" title="few mails: 100.0 % of 2 mails, 95 % interval[^"]*">'
        r'100.0 % <span class="sub">few mails',
        page,
    )
    assert re.search(r'band-bad" data-head="Inboxing" title="66.0 % of 100 mails[^"]*">66.0 %<span class="sub">56.3–74.5 %', page)


def test_htmx_gets_the_tab_alone_and_the_address_works_by_itself(cast: Cast) -> None:
    browser = as_user(cast.ben)
    part = text(browser.get("/clients/acme/broadcasts/?window=7", headers=HTMX))
    assert part.lstrip().startswith('<div id="tab"')
    assert "<html" not in part
    assert "<html" in text(browser.get("/clients/acme/broadcasts/?window=7"))


def test_the_ways_out_of_an_empty_list(cast: Cast) -> None:
    connect(cast.north, key="a" * 12, client=cast.acme)
    browser = as_user(cast.ben)
    assert "No broadcasts in this window" in text(browser.get("/clients/acme/broadcasts/"))
    searched = text(browser.get("/clients/acme/broadcasts/?search=nothing"))
    assert "No broadcast matches these filters" in searched
    assert 'href="/clients/acme/broadcasts/?view=all">Clear filters' in searched


def test_a_broadcast_shows_its_split_and_where_it_disagrees_with_the_total(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    found = mail(connection, cast.acme, days_ago(1), {"yahoo": (6, 2, 2), "gmail": (20, 0, 0)}, split_stale=False)
    browser, path = as_user(cast.ben), f"/clients/acme/broadcasts/{found.uuid}/"
    page = text(browser.get(path))
    assert (
        page.index('<th scope="row">Gmail')
        < page.index('<th scope="row">Yahoo')
        < page.index('<th scope="row">All, by the totals')
    )
    assert "disagree" not in page
    assert "not measured yet" not in page.lower()
    found.received, found.primary = 32, 28
    found.save(update_fields=["received", "primary"])
    assert "The totals and the split disagree: received 32 against 30, primary 28 against 26." in text(browser.get(path))
    Placement.objects.filter(broadcast=found).delete()
    bare = text(browser.get(path))
    assert "Not measured yet" in bare
    assert "plotly" not in bare


def test_a_broadcast_of_a_placement_test_is_told_apart_and_leads_to_it(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    test = placement_test(connection, {"ann@acme.example": {"gmail": "PPS"}}, name="Weekly", subject="Tested", kind="automated")
    mail(connect(cast.north, key="a" * 12, client=cast.acme), cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject="Mailed")
    browser, address = as_user(cast.ben), f"/clients/acme/tests/{test.uuid}/"
    page = text(browser.get("/clients/acme/broadcasts/"))
    assert subjects(page) == ["Mailed", "Tested"]
    assert re.findall(r'<a class="tag" href="([^"]*)"[^>]*>test</a>', page) == [address]
    one = text(browser.get(f"/clients/acme/broadcasts/{test.broadcasts.get().uuid}/"))
    assert f'<dt>Placement test</dt><dd><a href="{address}?day={days_ago(3)}">Weekly</a>' in one
    assert browser.get(f"{address}?day={days_ago(3)}").status_code == 200


def test_a_broadcast_is_found_under_its_own_client_only(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    found = mail(connection, cast.birch, days_ago(1), {"gmail": (9, 0, 0)})
    assert as_user(cast.ben).get(f"/clients/acme/broadcasts/{found.uuid}/").status_code == 404
    assert as_user(cast.ben).get(f"/clients/birch/broadcasts/{found.uuid}/").status_code == 200
    assert as_user(cast.cleo).get(f"/clients/birch/broadcasts/{found.uuid}/").status_code == 404


def test_the_vendors_of_the_clients_accounts_are_offered_by_their_labels(cast: Cast) -> None:
    connect(cast.north, key="a" * 12, client=cast.acme)
    browser, path = as_user(cast.ben), "/clients/acme/broadcasts/"
    assert 'name="vendor"' not in text(browser.get(path))  # one choice is none
    account(cast.north, cast.acme)
    both = f'<option value="inboxally">InboxAlly</option><option value="{VENDOR}">{LABEL}</option>'
    assert both in text(browser.get(path))
    asked = text(browser.get(f"{path}?vendor={VENDOR}"))
    assert f'<option value="{VENDOR}" selected>{LABEL}</option>' in asked


@pytest.mark.parametrize("path", ["", "broadcasts/", "senders/"])
def test_a_vendor_that_was_asked_for_is_never_called_by_its_slug(cast: Cast, path: str) -> None:
    page = text(as_user(cast.ben).get(f"/clients/birch/{path}?vendor={VENDOR}"))
    assert f'<option value="{VENDOR}" selected>{LABEL}</option>' in page


def test_each_broadcast_names_its_account_where_there_are_several(cast: Cast) -> None:
    main = connect(cast.north, key="a" * 12, client=cast.acme)
    second = connect(cast.north, key="b" * 12, label="Second account", client=cast.acme)
    tests = account(cast.north, cast.acme)
    mail(main, cast.acme, days_ago(1), {"gmail": (9, 0, 0)})
    mail(second, cast.birch, days_ago(1), {"gmail": (9, 0, 0)})
    roll_up(main, second)
    browser, path = as_user(cast.ben), "/clients/acme/broadcasts/"
    assert "Account" not in _heads(text(browser.get(path)))  # one that has none says nothing, nor another client's
    mail(second, cast.acme, days_ago(2), {"gmail": (9, 0, 0)})
    roll_up(second)
    page = text(browser.get(path))
    assert [row[_heads(page).index("Account")] for row in body(page)] == ["Main account", "Second account"]
    mail(tests, cast.acme, days_ago(40), {"gmail": (9, 0, 0)})
    roll_up(tests)
    assert "InboxAlly" not in body(text(browser.get(path)))[0][4]  # of all its days one vendor's are shown
    page = text(browser.get(f"{path}?window=60"))
    named = [
        f"{name} {vendor}" for name, vendor in (("Main account", "InboxAlly"), ("Second account", "InboxAlly"), ("Tests", LABEL))
    ]
    assert [row[4] for row in body(page)] == named
    narrowed = text(browser.get(f"{path}?window=60&vendor={VENDOR}"))
    assert [row[4] for row in body(narrowed)] == named[2:]


def _heads(page: str) -> list[str]:
    return [words(head).rstrip(" ↓↑") for head in re.findall(r"<th scope=\"col\".*?</th>", page)]
