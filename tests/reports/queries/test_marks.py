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


def ran(connection: Connection, ago: int, since: float, until: float, state: str = "failed", *, feed: int = 0) -> None:
    """Every quarter of an hour, from one hour of the day to another."""
    midnight, tried = datetime.combine(days_ago(ago), time(), tzinfo=UTC), connection.feeds.order_by("pk")[feed]
    times = [midnight + timedelta(hours=since) + timedelta(minutes=15) * at for at in range(int((until - since) * 4) + 1)]
    SyncRun.objects.bulk_create(SyncRun(feed=tried, state=state, started_at=at) for at in times)


def test_days_on_which_an_account_could_not_be_read_are_one_mark(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    for ago, since, until in ((9, 12, 23.75), (8, 0, 23.75), (7, 0, 3), (5, 12, 13), (2, 6, 9)):
        ran(connection, ago, since, until)
        ran(connection, ago, 0, 23.75, feed=1, state="ok")
    for ago, state in ((6, "ok"), (3, "partial")):
        ran(connection, ago, 0, 1, state)
    assert [(mark.number, mark.day, mark.text) for mark in found(cast)] == [
        (1, days_ago(9), "Main (InboxAlly) could not be read for 3 days"),
        (2, days_ago(2), "Main (InboxAlly) could not be read for hours"),
    ]


def test_minutes_of_failures_are_no_hours_however_many_they_are(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    ran(connection, 2, 0, 6, "ok")
    for feed in range(3):
        for since in (7, 9.3, 10):
            for _ in range(4):
                ran(connection, 2, since, since + 0.25, feed=feed)
            ran(connection, 2, since + 0.4, since + 0.4, "partial", feed=feed)
    assert found(cast) == []


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
    ran(connect(cast.north, key="b" * 40, client=cast.birch), 2, 0, 23)
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
