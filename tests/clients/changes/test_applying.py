"""Applying a plan: what was planned and nothing else, once, with the result read back from the vendor."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from agency.models import AuditEntry
from clients import dispatching, sync, tasks
from clients.changes import asking, crew, selecting, sending
from clients.changes.applying import SENT_BEFORE
from clients.changes.asking import NotNow
from clients.changes.calls import number_of
from clients.models import Change, ChangeItem, ChangeState, Connection, Health, ItemState, Sender
from sandbox.server import Sandbox
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
from tests.waiting import wait_until


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
    assert all("InboxAlly rejects PUT" in why for why in whys(change))

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

    def leave(self: Any, vendor: Any) -> None:
        seen.append(ChangeItem.objects.get(pk=self.items[0].pk).state)
        real(self, vendor)

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
        try:
            together.wait(10)
            tasks.apply_change(change.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert states(change) == {"done": 20}
    assert set(done_writes(box).values()) == {1}


def test_a_429_of_an_hour_parks_the_change_visibly_and_it_goes_on_by_itself(
    box: Sandbox, people: Cast, connection: Connection, pauses: list[float]
) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=5, times=None, retry_after=3600)
    change = applied(change)
    assert change.state == ChangeState.WAITING
    assert timedelta(minutes=59) < change.resume_at - timezone.now() <= timedelta(hours=1)
    assert "Goes on at" in change.outcome
    assert (change.claim, states(change)) == (None, {"done": 5, "queued": 15})
    assert max(pauses, default=0) < 60, "no worker sits through it"
    assert not Change.objects.due().exists()

    box.faults.clear()
    Change.objects.update(resume_at=timezone.now() - timedelta(seconds=1))
    assert list(Change.objects.due()) == [change]
    tasks.apply_change(change.pk)
    assert states(change) == {"done": 20}
    assert set(done_writes(box).values()) == {1}


def test_a_short_429_is_waited_for(box: Sandbox, people: Cast, connection: Connection, pauses: list[float]) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=5, times=3, retry_after=2)
    change = applied(change)
    assert states(change) == {"done": 20}
    assert 2 in pauses
    assert set(done_writes(box).values()) == {1}


def test_a_vendor_that_says_not_now_for_ever_makes_the_change_rest(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", times=None, retry_after=0)
    change = applied(change)
    assert change.state == ChangeState.WAITING
    assert change.resume_at - timezone.now() > timedelta(seconds=50)
    assert len(writes(box)) < 60


def test_what_somebody_changed_while_it_was_parked_is_not_overwritten(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 6), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=1, times=None, retry_after=3600)
    change = applied(change)
    left = [item.sender.external_id for item in items(change) if item.state == ItemState.QUEUED]
    box.faults.clear()
    box.change("wide", senders={left[0]: {"preset": "boost"}, left[1]: {"preset": "repair"}}, remove_senders=[left[2]])
    change = resumed(change)
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"done": 4, "failed": 2})
    assert "It is boost by now. Not overwritten." in whys(change)
    assert box.world.account("wide").senders[left[0]].rules["preset"] == "boost"


def test_a_vendor_that_is_down_is_tried_again_and_given_up_with_a_reason(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 3), REPAIR, connection)
    box.faults.add("error", times=None, status=503)
    change = applied(change)
    rests = []
    while change.state == ChangeState.WAITING:
        rests.append(round((change.resume_at - timezone.now()).total_seconds() / 60))
        change = resumed(change)
    assert rests == [1, 2, 4, 8]
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"failed": 3})
    assert whys(change).pop().startswith("Given up after 5 tries. InboxAlly answered 503")


def test_a_key_that_is_refused_midway_fails_the_rest_and_marks_the_account(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("revoked", method="PUT", after=5, times=None)
    box.faults.add("revoked", "/v3/seeds", times=None)
    box.faults.add("revoked", "/v3/senders", after=2, times=None)
    change = applied(change)
    connection.refresh_from_db()
    assert connection.health == Health.REFUSED
    counted = states(change)
    assert (counted["failed"], change.state) == (20, ChangeState.PARTIAL)
    assert len(writes(box)) <= 5 + 8


def test_what_went_out_before_a_key_was_refused_is_not_called_another_persons_work(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 8), REPAIR, connection)
    box.faults.add("revoked", "/v3/senders", after=2, times=None)  # the list that would have told what became of them
    change = applied(change)
    assert states(change) == {"failed": 8}
    box.faults.clear()
    Connection.objects.update(health=Health.OK)
    change.refresh_from_db()
    asking.retry(change, None)
    change = worked(change)
    assert states(change) == {"done": 8}
    assert whys(change) == {SENT_BEFORE}
    assert max(done_writes(box).values()) == 1


def test_one_sender_that_the_vendor_forbids_does_not_cost_the_key_its_name(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    one = items(change)[7].sender.external_id
    box.faults.add("error", f"/v3/senders/{one}/*", times=None, status=403)
    change = applied(change)
    connection.refresh_from_db()
    assert (connection.health, states(change)) == (Health.OK, {"done": 19, "failed": 1})


def test_a_stop_lets_no_more_than_the_calls_in_flight_through(
    box: Sandbox, people: Cast, connection: Connection, settings: Any
) -> None:
    change = planned(people.mo, picked(connection, 40), REPAIR, connection)
    # The twentieth call waits until the stop has been asked for.
    box.faults.add("stall", "/v3/senders/*", method="PUT", after=19, times=None, seconds=0.2)
    asking.apply(change, None)
    worker = threading.Thread(target=lambda: (tasks.apply_change(change.pk), connections.close_all()))
    worker.start()
    wait_until(lambda: len(writes(box)) >= 20)
    asking.stop(change, None)
    at_stop = len(writes(box))
    worker.join(30)
    change.refresh_from_db()
    counted = states(change)
    assert change.state == ChangeState.STOPPED
    assert len(writes(box)) <= at_stop + 2 * 8
    assert counted["done"] == len(writes(box)) < 40
    assert counted["done"] + counted["stopped"] == 40

    box.faults.clear()
    assert asking.retry(change, None, ItemState.STOPPED) == counted["stopped"]
    assert states(worked(change)) == {"done": 40}
    assert set(done_writes(box).values()) == {1}


def test_a_stop_of_a_parked_change_ends_it(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=5, times=None, retry_after=3600)
    change = applied(change)
    asking.stop(change, None)
    assert list(Change.objects.due()) == [change]
    change = worked(change)
    assert (change.state, states(change)) == (ChangeState.STOPPED, {"done": 5, "stopped": 15})


def test_a_stop_that_comes_while_a_change_is_being_parked_is_not_forgotten(
    box: Sandbox, people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=5, times=None, retry_after=3600)
    real = sending.Sending._parks

    def parks(self: Any, error: Any) -> Any:
        asking.stop(change, None)
        return real(self, error)

    monkeypatch.setattr(sending.Sending, "_parks", parks)
    change = applied(change)
    assert list(Change.objects.due()) == [change]
    assert worked(change).state == ChangeState.STOPPED


def test_a_worker_that_is_told_to_stop_parks_and_the_next_one_goes_on(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 30), REPAIR, connection)
    box.faults.add("stall", "/v3/senders/*", method="PUT", after=10, times=None, seconds=0.1)
    asking.apply(change, None)
    worker = threading.Thread(target=lambda: (tasks.apply_change(change.pk), connections.close_all()))
    worker.start()
    wait_until(lambda: len(writes(box)) > 10)
    tasks._park_at_the_next_checkpoint()
    worker.join(30)
    change.refresh_from_db()
    assert (change.state, change.claim) == (ChangeState.WAITING, None)
    assert "worker was stopped" in change.outcome
    assert "sending" not in states(change)
    sync.stopping.clear()
    box.faults.clear()
    tasks.apply_change(change.pk)
    assert states(change) == {"done": 30}
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


def test_each_client_concerned_has_its_own_entry_of_who_did_what(box: Sandbox, people: Cast, connection: Connection) -> None:
    other = connect(people.north, key=box.add_account("other", senders=20, broadcasts=1).key, label="Other", client=people.birch)
    bring_senders(other)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    applied(change)
    entries = {(entry.action, entry.subject): entry for entry in AuditEntry.objects.filter(action__startswith="change.")}
    assert set(entries) == {(act, one.uuid) for act in ("change.applied", "change.ended") for one in (people.acme, people.birch)}
    assert entries["change.applied", people.acme.uuid].before == {"rules": ["default × 3"]}
    assert entries["change.applied", people.birch.uuid].after == {"rules": ["repair × 1"]}
    assert entries["change.ended", people.acme.uuid].after == {"result": "3 done."}


def test_due_changes_are_handed_out(people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("clients.dispatching.waiting", lambda queue: 0)
    monkeypatch.setattr("clients.dispatching.app.send_task", lambda name, args, queue: told.append((name, args[0], queue)))
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    asking.apply(change, None)
    dispatching.hand_out()
    assert ("clients.apply_change", change.pk, "asked") in told


def test_an_error_of_our_own_rests_and_gives_up_in_the_end(
    people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("clients.changes.applying.judging.settle", broken)
    change = applied(change)
    while change.state == ChangeState.WAITING:
        assert "An error of our own (ZeroDivisionError)." in change.outcome
        change = resumed(change)
    assert states(change) == {"failed": 3}
    assert not any("secret words" in why for why in whys(change))
