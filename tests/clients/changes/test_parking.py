"""A vendor that says not now, is down, or refuses: the change rests, goes on by itself, or ends with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import tasks
from clients.changes import asking
from clients.changes.applying import SENT_BEFORE
from clients.models import Change, ChangeState, Connection, Health, ItemState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.changes.changing import (
    REPAIR,
    applied,
    done_writes,
    items,
    on,
    picked,
    planned,
    resumed,
    states,
    whys,
    worked,
    writes,
)


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
