"""A page of broadcasts that is taken for new, since the one before was."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clients import bulk, rollups, scoping, storing
from clients.models import Broadcast, Connection
from clients.vendors.records import BroadcastRecord
from tests.cast import Cast, connect


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return connect(cast.north, key="a key of some length", label="North", client=cast.acme)


def _store(connection: Connection, *records: BroadcastRecord) -> tuple[int, int, int]:
    stored = storing.store_broadcasts(connection, records, 7, scoping.Resolver(connection), likely_new=True)
    assert rollups.check(connection) == 0
    return stored.rows, stored.new, stored.changed


def _sent(name: str, spam: int = 0) -> BroadcastRecord:
    return BroadcastRecord(name, f"Of {name}", "a@a.example", "a.example", "", date(2026, 9, 1), 9 + spam, 9, 0, spam)


@pytest.mark.django_db
def test_of_two_rows_with_one_id_the_last_counts(connection: Connection) -> None:
    assert _store(connection, _sent("a"), _sent("d"), _sent("d", spam=1)) == (2, 2, 0)
    rows = Broadcast.objects.order_by("external_id").values_list("external_id", "spam", "seen_run", "split_stale", "client__slug")
    assert [(name, spam) for name, spam, *_ in rows] == [("a", 0), ("d", 1)]
    assert {tuple(rest) for _, _, *rest in rows} == {(7, True, connection.scopes.get().client.slug)}


@pytest.mark.django_db
def test_what_is_there_all_the_same_is_told_by_the_tables_key(connection: Connection) -> None:
    _store(connection, _sent("a"), _sent("b"))
    with pytest.raises(IntegrityError), transaction.atomic():
        _store(connection, _sent("c"), _sent("b", spam=4))
    assert list(Broadcast.objects.order_by("external_id").values_list("external_id", "spam")) == [("a", 0), ("b", 0)]


@pytest.mark.django_db
def test_what_is_all_new_is_looked_for_nowhere(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: Any) -> Any:
        raise AssertionError("looked for")

    monkeypatch.setattr(bulk, "found", found)
    assert _store(connection, _sent("a"), _sent("b")) == (2, 2, 0)


@pytest.mark.django_db
def test_nothing_is_nothing(connection: Connection) -> None:
    assert _store(connection) == (0, 0, 0)


@pytest.mark.django_db
def test_names_of_rows_are_uuids_of_version_7_in_the_order_of_time(connection: Connection) -> None:
    _store(connection, *(_sent(f"b{n}") for n in range(200)))
    names = set(Broadcast.objects.values_list("uuid", flat=True))
    assert len(names) == 200
    assert {(name.version, name.variant) for name in names} == {(7, "specified in RFC 4122")}
    _store(connection, _sent("later"))
    assert Broadcast.objects.get(external_id="later").uuid.int >> 80 >= max(name.int >> 80 for name in names)
