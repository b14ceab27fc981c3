"""Applying a plan: what was planned and nothing else, once, with the result read back from the vendor."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import dispatching, tasks
from clients.changes import asking, crew, selecting
from clients.changes.asking import NotNow
from clients.changes.calls import number_of
from clients.models import Change, ChangeItem, ChangeState, Connection, Health, Sender
from sandbox.server import Sandbox
from tests.at_once import at_once
from tests.cast import Cast, connect
from tests.clients.changes.changing import (
    CUSTOM,
    INACTIVE,
    REPAIR,
    applied,
    bring_senders,
    done_writes,
    items,
    on,
    picked,
    planned,
    presets,
    resumed,
    states,
    tagged,
    whys,
    worked,
    writes,
)


@pytest.mark.parametrize("edit", [REPAIR, CUSTOM, INACTIVE], ids=["preset", "custom", "status"])
def test_a_domain_changes_by_one_call_and_nothing_else_does(
    box: Sandbox, people: Cast, connection: Connection, edit: dict[str, Any]
) -> None:
    senders = box.world.account("wide").senders
    before = {key: (sender.status, dict(sender.rules)) for key, sender in senders.items()}
    change = applied(planned(people.mo, on("brand03.example"), edit, connection))

    assert (change.state, change.outcome, states(change)) == (ChangeState.DONE, "3 done.", {"done": 3})
    after = {key: (sender.status, dict(sender.rules)) for key, sender in senders.items()}
    assert {senders[key].domain for key in after if after[key] != before[key]} == {"brand03.example"}
    assert len(writes(box)) == 1
    for item in items(change):
        row = item.sender
        assert item.found.items() >= edit.items()
        assert {name: getattr(row, name) for name in edit} == edit, "our own row is what was read back"


def test_the_effect_is_the_preview(box: Sandbox, people: Cast, connection: Connection) -> None:
    rows = Sender.objects.filter(connection=connection)[:7]
    change = planned(people.mo, selecting.by_senders([str(row.uuid) for row in rows]), REPAIR, connection)
    expected = {item.sender.external_id: item.after["preset"] for item in items(change)}
    applied(change)
    now = {key: sender.rules["preset"] for key, sender in box.world.account("wide").senders.items()}
    assert now == {**dict.fromkeys(now, "default"), **expected}
    assert len(writes(box)) == number_of(change.calls)


def test_what_is_so_already_is_not_sent(box: Sandbox, people: Cast, connection: Connection) -> None:
    box.change("wide", senders={key: {"preset": "repair"} for key in list(box.world.account("wide").senders)[:59]})
    change = applied(planned(people.mo, selecting.by_filter({"client": "acme"}), REPAIR, connection))
    assert states(change) == {"noop": 59, "done": 1}
    assert len(writes(box)) == 1


def test_three_in_a_hundred_refused_leave_the_rest_done_and_are_tried_again_alone(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 40), REPAIR, connection)
    assert all(call["kind"] == "sender" for call in change.calls)
    for number in (4, 20, 33):
        box.faults.add("error", "/v3/senders/*", method="PUT", after=number, status=422)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"done": 37, "failed": 3})
    assert all(why.startswith("InboxAlly refuses this (") for why in whys(change))

    refused = {f"/v3/senders/{item.sender.external_id}/engagement-rules" for item in items(change) if item.state == "failed"}
    box.requests.clear()
    assert asking.retry(change, None) == 3
    change = worked(change)
    assert (change.state, states(change)) == (ChangeState.DONE, {"done": 40})
    assert {asked.path for asked in writes(box)} == refused
    with pytest.raises(NotNow):
        asking.retry(change, None)


def test_an_item_is_written_down_as_being_sent_before_it_leaves(
    people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = planned(people.mo, picked(connection, 5), REPAIR, connection)
    real, seen = crew.Send.__call__, []

    def leave(self: Any, vendor: Any, part: Any) -> Any:
        seen.append(ChangeItem.objects.get(pk=self.items[0].pk).state)
        return real(self, vendor, part)

    monkeypatch.setattr(crew.Send, "__call__", leave)
    applied(change)
    assert seen == ["sending"] * 5


def test_an_answer_that_is_lost_after_the_act_has_one_effect(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 5), REPAIR, connection)
    box.faults.add("lost", "/v3/senders/*", method="PUT", after=2)
    change = applied(change)
    assert states(change) == {"done": 5}
    assert set(done_writes(box).values()) == {1}
    assert whys(change) == {"The answer was lost; it was carried out."}


@pytest.mark.parametrize(
    "fault", [("error", {"status": 500}), ("close", {}), ("reset", {}), ("html", {})], ids=lambda given: given[0]
)
def test_a_call_that_broke_without_effect_fails_with_its_reason_and_is_not_sent_again(
    box: Sandbox, people: Cast, connection: Connection, fault: tuple[str, dict[str, Any]]
) -> None:
    change = planned(people.mo, picked(connection, 5), REPAIR, connection)
    box.faults.add(fault[0], "/v3/senders/*", method="PUT", after=2, **fault[1])
    change = applied(change)
    assert states(change) == {"done": 4, "failed": 1}
    assert "was not carried out" in whys(change).pop()
    assert len(writes(box)) == 5


def test_a_yes_that_did_nothing_is_found_out(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 3), REPAIR, connection)
    one = items(change)[1].sender.external_id
    box.faults.add("empty", f"/v3/senders/{one}/*", method="PUT")
    box.faults.add("change", "/v3/senders", method="GET", after=2, what={"senders": {one: {"preset": "default"}}}, times=None)
    change = applied(change)
    assert states(change) == {"done": 2, "failed": 1}
    assert "InboxAlly said yes, and still has default." in whys(change)


def test_a_plan_that_somebody_made_stale_is_refused_and_nothing_is_overwritten(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    one = items(change)[1].sender.external_id
    box.change("wide", senders={one: {"preset": "protect"}})
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.STALE, {"stopped": 3})
    assert change.outcome == "1 sender has changed since this plan was made, so nothing was sent. Make it again."
    assert "It is protect by now." in whys(change)
    assert writes(box) == []
    assert states(worked(asking.again(change, None))) == {"planned": 3}


def test_one_who_joined_the_domain_meanwhile_is_not_swept_along(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    box.change("wide", senders={next(iter(box.world.account("wide").senders)): {"email": "new@brand03.example"}})
    change = applied(change)
    assert (change.state, writes(box)) == (ChangeState.STALE, [])
    assert "Which senders one call would touch has changed." in whys(change)


def test_what_no_change_is_about_may_change_meanwhile(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    box.change("wide", senders={items(change)[0].sender.external_id: {"status": "inactive", "name": "Renamed"}})
    assert applied(change).state == ChangeState.DONE


def test_an_old_plan_is_refused(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    Change.objects.update(planned_at=timezone.now() - timedelta(minutes=61))
    with pytest.raises(NotNow, match="make it again"):
        asking.apply(change, None)
    assert writes(box) == []


def test_a_plan_is_applied_once_however_often_it_is_asked_for(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 3), REPAIR, connection)
    asking.apply(change, None)
    with pytest.raises(NotNow, match="already"):
        asking.apply(change, None)
    worked(change)
    worked(change)
    assert set(done_writes(box).values()) == {1}


def test_of_many_workers_one_sends(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    asking.apply(change, None)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait(10)
        tasks.apply_change(change.pk)

    at_once(work, 4)
    assert states(change) == {"done": 20}
    assert set(done_writes(box).values()) == {1}


def test_of_two_overlapping_plans_the_second_waits_and_then_sees_the_drift(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    first = planned(people.mo, picked(connection, 10), REPAIR, connection)
    second = planned(people.ann, picked(connection, 10, skip=5), {"preset": "boost"}, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=3, times=None, retry_after=3600)
    assert applied(first).state == ChangeState.WAITING
    box.faults.clear()

    second = applied(second)
    assert (second.state, states(second)) == (ChangeState.WAITING, {"planned": 10})
    assert "Another change of the same senders goes first." in second.outcome

    assert resumed(first).state == ChangeState.DONE
    second = resumed(second)
    assert second.state == ChangeState.STALE
    assert second.outcome.startswith("5 senders have changed")
    assert presets(box) == {"repair": 10, "default": 50}


def test_two_changes_of_other_senders_do_not_wait_for_each_other(box: Sandbox, people: Cast, connection: Connection) -> None:
    first = planned(people.mo, picked(connection, 10), REPAIR, connection)
    second = planned(people.ann, picked(connection, 10, skip=10), {"preset": "boost"}, connection)
    asking.apply(first, None)
    assert applied(second).state == ChangeState.DONE
    assert worked(first).state == ChangeState.DONE


def test_one_domain_in_two_agencies_is_changed_with_ones_own_key(box: Sandbox, people: Cast, connection: Connection) -> None:
    theirs = connect(people.south, key=box.add_account("south", senders=60, broadcasts=1).key, client=people.oak)
    bring_senders(theirs)
    box.requests.clear()
    applied(planned(people.mo, on("brand03.example"), REPAIR, connection))
    applied(planned(people.mo, tagged("tag1"), REPAIR, connection))
    assert {asked.account for asked in box.requests} == {"wide"}
    assert presets(box, "south") == {"default": 60}
    assert not Sender.objects.filter(connection=theirs, preset="repair").exists()


def test_of_several_accounts_one_that_is_down_holds_up_itself_alone(box: Sandbox, people: Cast, connection: Connection) -> None:
    other = connect(people.north, key=box.add_account("other", senders=20, broadcasts=1).key, label="Other", client=people.birch)
    bring_senders(other)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert (states(change), change.client) == ({"planned": 4}, None)
    box.faults.add("error", account="other", times=None, status=502)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"done": 3, "queued": 1})
    box.faults.clear()
    assert states(resumed(change)) == {"done": 4}


def test_an_account_paused_after_the_plan_is_not_asked(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    box.requests.clear()
    Connection.objects.update(health=Health.PAUSED)
    change = applied(change)
    assert (states(change), len(box.requests)) == ({"failed": 3}, 0)
    assert "is paused" in whys(change).pop()


def test_due_changes_are_handed_out(people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("clients.dispatching.waiting", lambda queue: 0)
    monkeypatch.setattr("clients.dispatching.app.send_task", lambda name, args, queue: told.append((name, args[0], queue)))
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    asking.apply(change, None)
    dispatching.hand_out()
    assert ("clients.apply_change", change.pk, "asked") in told
