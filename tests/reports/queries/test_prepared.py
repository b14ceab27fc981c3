"""A prepared query gives what its queryset gives, of the values that it is asked with."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import BigIntegerField, CharField, Min, Q, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, Feed
from reports.queries.plain import Tally
from reports.queries.prepared import Ago, Given, GivenMany, Prepared
from tests.cast import Cast, connect

NAMED = Prepared(Client.objects.filter(name=Given("name", CharField())).values_list("name", "agency__created_at", "uuid"))


def test_it_gives_the_rows_of_its_queryset_each_time_of_other_values(cast: Cast) -> None:
    for client in (cast.acme, cast.birch, cast.acme):
        (row,) = Client.objects.filter(pk=client.pk).values_list("name", "agency__created_at", "uuid")
        assert NAMED(name=client.name) == [row], "moments and ids are Python's, as Django makes them"
    assert NAMED(name="Nobody's") == []


def test_what_is_missing_is_named(cast: Cast) -> None:
    with pytest.raises(KeyError, match="name"):
        NAMED()


@pytest.mark.usefixtures("db")
def test_it_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Prepared(Client.objects.filter(name=Given("name", CharField())).values_list("pk"))
    asked(name="a")
    monkeypatch.setattr(Prepared, "_compiled", None)
    with CaptureQueriesContext(connection) as captured:
        assert asked(name="b; DROP TABLE clients_client; --'") == []
    assert len(captured) == 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("hostile", ["'; DROP TABLE clients_client; --", "%s", "%(name)s", "a\\'b", "🦊"])
def test_a_value_stays_a_value(cast: Cast, hostile: str) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(name=hostile)
    assert [name for name, *_ in NAMED(name=hostile)] == [hostile]


def test_a_list_of_any_length_is_one_value(cast: Cast) -> None:
    among = Prepared(Client.objects.filter(id__among=GivenMany("clients")).order_by("pk").values_list("pk"))
    for clients in ([], [cast.birch.pk], [cast.acme.pk, cast.birch.pk], [*range(10**6, 10**6 + 5_000), cast.acme.pk]):
        known = {cast.acme.pk, cast.birch.pk} & {*clients}
        assert among(clients=clients) == [(pk,) for pk in sorted(known)]


def test_aggregates_their_filters_and_unions_take_values_too(cast: Cast) -> None:
    of = Q(name=Given("name", CharField()))
    counted = Client.objects.values_list("agency_id").annotate(n=Tally("pk", filter=of), first=Min("created_at", filter=of))
    of_agency = Prepared(counted.filter(agency=Given("agency", BigIntegerField())).order_by())
    (row,) = of_agency(name=cast.acme.name, agency=cast.north.pk)
    assert row == (cast.north.pk, 1, cast.acme.created_at)
    names = Client.objects.order_by().values_list("name", Value(1))
    both = Prepared(names.filter(of).union(names.filter(slug=Given("slug", CharField())), all=True))
    assert sorted(both(name=cast.acme.name, slug=cast.birch.slug)) == [(cast.acme.name, 1), (cast.birch.name, 1)]


def test_ago_is_counted_from_the_asking(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    account = connect(cast.north, key="a" * 40, client=cast.acme)
    now = timezone.now()
    Feed.objects.filter(connection=account).update(last_ok_at=now)
    rows = Feed.objects.filter(connection=account, last_ok_at__lt=Ago(timedelta(minutes=15))).values_list("pk")
    old = Prepared(rows)
    assert (len(old()), len(rows.all())) == (0, 0)
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=16))
    assert (len(old()), len(rows.all())) == (3, 3)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert (len(old()), len(rows.all())) == (0, 0)


@pytest.mark.usefixtures("db")
def test_what_can_have_no_rows_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert Prepared(Client.objects.filter(pk__in=[]).values_list("pk"))() == []
    assert not captured.captured_queries


@pytest.mark.django_db(transaction=True)
def test_each_thread_speaks_through_its_own_connection(cast: Cast) -> None:
    spoke: dict[str, Any] = {}

    def ask(whose: str) -> None:
        rows = NAMED(name=cast.acme.name)
        spoke[whose] = (rows[0][0], NAMED._kept.statement[0].connection is connections["default"])

    def elsewhere() -> None:
        try:
            ask("thread's")
        finally:
            connection.close()

    ask("ours")
    thread = Thread(target=elsewhere)
    thread.start()
    thread.join(30)
    assert spoke == {"ours": (cast.acme.name, True), "thread's": (cast.acme.name, True)}
