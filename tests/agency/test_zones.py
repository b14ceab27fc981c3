"""Timezones as people choose and type them."""

from __future__ import annotations

import time_machine

from agency import zones


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_a_choice_shows_what_its_clocks_are_ahead_by_now() -> None:
    found = dict(zones.choices())
    assert [found[name] for name in ("Europe/Berlin", "UTC", "Asia/Kathmandu", "America/New_York", "America/St_Johns")] == [
        "Europe/Berlin (UTC+1)", "UTC", "Asia/Kathmandu (UTC+5:45)", "America/New York (UTC−5)", "America/St Johns (UTC−3:30)",
    ]  # fmt: skip
    assert zones.choices(["Asia/Tokyo"]) == [("Asia/Tokyo", "Asia/Tokyo (UTC+9)")]
    with time_machine.travel("2027-07-01T12:00:00Z", tick=False):
        assert dict(zones.choices())["Europe/Berlin"] == "Europe/Berlin (UTC+2)"


def test_a_zone_is_known_as_somebody_types_it() -> None:
    assert zones.find(" america/new york ") == "America/New_York"
    assert zones.find("Atlantis") == ""
    assert zones.find("localtime") == zones.find("Factory") == "", "no place's"
