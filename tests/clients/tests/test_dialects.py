"""The ways in which the live API differs from what is written of it."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Placement, RunState, TestMail
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import bring, bring_all, words
from tests.clients.tests.testing import MAILS, assert_true, connect, kept_cells

WAYS: list[dict[str, Any]] = [
    {"numbers_for_booleans": True},
    {"explicit_nulls": True},
    {"extra_keys": True},
    {"last_cursor": "carries"},
    {"last_cursor": "empty"},
    {"last_cursor": "null"},
    {"short_pages": 7},
    {"analytics_order": "asc"},
    {"not_an_admin": 0},
    {"not_an_admin": 401},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_each_way_brings_the_same_home(box: Sandbox, people: Cast, way: dict[str, Any]) -> None:
    box.instantly.switches.turn(way)
    connection = connect(people.north, box, "tidal", people.acme)
    for run in bring_all(connection):
        assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    assert_true(box, "tidal", connection)
    assert connection.senders.filter(tags__name="season").exists()


def test_numbers_that_nobody_has_explained_are_kept_by_name(box: Sandbox, people: Cast) -> None:
    box.instantly.switches.turn({"unknown_codes": True})
    connection = connect(people.north, box, "tidal", people.acme)
    for run in bring_all(connection):
        assert run.outcome == "Complete."
    assert_true(box, "tidal", connection)
    assert set(TestMail.objects.filter(mailbox_provider="other").values_list("provider_raw", flat=True)) == {
        "ESP 77 Professional"
    }
    assert Placement.objects.filter(mailbox_provider="other", received__gt=0).exists()


def test_a_second_reading_of_a_pass_that_broke_off_brings_the_rest(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 20})
    box.faults.add("error", MAILS, after=9, times=None, status=503)
    run = bring(connection, "tests")
    assert run.state == RunState.FAILED
    at = connection.feeds.get(resource="tests").checkpoint
    assert at["phase"] == "results"
    first = [one.query for one in box.requests.to(MAILS) if one.status == 200]
    box.faults.clear()
    box.requests.clear()
    assert bring(connection, "tests").state == RunState.OK
    again = [one.query for one in box.requests.to(MAILS)]
    assert not [query for query in again if query in first], "no page is fetched twice"
    assert_true(box, "tidal", connection)


def test_a_pass_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    box: Sandbox, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clients import placement_tests

    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 30})
    whole, calls = placement_tests.store_mails, [0]

    def dies(*given: Any) -> Any:
        calls[0] += 1
        stored = whole(*given)
        if calls[0] % 3 == 0:
            raise RuntimeError("killed")
        return stored

    monkeypatch.setattr(placement_tests, "store_mails", dies)
    states = [bring(connection, "tests").state for _ in range(3)]
    assert states == [RunState.FAILED] * 3
    monkeypatch.setattr(placement_tests, "store_mails", whole)
    assert bring(connection, "tests").state == RunState.OK
    assert_true(box, "tidal", connection)
    cells = kept_cells(connection)
    bring(connection, "tests")
    assert kept_cells(connection) == cells
