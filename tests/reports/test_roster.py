"""The list of clients: who sees whom, filters and order in the URL."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.forms.clients import set_tags
from clients.models import Client, Connection, Feed, Health
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.factories import ClientFactory, days_ago, mail, roll_up


def names(browser: Any, query: str = "") -> list[str]:
    return [row.client.name for row in browser.get(f"/clients/{query}").context["roster"].rows]


@pytest.fixture
def filled(cast: Cast) -> Cast:
    set_tags(cast.acme, ["vip", "retail"])
    set_tags(cast.birch, ["retail"])
    Client.objects.filter(pk=cast.acme.pk).update(manager=cast.mo.memberships.get())
    Client.objects.create(agency=cast.north, name="Cedar", slug="cedar", archived_at=timezone.now())
    connection = connect(cast.north, key="a-key-long-enough", client=cast.birch)
    mail(connection, cast.birch, days_ago(1), {"gmail": (50, 0, 50)})
    roll_up(connection)
    return cast


@pytest.mark.parametrize(
    ("who", "found"), [("ann", ["Acme", "Birch"]), ("ben", ["Acme", "Birch"]), ("cleo", ["Acme"]), ("zoe", ["Oak"])]
)
def test_everyone_sees_their_own(filled: Cast, who: str, found: list[str]) -> None:
    assert names(signed_in(getattr(filled, who))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tag=vip", ["Acme"]),
        ("?tag=retail", ["Acme", "Birch"]),
        ("?search=bir", ["Birch"]),
        ("?search=VIP", ["Acme"]),
        ("?status=archived", ["Cedar"]),
        ("?status=all", ["Acme", "Birch", "Cedar"]),
        ("?status=odd", []),
        ("?sort=-name", ["Birch", "Acme"]),
        ("?sort=-inboxing", ["Birch", "Acme"]),
        ("?sort=inboxing", ["Birch", "Acme"]),
        ("?sort=manager", ["Acme", "Birch"]),
        ("?sort=-manager", ["Acme", "Birch"]),
        ("?sort=odd", ["Acme", "Birch"]),
        ("?page=99", ["Acme", "Birch"]),
    ],
)
def test_filters_and_order_live_in_the_url(filled: Cast, query: str, found: list[str]) -> None:
    assert names(signed_in(filled.ben), query) == found


def test_a_manager_is_a_filter(filled: Cast) -> None:
    assert names(signed_in(filled.ben), f"?manager={filled.mo.memberships.get().uuid}") == ["Acme"]


def test_a_row_says_how_its_mail_and_its_accounts_do(filled: Cast) -> None:
    Connection.objects.update(health=Health.REFUSED)
    page = text_of(signed_in(filled.ben).get("/clients/"))
    assert "50.0 %" in page
    assert '<span class="tag bad" title="Main account">key refused</span>' in page
    assert "no account" in page


def test_of_several_accounts_a_row_says_how_many_are_in_trouble(filled: Cast) -> None:
    for number in range(2):
        connect(filled.north, key=f"a-key-long-enough-{number}", label=f"Other {number}", client=filled.birch)
    Feed.objects.filter(connection__label="Other 1", resource="senders").update(failures=1)
    page = text_of(signed_in(filled.ben).get("/clients/?search=bir"))
    assert "3 accounts" in page
    assert '<span class="tag look" title="Other 1">1 of 3 failing</span>' in page
    Feed.objects.update(failures=1)
    assert '">failing</span>' in text_of(signed_in(filled.ben).get("/clients/?search=bir"))


def test_a_filter_that_finds_nothing_has_a_way_out(filled: Cast) -> None:
    page = text_of(signed_in(filled.ben).get("/clients/?search=zzz"))
    assert "No client matches" in page
    assert 'href="/clients/?view=all">Show all clients' in page


def test_a_first_visit_says_what_to_do(cast: Cast) -> None:
    Client.objects.all().delete()
    assert "/clients/new/" in text_of(signed_in(cast.mo).get("/clients/"))
    assert "/clients/new/" not in text_of(signed_in(cast.ben).get("/clients/"))


def test_htmx_gets_the_list_alone(filled: Cast) -> None:
    part = text_of(signed_in(filled.ben).get("/clients/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert 'id="list"' in part


def test_it_costs_the_same_for_any_number(filled: Cast, django_assert_num_queries: Any) -> None:
    browser = signed_in(filled.ben)
    with CaptureQueriesContext(database) as few:
        browser.get("/clients/")
    for number in range(40):
        client = ClientFactory(agency=filled.north)
        set_tags(client, [f"tag-{number}"])
        connect(filled.north, key=f"a-key-long-enough-{number}", label=f"Account {number}", client=client)
    with django_assert_num_queries(len(few)):
        browser.get("/clients/")


def test_no_filter_is_required_or_htmx_would_send_none(filled: Cast) -> None:
    page = text_of(signed_in(filled.ben).get("/clients/"))
    form = page[page.index('<form class="filters"') : page.index("</form>", page.index('<form class="filters"'))]
    assert "<select" in form
    assert "required" not in form
    assert "aria-invalid" not in form
