"""Taking a change back: a plan from what was before, which first shows what others have done since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agency.models import AuditEntry
from clients.changes import asking, undoing, wording
from clients.changes.asking import NotNow
from clients.models import Change, ChangeItem, ChangeState, Connection, ItemState
from clients.models.changes import FRESH
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
    worked,
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
    assert AuditEntry.objects.filter(action="change.undo_asked", subject=people.acme.uuid).count() == 2


def test_an_undo_asked_for_again_is_the_plan_that_waits(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, on("brand03.example"), REPAIR, connection))
    first = asking.undo(change, None)
    assert asking.undo(change, None) == first
    assert asking.undo(change, None) == worked(first)
    Change.objects.filter(pk=first.pk).update(planned_at=timezone.now() - FRESH - timedelta(minutes=1))
    assert asking.undo(change, None) != first, "one that is too old to be applied is made again"


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

    asking.choose(undo, {str(drifted[moved[0]].uuid)}, "")
    undo = applied(undo)
    assert states(undo) == {"done": 3, "skipped": 1}
    assert presets(box) == {"boost": 1, "default": 59}
    with pytest.raises(NotNow):
        asking.choose(undo, set(), "")


def test_overwriting_is_counted_among_the_calls_and_can_be_taken_back(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, picked(connection, 2), REPAIR, connection))
    box.change("wide", senders={items(change)[0].sender.external_id: {"preset": "boost"}})
    undo = undone(change)
    assert sum(call["calls"] for call in undo.calls) == 1
    asking.choose(undo, {str(item.uuid) for item in items(undo)}, "")
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


def test_what_is_undone_is_not_undone_again_unless_its_undo_is(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, on("brand03.example"), REPAIR, connection))
    assert undoing.standing(change) is None
    undo = applied(undone(change))
    assert (undoing.standing(change), undoing.is_over(change)) == (undo, True)
    with pytest.raises(NotNow, match="undone already"):
        asking.undo(change, None)
    applied(undone(undo))
    assert (undoing.standing(change), undoing.is_over(undo)) == (None, True)
    assert presets(box) == {"repair": 3, "default": 57}
    applied(undone(change))
    assert (undoing.is_over(change), presets(box)) == (True, {"default": 60})


def test_an_undo_that_failed_for_some_leaves_those_to_be_undone(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = applied(planned(people.mo, picked(connection, 4), REPAIR, connection))
    plan = undone(change)
    box.faults.add("error", "/v3/senders/*", method="PUT", after=1, status=422)
    undo = applied(plan)
    assert (undo.state, undoing.standing(change), undoing.is_over(change)) == (ChangeState.PARTIAL, undo, False)
    assert states(applied(undone(change))) == {"noop": 3, "done": 1}
    assert undoing.is_over(change)


def test_the_failed_are_not_tried_again_once_the_rest_is_undone_or_about_to_be(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    plan = planned(people.mo, picked(connection, 4), REPAIR, connection)
    box.faults.add("error", "/v3/senders/*", method="PUT", after=3, status=422)
    change = applied(plan)
    undo = undone(change)
    with pytest.raises(NotNow, match="waits to be applied"):
        asking.retry(change, None)
    asking.drop(undo)
    assert (asking.retry(change, None), worked(change).state) == (1, ChangeState.DONE)

    Change.objects.filter(pk=change.pk).update(state=ChangeState.PARTIAL)
    ChangeItem.objects.filter(pk=items(change)[0].pk).update(state=ItemState.FAILED)
    applied(undone(change))
    with pytest.raises(NotNow, match="has been undone"):
        asking.retry(change, None)


def test_a_plan_that_is_dropped_is_not_applied(box: Sandbox, people: Cast, connection: Connection) -> None:
    plan = planned(people.mo, picked(connection, 2), REPAIR, connection)
    asking.drop(plan)
    for ask in (asking.drop, lambda change: asking.apply(change, None)):
        with pytest.raises(NotNow):
            ask(plan)
    plan.refresh_from_db()
    assert (plan.outcome, writes(box)) == ("Dropped: nothing was sent.", [])


def test_an_undo_has_words_and_a_reason_of_its_own(people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    Change.objects.filter(pk=change.pk).update(reason="It slides")
    undo = undone(applied(change))
    assert (wording.what(undo), undo.reason) == ("Undo of preset repair", "")
    asking.choose(undo, set(), " It did not help ")
    undo = applied(undo)
    asked, ended = AuditEntry.objects.filter(action__startswith="change.undo").order_by("pk")
    assert (asked.action, asked.reason, asked.target) == ("change.undo_asked", "It did not help", "3 senders on brand03.example")
    assert (ended.action, ended.after["result"]) == ("change.undo_ended", "3 done.")
    assert wording.what(undone(undo)) == "Undo of an undo"
