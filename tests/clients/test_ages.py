from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clients.ages import age, ago

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=99), "99 min"),
        (timedelta(minutes=100), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=40), "40 days"),
    ],
)
def test_how_long_ago_and_how_soon(span: timedelta, said: str) -> None:
    past = said if said == "just now" else f"{said} ago"
    coming = said if said == "just now" else f"in {said}"
    assert (age(NOW - span, NOW), ago(NOW - span, NOW), ago(NOW + span, NOW)) == (said, past, coming)


def test_what_was_never_has_no_age_and_what_is_ahead_by_a_clock_is_now() -> None:
    assert age(None, NOW) == ""
    assert age(NOW + timedelta(hours=1), NOW) == "just now"
