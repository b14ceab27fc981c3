"""Many rows at once: what is written is what is read back, on either database."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients import bulk
from clients.models import Broadcast, Connection, Sender
from tests.cast import Cast, connect

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
DAY = date(2026, 1, 2)
BROADCAST = (
    "connection_id", "external_id", "uuid", "subject", "from_email", "domain", "sender_ref", "day", "received", "primary",
    "promotions", "spam", "split_stale", "first_seen", "seen_run", "missing",
)  # fmt: skip
SENDER = (
    "connection_id", "external_id", "uuid", "email", "name", "conflict", "open", "created_at", "raw", "client_id",
    "domain", "status", "preset", "first_seen", "seen_run", "workspace",
)  # fmt: skip
# What a database takes: neither NUL nor half of a surrogate pair (`clients.vendors.text.clean`).
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXT, lambda each: st.lists(each, max_size=3), max_leaves=5
)
TIME = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (its zone is given)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few rows are a whole block, several, and what is left."""
    monkeypatch.setattr(bulk, "BLOCK", 2)


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return connect(cast.north, key="a key of some length")


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            TEXT, TEXT, st.booleans(), st.none() | st.integers(0, 100), st.none() | TIME, st.dictionaries(TEXT, JSON, max_size=3)
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_every_kind_of_value_survives_insert_and_update(connection: Connection, cast: Cast, rows: list[Any]) -> None:
    Sender.objects.all().delete()
    given_rows = [(connection.pk, f"s{n}", uuid.uuid4().hex, *row, None, "", "", "", NOW, 7, "") for n, row in enumerate(rows)]
    bulk.insert(Sender, SENDER, given_rows)
    assert _stored() == [(*row[:2], uuid.UUID(row[2]), *row[3:]) for row in given_rows]
    ids = Sender.objects.order_by("external_id").values_list("pk", flat=True)
    turned = [(pk, *row, cast.acme.pk) for pk, row in zip(ids, reversed(rows), strict=True)]
    bulk.update(Sender, ("id", *SENDER[3:10]), turned)
    assert [row[3:10] for row in _stored()] == [row[1:] for row in turned]


def _broadcast(connection: Connection, name: str, counted: int) -> tuple[Any, ...]:
    return (connection.pk, name, uuid.uuid4().hex, name, "", "", "", DAY, counted, counted, 0, 0, True, NOW, 7)


def _stored() -> list[Any]:
    return list(Sender.objects.order_by("external_id").values_list(*SENDER))


def test_text_that_means_something_to_copy_is_text(connection: Connection) -> None:
    hard = ["\\N", "\\.", "a\tb", "a\nb", "a\r\nb", "\\", "\\n", "\x85\u2028", "'; DROP TABLE x; --", "%s %(a)s", "\x7f\x1b"]
    bulk.insert(Broadcast, BROADCAST, [(*_broadcast(connection, text, 1), None) for text in hard])
    assert dict(Broadcast.objects.values_list("external_id", "subject")) == dict(zip(hard, hard, strict=True))
    assert set(Broadcast.objects.filter(external_id__among=hard).values_list("external_id", flat=True)) == set(hard)
    assert Broadcast.objects.filter(external_id__among=[]).count() == 0
    assert set(Broadcast.objects.values_list("day", "missing")) == {(DAY, None)}


def test_of_many_ids_as_many_rows(connection: Connection) -> None:
    bulk.insert(Broadcast, BROADCAST, [(*_broadcast(connection, f"b{n}", n), n) for n in range(3000)])
    found = Broadcast.objects.filter(external_id__among=[f"b{n}" for n in range(0, 6000, 2)])
    assert found.count() == 1500
    ids = list(found.values_list("pk", flat=True))
    assert Broadcast.objects.filter(pk__among=ids).update(spam=3) == 1500


def test_nothing_is_no_query(django_assert_num_queries: Any, connection: Connection) -> None:
    with django_assert_num_queries(0):
        bulk.insert(Sender, SENDER, [])
        bulk.update(Sender, ("id", "name"), [])


def test_the_last_of_two_rows_with_one_key_counts() -> None:
    assert bulk.latest([("a", 1), ("b", 2), ("a", 3)], lambda row: row[0]) == {"a": ("a", 3), "b": ("b", 2)}
