from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Connection, Health, Shuffle, SyncRun
from reports.queries import freshness
from reports.queries.marks import AT_MOST, Mark, marks
from reports.queries.placement import Domain
from reports.scope import Scope, Window
from tests.cast import Cast, connect
from tests.factories import days_ago

WINDOW = Window(days_ago(29), days_ago(0))
SPAN = Window(days_ago(59), days_ago(0))


def found(cast: Cast, domains: list[Domain] | None = None) -> list[Mark]:
    accounts = freshness.accounts(Scope.of_client(cast.acme))
    return marks(WINDOW, SPAN, domains or [], accounts)


def test_a_domain_that_begins_while_others_send_is_marked(cast: Cast) -> None:
    domains = [Domain("old.example", days_ago(59)), Domain("new.example", days_ago(10)), Domain("", days_ago(3))]
    (mark,) = found(cast, domains)
    assert (mark.number, mark.day) == (1, days_ago(10))
    assert mark.text == "new.example began to send, after no mail in 49 days"


def test_the_first_days_of_a_client_are_no_event(cast: Cast) -> None:
    assert found(cast, [Domain("a.example", days_ago(10)), Domain("b.example", days_ago(8))]) == []


def test_a_domain_that_began_before_the_window_is_not_marked(cast: Cast) -> None:
    assert found(cast, [Domain("a.example", days_ago(59)), Domain("b.example", days_ago(40))]) == []


def test_a_refused_key_is_marked_on_its_day(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED, health_since=timezone.now() - timedelta(days=2))
    (mark,) = found(cast)
    assert (mark.day, mark.text) == (days_ago(2), "InboxAlly refused the key of Main")


def fail(connection: Connection, ago: int, times: int) -> None:
    at = datetime.combine(days_ago(ago), time(12), tzinfo=UTC)
    feed = connection.feeds.all()[0]
    SyncRun.objects.bulk_create(SyncRun(feed=feed, state="failed", started_at=at) for _ in range(times))


def test_days_on_which_an_account_could_not_be_read_are_one_mark(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    for ago, times in ((9, 30), (8, 96), (7, 12), (5, 3), (2, 20)):
        fail(connection, ago, times)
    assert [(mark.number, mark.day, mark.text) for mark in found(cast)] == [
        (1, days_ago(9), "Main (InboxAlly) could not be read for 3 days"),
        (2, days_ago(2), "Main (InboxAlly) could not be read for hours"),
    ]


def shuffle(connection: Connection, ago: int, **fields: object) -> None:
    then = datetime.combine(days_ago(ago), time(12), tzinfo=UTC)
    values = {"state": "done", "method": "in_place", "percentage": 50, "happened_at": then, **fields}
    Shuffle.objects.create(connection=connection, **values)


def test_shuffles_are_marked_and_those_that_did_not_happen_are_not(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    shuffle(connection, 3)
    shuffle(connection, 20, origin="vendor", method="custom", percentage=None, shares={"gmail": 60, "yahoo": 40})
    shuffle(connection, 45)
    shuffle(connection, 2, state="failed")
    shuffle(connect(cast.north, key="b" * 40, client=cast.birch), 2)
    assert [(mark.day, mark.text) for mark in found(cast)] == [
        (days_ago(20), "Seeds of Main were shuffled: new mix of 60 % Gmail, 40 % Yahoo, made at the vendor"),
        (days_ago(3), "Seeds of Main were shuffled: 50 % of all seeds"),
    ]


def test_all_that_happened_on_a_day_is_one_mark(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    shuffle(connection, 3)
    acts = [(days_ago(3), "3 senders put on preset repair"), (days_ago(1), "1 sender set to inactive")]
    first, second = marks(WINDOW, SPAN, [], freshness.accounts(Scope.of_client(cast.acme)), acts)
    assert first.texts == ("3 senders put on preset repair", "Seeds of Main were shuffled: 50 % of all seeds")
    assert (first.number, second.number, second.texts) == (1, 2, ("1 sender set to inactive",))


def test_other_clients_accounts_mark_nothing(cast: Cast) -> None:
    fail(connect(cast.north, key="b" * 40, client=cast.birch), 2, 50)
    connect(cast.north, key="a" * 40, client=cast.acme)
    assert found(cast) == []


def test_the_newest_marks_are_kept_and_numbered_from_one(cast: Cast) -> None:
    domains = [Domain("old.example", days_ago(59)), *(Domain(f"d{ago:02}.example", days_ago(ago)) for ago in range(20))]
    kept = found(cast, domains)
    assert [mark.number for mark in kept] == list(range(1, AT_MOST + 1))
    assert kept[-1].text.startswith("d00.example")


@pytest.mark.usefixtures("db")
def test_of_no_account_nothing_is_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert marks(WINDOW, SPAN, [], []) == []
