"""A process remembers the doors that events come through, and never believes it: what the database says now decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Event, Hook
from clients.webhooks import doors, knowing
from tests.clients.webhooks.delivering import SECRET, Door, event

NEXT = "ibt_wh_the-next-secret-0123456789"


@pytest.fixture
def door(door: Door) -> Iterator[Door]:
    """One that an event has come through, as the process remembers."""
    assert door.post(event(1)) == 200
    assert knowing._remembered
    yield door
    knowing._remembered.clear()


def queries(knock: Callable[[], int]) -> tuple[int, int]:
    with CaptureQueriesContext(database) as asked:
        status = knock()
    return status, len(asked)


def test_a_new_event_costs_one_statement_and_any_other_is_looked_at_anew(door: Door) -> None:
    assert queries(lambda: door.post(event(2))) == (200, 1)
    assert queries(lambda: door.post(event(2))) == (200, 3)
    assert door.post(event(3), NEXT) == 401
    assert queries(lambda: door.post(event(3))) == (200, 1)
    assert sorted(Event.objects.values_list("seq", flat=True)) == [1, 2, 3]


def test_what_is_stored_at_once_is_the_row_that_is_stored_else(door: Door) -> None:
    with_time = event(2, timestamp="2026-11-20T01:02:03.456789Z", data={"text": '‘%s’ \\ " 💌'})
    door.post(with_time)
    knowing._remembered.clear()
    door.post({**with_time, "id": "other"})
    left = {"id", "uuid", "external_id", "received_at", "raw"}
    one, other = Event.objects.filter(seq=2).order_by("pk").values()
    assert {name: value for name, value in one.items() if name not in left} == {
        name: value for name, value in other.items() if name not in left
    }
    assert one["raw"].replace('"evt2"', '"other"') == other["raw"]
    assert timedelta(0) <= other["received_at"] - one["received_at"] < timedelta(minutes=1)


def _removed(door: Door) -> None:
    door.connection.removed_at = timezone.now()
    door.connection.save()


def _overlap_over(door: Door) -> None:
    Hook.objects.update(old_until=timezone.now() - timedelta(seconds=1))


CHANGED: dict[str, tuple[Callable[[Door], object], int]] = {
    "its address was made anew": (lambda door: doors.open_address(door.connection, None), 404),
    "it was closed": (lambda door: doors.close(door.connection, None), 404),
    "its account was removed": (_removed, 404),
    "its secret was replaced": (lambda door: doors.put_in(door.connection, NEXT, None), 401),
    "its style was decided on": (lambda door: Hook.objects.update(style="raw"), 401),
}


@pytest.mark.parametrize(("change", "status"), CHANGED.values(), ids=CHANGED)
def test_what_changed_in_another_process_holds_from_the_next_delivery_on(
    door: Door, change: Callable[[Door], object], status: int
) -> None:
    change(door)
    assert door.post(event(2)) == status
    assert door.post(b"[" * 10, SECRET) == status
    assert Event.objects.count() == 1


def test_a_rotation_is_heeded_as_it_begins_and_as_it_ends(door: Door) -> None:
    doors.put_in(door.connection, NEXT, None, overlap=24)
    assert [door.post(event(2), NEXT), door.post(event(3), SECRET)] == [200, 200]
    assert queries(lambda: door.post(event(4), SECRET)) == (200, 1)
    _overlap_over(door)
    assert [door.post(event(5), SECRET), door.post(event(6), NEXT)] == [401, 200]
    assert sorted(Event.objects.values_list("seq", flat=True)) == [1, 2, 3, 4, 6]


def test_no_more_doors_are_remembered_than_so_many(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowing, "REMEMBERED", 1)
    other = Door(door.connection, doors.open_address(door.connection, None))
    assert other.post(event(2)) == 200
    assert len(knowing._remembered) == 1
    assert queries(lambda: other.post(event(3))) == (200, 1)
