"""What a change says of who did what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agency.models import User
from clients.changes import wording
from clients.models import Change

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ADA, BEN = User(pk=1, name="Ada", email="ada@north.example"), User(pk=2, name="Ben", email="ben@north.example")


def before(**spans: int) -> dict[str, Any]:
    return {name: NOW - timedelta(minutes=minutes) for name, minutes in spans.items()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (before(created_at=0, planned_at=0) | {"made_by": ADA}, "By Ada, just now"),
        (
            before(created_at=0, planned_at=0, applied_at=0, finished_at=0) | {"made_by": ADA, "applied_by": ADA},
            "By Ada, just now",
        ),
        (before(created_at=9, planned_at=9), "By a command, 9 min ago"),
        (
            before(created_at=9, planned_at=9, applied_at=9, finished_at=5) | {"made_by": ADA, "applied_by": BEN},
            "By Ada, 9 min ago; applied by Ben 9 min ago; ended 5 min ago",
        ),
        (before(created_at=9, planned_at=7) | {"made_by": ADA}, "By Ada, 9 min ago; planned 7 min ago"),
    ],
)
def test_each_thing_is_told_once(change: dict[str, Any], said: str) -> None:
    assert wording.told(Change(**change), NOW) == said
