from __future__ import annotations

from typing import Any

import pytest

from clients.models import Seed, Sender, SyncRun
from tests import placing, reaching
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.reading import as_user, text

#: What a page may ask of the database, its reader and their rights included.
MOST = 12


@pytest.mark.parametrize(
    "path",
    [
        "/senders/",
        "/senders/?tag=vip&client=acme&sort=-client",
        "/seeds/",
        "/clients/",
        "/connections/",
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
    ],
)
def test_a_list_costs_as_many_queries_for_two_hundred_rows_as_for_one(
    cast: Cast, path: str, django_assert_max_num_queries: Any
) -> None:
    browser = as_user(cast.mo)
    _make(cast, 1)
    browser.get(path)
    with django_assert_max_num_queries(MOST) as few:
        text(browser.get(path))
    _make(cast, 200)
    with django_assert_max_num_queries(MOST) as many:
        text(browser.get(path))
    assert len(many) <= len(few)


LONG = (
    *("/", "/clients/", "/senders/", "/seeds/", "/connections/", "/unassigned/"),
    *(f"/clients/acme/{tab}" for tab in ("", "broadcasts/", "senders/", "seeds/", "tests/", "campaigns/", "activity/")),
)


@pytest.mark.parametrize("path", LONG)
def test_a_long_page_is_packed_for_who_can_unpack_it(cast: Cast, path: str) -> None:
    browser = as_user(cast.ben)
    assert browser.get(path, headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in browser.get(path)


@pytest.mark.parametrize("path", ["/clients/acme/reports/", "/settings/team/"])
def test_a_page_that_may_show_a_secret_is_not_packed(cast: Cast, path: str) -> None:
    assert "Content-Encoding" not in as_user(cast.ann).get(path, headers={"Accept-Encoding": "gzip"})


@pytest.mark.parametrize("tab", ["broadcasts", "senders", "seeds", "tests", "campaigns", "activity"])
def test_an_unset_filter_holds_no_form_back(cast: Cast, tab: str) -> None:
    """htmx, like a browser, sends no form with an empty required field; and 'all' is empty."""
    _make(cast, 1)
    page = text(as_user(cast.ben).get(f"/clients/acme/{tab}/"))
    assert 'class="filters"' in page
    assert " required" not in page
    assert "aria-invalid" not in page


def _make(cast: Cast, number: int) -> None:
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
