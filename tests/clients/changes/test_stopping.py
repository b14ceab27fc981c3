"""Stopping a change: at once where nobody is at it, and with no more than the calls in flight where somebody is."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from agency.models import AuditEntry
from clients import sync, tasks
from clients.changes import asking, sending, wording
from clients.models import Change, ChangeState, Connection, ItemState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.changes.changing import (
    REPAIR,
    applied,
    done_writes,
    picked,
    planned,
    resumed,
    states,
    worked,
    writes,
)
from tests.waiting import wait_until


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
    change.refresh_from_db()
    assert (change.state, states(change)) == (ChangeState.STOPPED, {"done": 5, "stopped": 15})
    assert (change.outcome, list(Change.objects.due())) == ("5 done, 15 not sent.", [])
    assert AuditEntry.objects.filter(action="change.ended").count() == 1


def test_a_stop_before_anybody_took_it_up_sends_nothing(box: Sandbox, people: Cast, connection: Connection) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    asking.apply(change, None)
    asking.stop(change, None)
    change = worked(change)
    assert (change.state, states(change), writes(box)) == (ChangeState.STOPPED, {"stopped": 20}, [])


def test_a_stop_in_a_long_429_is_said_at_once_and_what_was_sent_is_read_back_in_its_time(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    change = planned(people.mo, picked(connection, 20), REPAIR, connection)
    asking.apply(change, None)
    box.faults.add("busy", "/v3/senders/*", method="PUT", after=5, times=None, retry_after=3600)
    # The plan is looked at once more before anything is sent; the results can't be.
    box.faults.add("busy", "/v3/senders", method="GET", after=2, times=None, retry_after=3600)
    change = worked(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"sent": 5, "queued": 15})
    until = change.resume_at

    asking.stop(change, None)
    change.refresh_from_db()
    assert (wording.state(change), states(change)) == ("Stopped", {"sent": 5, "stopped": 15})
    assert (change.resume_at, list(Change.objects.due())) == (until, []), "who is asked to wait is not asked the sooner"
    box.faults.clear()
    change = resumed(change)
    assert (change.state, states(change)) == (ChangeState.STOPPED, {"done": 5, "stopped": 15})
    assert len(done_writes(box)) == 5


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
    assert (change.state, states(change)) == (ChangeState.STOPPED, {"done": 5, "stopped": 15})


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
