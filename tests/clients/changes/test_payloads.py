"""Rules and statuses in words, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from clients.changes import payloads
from tests.clients.changes.changing import CUSTOM

UNKNOWN = {"preset": "repair", **dict.fromkeys(payloads.ACTIONS)}
LISTED = (
    "opened 1 %, scrolled down 2 %, spam to inbox 3 %, promo to inbox 4 %, marked important 5 %, replied to 6 %, link clicked 7 %"
)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"status": "active"}, {"status": "inactive"}, ("active", "inactive")),
        (UNKNOWN, {"preset": "boost"}, ("repair", "boost")),
        (CUSTOM, {"preset": "boost"}, (f"custom ({LISTED})", "boost")),
        (UNKNOWN, CUSTOM, ("repair", f"custom ({LISTED})")),
        (CUSTOM | {"reply": 9}, CUSTOM, ("custom: replied to 9 %", "custom: replied to 6 %; the rest as it is")),
        (CUSTOM | {"preset": "warmup"}, CUSTOM, ("warmup", "custom: the percentages as they are")),
    ],
)
def test_both_sides_are_told_with_each_percentage_by_its_name(
    before: dict[str, Any], after: dict[str, Any], said: tuple[str, str]
) -> None:
    assert payloads.compared(before, after) == said
