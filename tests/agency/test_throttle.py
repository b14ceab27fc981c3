from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection

from agency import throttle
from agency.models import Throttle


@pytest.mark.django_db
def test_so_many_are_allowed_and_no_more() -> None:
    assert [throttle.allow("door", "a", 3, 60) for _ in range(5)] == [True, True, True, False, False]
    assert throttle.allow("door", "b", 3, 60)
    assert throttle.allow("gate", "a", 3, 60)


@pytest.mark.django_db
def test_a_new_window_begins_when_the_old_one_ends() -> None:
    with time_machine.travel(1_000_000, tick=False):
        assert [throttle.allow("door", "a", 1, 60) for _ in range(2)] == [True, False]
    with time_machine.travel(1_000_059, tick=False):
        assert not throttle.allow("door", "a", 1, 60)
    with time_machine.travel(1_000_060, tick=False):
        assert throttle.allow("door", "a", 1, 60)


@pytest.mark.django_db
def test_asking_whether_it_is_exhausted_counts_nothing() -> None:
    assert [throttle.exhausted("door", "a", 1) for _ in range(3)] == [False] * 3
    throttle.allow("door", "a", 1, 60)
    assert throttle.exhausted("door", "a", 1)
    throttle.forget("door", "a")
    assert not throttle.exhausted("door", "a", 1)


@pytest.mark.django_db
def test_old_counters_are_swept_by_new_ones() -> None:
    with time_machine.travel(1_000_000, tick=False):
        for number in range(20):
            throttle.allow("door", str(number), 1, 60)
    with time_machine.travel(1_000_100, tick=False):
        for number in range(3):
            throttle.allow("gate", str(number), 1, 60)
    assert Throttle.objects.count() == 3


@pytest.mark.django_db
def test_neither_key_nor_name_is_kept_in_clear() -> None:
    throttle.allow("door", "ann@north.example", 1, 60)
    assert "ann" not in Throttle.objects.get().key


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_the_limit_is_allowed() -> None:
    def one(_: int) -> bool:
        try:
            return throttle.allow("door", "a", 10, 60)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(40))) == 10
