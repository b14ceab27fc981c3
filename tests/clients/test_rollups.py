"""The sums that pages read are kept equal to the rows, whatever is stored, gone, or moved; one after the other or at once."""

from __future__ import annotations

import itertools
import os
import random
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agency.models import Agency
from clients import rollups, scoping, storing
from clients.models import ALL_PROVIDERS, Broadcast, Client, ClientDay, Connection, PlacementDay
from clients.vendors.records import BroadcastRecord, PlacementRecord
from tests.cast import Cast, connect, make_cast
from tests.clients.sync.syncing import assert_sums_hold

DAY = date(2026, 9, 1)
DOMAINS = ("a.example", "mail.a.example", "b.example")
_numbers = itertools.count()

COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(0, 9))
ROW = st.tuples(st.integers(0, 6), st.integers(0, 2), st.sampled_from(DOMAINS), COUNTS)  # number, day, domain, counts
SPLIT = st.tuples(st.integers(0, 7), st.sampled_from(["gmail", "yahoo", "other"]), COUNTS)
SCOPE = st.tuples(st.sampled_from(["all", *DOMAINS]), st.integers(0, 2))  # value, which client; 2: none
WHICH = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("store"), WHICH, st.lists(ROW, min_size=1, max_size=5)),
    st.tuples(st.just("split"), WHICH, st.lists(SPLIT, min_size=1, max_size=5)),
    st.tuples(st.just("list"), WHICH, st.lists(SPLIT, min_size=1, max_size=5)),
    st.tuples(st.just("gone"), WHICH, st.sets(st.integers(0, 6), max_size=4)),
    st.tuples(st.just("scope"), WHICH, SCOPE),
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=10))
def test_sums_kept_are_sums_rebuilt_after_any_sequence(steps: list[Any]) -> None:
    agency = Agency.objects.create(name="Any", slug=f"any-{next(_numbers)}")
    clients = [Client.objects.create(agency=agency, name=name, slug=name) for name in ("one", "two")]
    pair = [connect(agency, key=f"a key of some length {n}", label=f"n{n}", client=clients[0]) for n in range(2)]
    for step in steps:
        _DOES[step[0]](pair[step[1]], step[2], clients)
    for connection in pair:
        assert_sums_hold(connection)
    _assert_sums_are_of_the_rows(agency)


def _assert_sums_are_of_the_rows(agency: Agency) -> None:
    """Said once more without the code that sums."""
    for model, of in ((PlacementDay, {}), (ClientDay, {"client__isnull": False})):
        live = Broadcast.objects.filter(connection__agency=agency, gone_at=None, **of)
        rolled = model.objects.filter(agency=agency)
        assert sum(rolled.filter(mailbox_provider=ALL_PROVIDERS).values_list("received", flat=True)) == sum(
            live.values_list("received", flat=True)
        )
        assert sum(rolled.filter(mailbox_provider="gmail").values_list("spam", flat=True)) == sum(
            live.filter(placements__mailbox_provider="gmail").values_list("placements__spam", flat=True)
        )


def _store(connection: Connection, rows: list[Any], clients: list[Client]) -> None:
    records = [
        BroadcastRecord(f"b{number}", "S", f"x@{domain}", domain, "", DAY + timedelta(days=day), sum(counts), *counts)
        for number, day, domain, counts in rows
    ]
    with transaction.atomic():
        storing.store_broadcasts(connection, records, 1, scoping.Resolver(connection))


def _split(connection: Connection, rows: list[Any], clients: list[Client]) -> None:
    with transaction.atomic():
        storing.store_placements(connection, [_placement(number, at, counts) for number, at, counts in rows])


def _list(connection: Connection, rows: list[Any], clients: list[Client]) -> None:
    with transaction.atomic():
        storing.store_placements(connection, [_placement(number, "gmail", counts) for number, _, counts in rows], "gmail")


def _placement(number: int, at: str, counts: tuple[int, int, int]) -> PlacementRecord:
    return PlacementRecord(f"b{number}", at, sum(counts), *counts)


def _gone(connection: Connection, numbers: set[int], clients: list[Client]) -> None:
    with transaction.atomic():
        rows = storing.unseen(Broadcast, connection, 99).filter(external_id__in=[f"b{number}" for number in numbers])
        storing.mark_gone(rows, connection)


