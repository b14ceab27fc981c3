"""Days and times as vendors write them, on a machine that keeps any timezone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.vendors.rows import as_day, as_time


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Auckland"])
def _machine(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_machine")
@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-09-13", 13),
        ("2026-09-13T23:30:00", 13),
        ("2026-09-13T00:30:00", 13),
        ("2026-09-13T23:30:00Z", 13),
        ("2026-09-13T23:30:00-05:00", 14),
    ],
)
def test_a_day_is_the_vendors_wherever_we_stand(written: str, day: int) -> None:
    assert as_day(written) == date(2026, 9, day)


@given(st.one_of(st.text(), st.datetimes().map(str), st.dates().map(str), st.datetimes(timezones=st.timezones()).map(str)))
def test_whatever_is_written_a_time_is_aware_or_none(written: str) -> None:
    found = as_time(written)
    assert found is None or found.tzinfo is UTC
    day = as_day(written)
    assert day is None or not isinstance(day, datetime)
