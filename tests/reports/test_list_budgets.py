from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Seed, Sender, SyncRun
from tests import placing, reaching
from tests.cast import Cast, connect, make_cast
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.reading import as_user, text

#: What a page may ask of the database, its reader and their rights included.
MOST = 12
LISTS = (
    "/senders/",
    "/senders/?tag=vip&client=acme&sort=-client",
    "/seeds/",
    "/clients/",
    "/connections/",
    "/feeds/",
    "/unassigned/",
    "/changes/",
    "/settings/audit/",
    "/clients/acme/connections/",
    "/clients/acme/reports/",
    "/clients/acme/broadcasts/",
    "/clients/acme/broadcasts/?sort=inboxing&mailbox_provider=gmail",
    "/clients/acme/senders/",
    "/clients/acme/seeds/",
    "/clients/acme/tests/",
    "/clients/acme/tests/?sort=-inboxing&search=week",
    "/clients/acme/campaigns/",
    "/clients/acme/campaigns/?sort=-replied&search=wel",
    "/clients/acme/activity/?status=all",
)


@dataclass
class Grown:
    """North with two hundred rows of everything, and how many queries each list took while there was one."""

    browser: Any
    few: dict[str, int]


@pytest.fixture(scope="module")
def grown(module_db: None) -> Grown:
    cast = make_cast()
    browser = as_user(cast.mo)
    make_rows(cast, 1)
    few = {path: _queries(browser, path) for path in LISTS}
    make_rows(cast, 200)
    return Grown(browser, few)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_as_many_queries_for_two_hundred_rows_as_for_one(db: None, grown: Grown, path: str) -> None:
    assert _queries(grown.browser, path) <= grown.few[path] <= MOST


def _queries(browser: Any, path: str) -> int:
    """Once everything that is asked for only once is known."""
    browser.get(path)
    with CaptureQueriesContext(connection) as queries:
        text(browser.get(path))
    return len(queries)


def make_rows(cast: Cast, number: int) -> None:
    for at in range(0, number, 40):
        account = connect(cast.north, key=f"{number}-{at}" * 6, label=f"Account {number} {at}")
        for client in (cast.acme, cast.birch):
            account.scopes.create(client=client, kind="domain", value=f"{client.slug}.example")
        feed = account.feeds.all()[0]
        for _ in range(min(number, 40)):
            mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0)})
            SenderFactory(connection=account, client=cast.acme, tagged=["vip", "news"])
        count = Seed.objects.count()
        Seed.objects.bulk_create(
            Seed(connection=account, email=f"{count + n}@seed.example", mailbox_provider="gmail") for n in range(min(number, 40))
        )
        SyncRun.objects.bulk_create(SyncRun(feed=feed, new=1) for _ in range(min(number, 40)))
        tests = placing.account(cast.north, cast.acme, key=f"{number}-{at}-tests" * 3, label=f"Tests {number} {at}")
        for _ in range(min(number, 40)):
            placing.placement_test(tests, {"ann@acme.example": {"gmail": "P"}, "bob@acme.example": {}})
            letters = reaching.campaign(tests, client=cast.acme, status="active" if at else "paused", tags=["vip"])
            reaching.sent(letters, 1, 40, replied=2)
        roll_up(account, tests)
    assert Sender.objects.count() >= number
