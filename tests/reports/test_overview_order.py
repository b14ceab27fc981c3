"""By what the Overview's clients are sorted, which way, and what its heads say of it; its file and the list of clients alike."""

from __future__ import annotations

import re

import pytest

from tests.cast import Cast
from tests.factories import ClientFactory, roll_up
from tests.reports.board import account, landed, overview
from tests.reports.exports.reading import column, fetched
from tests.reports.reading import as_user
from tests.reports.table import lines

#: Inbox of 1,000 mails in the window and in the one before; Mute had mail in neither, New in the window alone.
MAIL = {"Fell": (600, 700), "Sank": (840, 950), "Same": (899, 900), "Few": (18, 900), "Rose": (950, 800), "New": (990, None)}


@pytest.fixture
def varied(cast: Cast) -> Cast:
    connection = account(cast, cast.acme)
    cast.acme.delete()
    cast.birch.delete()
    for name, (now, before) in MAIL.items():
        client = ClientFactory(agency=cast.north, name=name, slug=name.lower())
        landed(connection, client, 1, now, 1 if name == "Few" else 1000 - now)
        if before is not None:
            landed(connection, client, 9, before, 1000 - before)
            landed(connection, client, 20, 1, 0)
    ClientFactory(agency=cast.north, name="Mute", slug="mute")
    roll_up(connection)
    return cast


ORDERS = {
    "": ["Fell", "Sank", "Same", "Rose", "New", "Few", "Mute"],
    "inboxing": ["Fell", "Sank", "Same", "Few", "Rose", "New", "Mute"],
    "-inboxing": ["New", "Rose", "Few", "Same", "Sank", "Fell", "Mute"],
    "change": ["Sank", "Fell", "Same", "Few", "Rose", "Mute", "New"],
    "-change": ["Rose", "Few", "Same", "Fell", "Sank", "Mute", "New"],
    "name": ["Fell", "Few", "Mute", "New", "Rose", "Same", "Sank"],
    "-name": ["Sank", "Same", "Rose", "New", "Mute", "Few", "Fell"],
}


@pytest.mark.parametrize("sort", ORDERS)
def test_what_is_not_told_stands_last_whichever_way_the_rest_is_sorted(varied: Cast, sort: str) -> None:
    query = f"?sort={sort}" if sort else ""
    assert [line.name for line in lines(overview(varied.ann, query))] == ORDERS[sort]
    browser = as_user(varied.ann)
    assert column(fetched(browser, f"/export/overview.csv{query}"), "name") == ORDERS[sort]
    if sort:
        assert column(fetched(browser, f"/clients/export/clients.csv{query}"), "name") == ORDERS[sort]


@pytest.mark.parametrize("query", ["", "?sort=odd", "?window=7&view=all"])
def test_no_head_claims_the_order_that_is_the_pages_own(varied: Cast, query: str) -> None:
    page = overview(varied.ann, query)
    assert "aria-sort" not in page
    assert 'aria-label="Clients, worst first"' in page
    assert '<span class="sub">worst first</span></th>' in page


@pytest.mark.parametrize("name", ["name", "inboxing", "change"])
def test_a_head_sorts_up_then_down_and_the_pages_own_order_is_a_click_away(varied: Cast, name: str) -> None:
    steps = [("", name, ""), (name, f"-{name}", "ascending"), (f"-{name}", name, "descending")]
    for sort, leads_to, direction in steps:
        page = overview(varied.ann, f"?window=14&tag=&page=2&sort={sort}")
        heads = {link[1]: head for head in re.findall("<th[ >].*?</th>", page) if (link := re.search(r"sort=-?(\w+)", head))}
        assert f'href="/?window=14&amp;sort={leads_to}"' in heads[name]
        assert re.findall('aria-sort="([a-z]+)"', page) == ([direction] if direction else [])
        assert f'aria-sort="{direction}"' in heads[name] or not direction
        assert ('href="/?window=14" ' in heads["name"]) == bool(sort)


def test_the_pages_own_order_is_had_where_a_saved_view_opens_with_another(varied: Cast) -> None:
    assert '<a class="beside" href="/?view=all"' in overview(varied.ann, "?sort=-change")
