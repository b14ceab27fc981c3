"""Taking a change back: a plan from what was before, which first shows what others have done since."""

from __future__ import annotations

from typing import Any

import pytest

from agency.models import AuditEntry
from clients.changes import asking
from clients.changes.asking import NotNow
from clients.models import ChangeState, Connection, ItemState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.changes.changing import (
    CUSTOM,
    INACTIVE,
    REPAIR,
    applied,
    items,
    on,
    picked,
    planned,
    presets,
    states,
    undone,
    writes,
)


@pytest.mark.parametrize("edit", [REPAIR, CUSTOM, INACTIVE], ids=["preset", "custom", "status"])
def test_an_undo_brings_back_what_was_and_its_undo_what_had_been_done(
    box: Sandbox, people: Cast, connection: Connection, edit: dict[str, Any]
) -> None:
    senders = box.world.account("wide").senders

    def now() -> dict[str, tuple[str, dict[str, Any]]]:
        return {key: (sender.status, dict(sender.rules)) for key, sender in senders.items()}

    before = now()
    change = applied(planned(people.mo, on("brand03.example"), edit, connection))
    changed = now()
    undo = undone(change)
    assert (states(undo), now()) == ({"planned": 3}, changed)
    undo = applied(undo)
    assert (undo.state, now()) == (ChangeState.DONE, before)
    applied(undone(undo))
    assert now() == changed
    assert AuditEntry.objects.filter(action="change.undone", subject=people.acme.uuid).count() == 2


def test_each_sender_goes_back_to_what_it_was_itself(box: Sandbox, people: Cast, connection: Connection) -> None:
    first, second, _ = [key for key, sender in box.world.account("wide").senders.items() if sender.domain == "brand03.example"]
    box.change("wide", senders={first: {"preset": "boost"}, second: {"preset": "protect"}})
    change = applied(planned(people.mo, on("brand03.example"), REPAIR, connection))
    undo = undone(change)
    assert [call["kind"] for call in undo.calls] == ["sender"]
    assert "not all to become the same" in undo.calls[0]["why"]
    applied(undo)
    assert presets(box) == {"boost": 1, "protect": 1, "default": 58}


def test_the_undo_of_a_whole_domain_is_one_call_too(box: Sandbox, people: Cast, connection: Connection) -> None:
    undo = undone(applied(planned(people.mo, on("brand03.example"), REPAIR, connection)))
    assert [(call["kind"], call["calls"]) for call in undo.calls] == [("domain", 1)]


def test_what_somebody_changed_since_is_shown_and_left_unless_one_says_otherwise(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = applied(planned(people.mo, picked(connection, 4), REPAIR, connection))
    moved = items(change)[0].sender, items(change)[1].sender
    box.change("wide", senders={sender.external_id: {"preset": "boost"} for sender in moved})
    undo = undone(change)
    drifted = {item.sender: item for item in items(undo) if item.drifted}
    assert set(drifted) == set(moved)
    assert {(item.state, item.why) for item in drifted.values()} == {(ItemState.SKIPPED, "Somebody has set it to boost since.")}

    asking.choose(undo, {str(drifted[moved[0]].uuid)})
    undo = applied(undo)
    assert states(undo) == {"done": 3, "skipped": 1}
    assert presets(box) == {"boost": 1, "default": 59}
    with pytest.raises(NotNow):
        asking.choose(undo, set())


def test_overwriting_is_counted_among_the_calls_and_can_be_taken_back(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, picked(connection, 2), REPAIR, connection))
    box.change("wide", senders={items(change)[0].sender.external_id: {"preset": "boost"}})
    undo = undone(change)
    assert sum(call["calls"] for call in undo.calls) == 1
    asking.choose(undo, {str(item.uuid) for item in items(undo)})
    undo.refresh_from_db()
    assert sum(call["calls"] for call in undo.calls) == 2
    applied(undone(applied(undo)))
    assert presets(box) == {"boost": 1, "repair": 1, "default": 58}


def test_only_what_was_done_is_taken_back(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 4), REPAIR, connection)
    box.faults.add("error", "/v3/senders/*", method="PUT", after=1, status=422)
    change = applied(change)
    undo = undone(change)
    assert undo.items.count() == 3


def test_a_sender_that_was_set_back_already_is_left_alone(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, picked(connection, 2), REPAIR, connection))
    box.change("wide", senders={items(change)[0].sender.external_id: {"preset": "default"}})
    box.requests.clear()
    undo = applied(undone(change))
    assert states(undo) == {"noop": 1, "done": 1}
    assert len(writes(box)) == 1


def test_what_changed_nothing_can_not_be_taken_back(people: Cast, connection: Connection) -> None:
    with pytest.raises(NotNow):
        asking.undo(planned(people.mo, picked(connection, 2), REPAIR, connection), None)
