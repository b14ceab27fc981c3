"""Rows that can't be read, or kept as they came: set aside and counted, and the others arrive."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Broadcast, Connection, RunState
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import assert_true, bring, lists_asked, words


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("null_id", {}),
        ("missing_key", {"field": "primary_inbox"}),
        ("wrong_type", {"field": "primary_inbox"}),
        ("huge_number", {"field": "spam"}),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_counted_and_the_others_arrive(
    box: Sandbox, connection: Connection, kind: str, args: dict[str, Any]
) -> None:
    box.faults.add(kind, "/v3/broadcasts", **args)
    run = bring(connection)
    assert (run.state, run.set_aside) == (RunState.PARTIAL, 1)
    assert "1 rows set aside" in run.outcome
    assert "Row set aside: broadcast" in words(run)
    assert Broadcast.objects.count() == box.truth("petit")["broadcasts"] - 1
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


@pytest.mark.parametrize("kind", ["lone_surrogate", "nul", "huge_subject"])
def test_text_that_no_database_takes_costs_no_row(box: Sandbox, connection: Connection, kind: str) -> None:
    box.faults.add(kind, "/v3/broadcasts", times=None)
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)
    assert max(map(len, Broadcast.objects.values_list("subject", flat=True))) <= 1000


@pytest.mark.parametrize("kind", ["nul", "lone_surrogate"])
def test_a_name_that_no_database_takes_makes_no_second_broadcast(box: Sandbox, people: Cast, kind: str) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    box.faults.add(kind, "/v3/broadcasts", field="id", times=1)
    first = bring(connection)
    assert (first.state, first.set_aside) == (RunState.PARTIAL, 1)
    assert bring(connection).state == RunState.OK
    assert Broadcast.objects.filter(gone_at=None).count() == box.truth("northwind")["broadcasts"]


def test_an_old_row_that_was_set_aside_comes_with_the_next_pass(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    box.faults.add("huge_number", "/v3/broadcasts", field="spam", query={"page_token": "*"}, after=2, times=1)
    assert bring(connection).set_aside == 1
    assert Broadcast.objects.count() == box.truth("northwind")["broadcasts"] - 1
    assert bring(connection).state == RunState.OK
    assert Broadcast.objects.count() == box.truth("northwind")["broadcasts"]


def test_a_row_that_is_never_whole_does_not_cost_the_whole_list_for_ever(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    box.faults.add("huge_number", "/v3/broadcasts", field="spam", times=None)
    for _ in range(3):
        assert bring(connection).state == RunState.PARTIAL
    box.requests.clear()
    bring(connection)
    assert len([asked for asked in lists_asked(box) if "provider" not in asked.query]) <= 2