def _scope(connection: Connection, scope: tuple[str, int], clients: list[Client]) -> None:
    value, which = scope
    kind = "all" if value == "all" else "domain"
    connection.scopes.filter(kind=kind, value="" if kind == "all" else value).delete()
    if which < 2:
        connection.scopes.create(client=clients[which], kind=kind, value="" if kind == "all" else value)
    scoping.reassign(connection)


_DOES = {"store": _store, "split": _split, "list": _list, "gone": _gone, "scope": _scope}


@pytest.mark.skipif(not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="SQLite has one writer at a time")
def test_two_connections_of_one_client_rolled_at_once_lose_no_sum_and_do_not_wait_for_each_other(transactional_db: None) -> None:
    people: Cast = make_cast()
    clients = [people.acme, people.birch]
    pair = [connect(people.north, key=f"a key of some length {n}", label=f"n{n}", client=people.acme) for n in range(2)]
    for connection in pair:
        connection.scopes.create(client=people.birch, kind="domain", value="b.example")
    problems: list[BaseException] = []

    def work(connection: Connection, seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(40):
                with transaction.atomic():
                    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
                    # Several rolls in one transaction, of one client or the other first.
                    for domain in rng.sample(DOMAINS, 2):
                        counts = rng.randint(1, 9), 1, 1
                        _store(connection, [(rng.randint(0, 6), rng.randint(0, 2), domain, counts)], clients)
                        _split(connection, [(rng.randint(0, 6), "gmail", counts)], clients)
        except BaseException as error:  # noqa: BLE001  (told by the test)
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(connection, n)) for n, connection in enumerate(pair)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert problems == []
    for connection in pair:
        assert_sums_hold(connection)
    _assert_sums_are_of_the_rows(people.north)


def test_a_sum_that_is_off_is_counted(cast: Cast) -> None:
    connection = connect(cast.north, key="a key of some length", client=cast.acme)
    _store(connection, [(1, 0, "a.example", (3, 2, 1))], [])
    assert rollups.check(connection) == 0
    ClientDay.objects.update(received=7)
    assert rollups.check(connection) > 0
    PlacementDay.objects.all().delete()
    assert rollups.check(connection) > 0
    rollups.rebuild(connection)
    assert rollups.check(connection) == 0
    assert ClientDay.objects.get().received == 6


def test_the_vendors_of_a_client_stay_apart(cast: Cast) -> None:
    vendors = ("inboxally", "instantly", "instantly")
    pair = [connect(cast.north, key=f"a long key {n}", label=f"{n}", client=cast.acme, vendor=v) for n, v in enumerate(vendors)]
    for connection in pair:
        _store(connection, [(1, 0, "a.example", (3, 2, 1))], [])
    assert sorted(ClientDay.objects.values_list("vendor", "received")) == [("inboxally", 6), ("instantly", 12)]
    for connection in pair:
        assert_sums_hold(connection)


def test_sums_of_a_client_that_has_no_rows_any_more_are_found_and_cleared(cast: Cast) -> None:
    connection = connect(cast.north, key="a key of some length", client=cast.acme)
    _store(connection, [(1, 0, "a.example", (3, 2, 1))], [])
    Broadcast.objects.all().delete()
    PlacementDay.objects.all().delete()
    assert rollups.check(connection) == 1
    rollups.rebuild(connection)
    assert not ClientDay.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=1)])
def test_a_broadcast_that_comes_back_as_another_clients_leaves_nothing_behind(day: date) -> None:
    cast = make_cast()
    account = connect(cast.north, key="k")
    account.scopes.create(client=cast.acme, kind="domain", value="a.example")
    account.scopes.create(client=cast.birch, kind="domain", value="b.example")

    def store(domain: str, day: date) -> None:
        record = BroadcastRecord("b1", "S", f"x@{domain}", domain, "", day, 9, 5, 2, 2)
        with transaction.atomic():
            storing.store_broadcasts(account, [record], 1, scoping.Resolver(account))

    store("a.example", DAY)
    store("b.example", day)
    assert list(ClientDay.objects.values_list("client", "day", "received")) == [(cast.birch.pk, day, 9)]
    assert rollups.check(account) == 0
