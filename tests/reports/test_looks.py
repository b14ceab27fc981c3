"""Who needs a look: the strip's count, the order, the filter and the flags are of one mind."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from clients.models import Client, Connection, Feed, Health
from tests.cast import Cast, connect
from tests.factories import ClientFactory, days_ago, mail, roll_up
from tests.reports.board import account, landed, overview, row
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user
from tests.reports.table import facts, lines


def counted(page: str) -> tuple[str, str]:
    """The tile's figure, and what it says beneath."""
    found = re.search(r"<dt>clients? needs? a look(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert found
    note, figure = (re.sub(r"<[^>]+>", "", part).strip() for part in found.groups())
    return figure, note


def way(page: str) -> str:
    found = re.search(r'<a href="([^"]*look=needed[^"]*)">', page)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("window", [7, 14, 30, 90])
def test_silence_is_the_same_whatever_the_window(cast: Cast, window: int) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 1, 95, 5)
    landed(two, cast.birch, 10, 99, 1)
    roll_up(one, two)
    page = overview(cast.ann, f"?window={window}")
    assert [line.name for line in lines(page)] == ["Birch", "Acme"]
    assert row(page, "Birch").cells[-1] == "no mail for 10 days"
    assert counted(page) == ("1", "1 silent")
    assert [line["client"] for line in fetched(as_user(cast.ann), f"/export/overview.csv?window={window}")] == ["birch", "acme"]


def test_of_accounts_that_are_not_read_nobody_is_called_silent(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 1, 95, 5)
    landed(two, cast.birch, 10, 99, 1)
    roll_up(one, two)
    Feed.objects.filter(connection=two).update(last_ok_at=timezone.now() - timedelta(days=2))
    page = overview(cast.ann)
    assert "no mail" not in row(page, "Birch").cells[-1]
    assert counted(page) == ("0", "")


def test_a_client_whose_mail_no_vendor_watches_is_not_called_silent(cast: Cast) -> None:
    Client.objects.filter(pk=cast.birch.pk).delete()
    connection = connect(cast.north, key="i" * 20, client=cast.acme, vendor="inbox")
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now())
    page = overview(cast.ann)
    assert row(page, "Acme").cells[-1] == ""
    assert counted(page) == ("0", "")


def test_a_refused_key_counts_and_so_does_what_one_mailbox_provider_shows(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    steady = ClientFactory(agency=cast.north, name="Steady")
    for days in (1, 13):
        mail(one, cast.acme, days_ago(days), {"gmail": (950, 0, 50), "outlook": (110, 0, 90)})
        mail(one, steady, days_ago(days), {"gmail": (950, 0, 50)})
        mail(two, cast.birch, days_ago(days), {"gmail": (950, 0, 50)})
    roll_up(one, two)
    Connection.objects.filter(pk=two.pk).update(health=Health.REFUSED)
    page = overview(cast.ann)
    assert counted(page) == ("2", "1 key refused · 1 at one mailbox provider")
    assert row(page, "Acme").cells[-1] == "low at Outlook"
    shown = overview(cast.ann, way(page).removeprefix("/"))
    assert [line.name for line in lines(shown)] == ["Birch", "Acme"]
    assert facts(shown).keys() == facts(page).keys(), "the strip goes on telling of all of them"
    assert '<option value="needed" selected>Need a look</option>' in shown
    assert ">Clear filters</a>" in shown
    files = re.findall(r'<a class="button" href="([^"]*)">', shown)
    listed = [[line["client"] for line in fetched(as_user(cast.ann), unescape(href))] for href in files[:1]]
    assert listed == [["birch", "acme"]]
    assert "look=" not in files[1], "the rows behind are those of all clients"


def test_over_more_than_a_page_the_tile_says_what_it_leaves_out(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    clients = [cast.acme, cast.birch, *ClientFactory.create_batch(50, agency=cast.north)]
    for client in clients:
        mail(connection, client, days_ago(1), {"gmail": (950, 0, 50), "outlook": (110, 0, 90)})
    mail(connection, clients[7], days_ago(1), {"gmail": (0, 0, 2000)})
    roll_up(connection)
    page = overview(cast.ann)
    assert "low at Outlook" in row(page, "Acme").cells[-1]
    assert counted(page) == ("1", "1 below 70 % · one mailbox provider not counted")
    assert [line.name for line in lines(overview(cast.ann, way(page).removeprefix("/")))] == [clients[7].name]


def test_where_nobody_needs_a_look_the_filter_says_so_and_leads_out(cast: Cast) -> None:
    page = overview(cast.ann, "?look=needed")
    assert "None of them needs a look." in page
    assert ">Show all clients</a>" in page
    assert lines(overview(cast.ann, "?look=unheard-of")) == []
