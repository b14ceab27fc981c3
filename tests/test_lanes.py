from __future__ import annotations

from tests import lanes


def test_what_runs_on_one_lane_only_is_there() -> None:
    named = (*lanes.WITHOUT_DATABASE, *lanes.OF_LOOKS, *lanes.OF_FORMS, *lanes.OF_WORKSPACES)
    assert [place for place in named if not (lanes.HERE / place).exists()] == []
