"""The Overview asks as often for many clients and vendors as for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Client, ClientTag, Feed
from clients.vendors import VENDORS
from tests.cast import Cast, connect
from tests.factories import ClientFactory, SenderFactory, days_ago, mail, roll_up
from tests.reports.board import account, landed, measured_twice
from tests.reports.reading import as_user, text
from tests.reports.table import lines


def test_two_hundred_clients_cost_as_many_queries_as_one(cast: Cast, django_assert_max_num_queries: Any) -> None:
    Client.objects.filter(pk=cast.birch.pk).delete()
    Client.objects.update(manager=cast.mo.memberships.get())
    browser = as_user(cast.ann)
    _fill(cast, [cast.acme])
    browser.get("/")
    with django_assert_max_num_queries(12) as one:
        assert len(lines(text(browser.get("/")))) == 1
    clients = ClientFactory.create_batch(200, agency=cast.north, manager=cast.mo.memberships.get())
    _fill(cast, clients)
    with django_assert_max_num_queries(12) as many:
        assert len(lines(text(browser.get("/")))) == 50
    assert len(one) == len(many)


def _fill(cast: Cast, clients: list[Client]) -> None:
    for client in clients:
        connection = account(cast, client)
        landed(connection, client, 1, 90, 10)
        SenderFactory(connection=connection, client=client)
        ClientTag.objects.create(client=client, name="vip")
        roll_up(connection)


def test_more_vendors_cost_the_overview_no_more_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """The first tells no outreach, and nobody asks for any; from the second on its columns are there, in one query."""
    browser, asked = as_user(cast.ann), []
    for number, vendor in enumerate(["inboxally", "instantly", *({*VENDORS} - {"inboxally", "instantly"})], 1):
        connection = connect(cast.north, key=f"{number}" * 20, label=vendor, client=cast.acme, vendor=vendor)
        mail(
            connection,
            cast.acme,
            days_ago(1),
            {"gmail": (9, 0, 1)} if number == 1 else {"gmail": (0, 0, 10), "web_de": (10, 0, 0)},
        )
        roll_up(connection)
        _not_overdue()
        browser.get("/")
        with django_assert_max_num_queries(12) as queries:
            page = text(browser.get("/"))
        assert {1: "90.0", 2: "63.3"}.get(number, "") in page, "9 of 10, 19 of 30"
        assert ("Bounced" in page) == (number > 1)
        asked.append(len(queries))
    assert len(asked) == 5
    assert {*asked[1:]} == {asked[0] + 1}, asked


def test_a_second_vendor_or_a_hundred_clients_cost_no_query_more(cast: Cast, django_assert_max_num_queries: Any) -> None:
    browser = as_user(cast.ann)
    alone = connect(cast.north, key="s" * 20, label="Alone", client=cast.acme, vendor="instantly")
    mail(alone, cast.acme, days_ago(1), {"outlook": (144, 0, 56)})
    roll_up(alone)
    _not_overdue()
    browser.get("/")
    with django_assert_max_num_queries(12) as one:
        assert "disagree" not in text(browser.get("/"))
    for client in (cast.acme, *ClientFactory.create_batch(40, agency=cast.north)):
        measured_twice(cast, client)
    _not_overdue()
    with django_assert_max_num_queries(12) as two:
        assert text(browser.get("/")).count('class="disagree"') == 41
    assert len(one) == len(two)


def _not_overdue() -> None:
    """However slow the machine is: that nobody takes up what is due costs a question more."""
    Feed.objects.update(next_at=timezone.now() + timedelta(hours=1))
