"""A call that only begins a job at the vendor: followed by its id, also by the next worker, and read back when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from agency.models import AuditEntry
from clients.changes import asking, crew, jobs, wording
from clients.models import ChangeItem, ChangeState, Connection
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.changes.changing import (
    applied,
    done_writes,
    items,
    planned,
    resumed,
    states,
    undone,
    whys,
    worked,
    writes,
)
from tests.clients.changes.mailboxes import COOL, DISABLE, of_birch, over, warming


def test_a_job_is_waited_for_without_a_worker_and_its_result_is_read_back(
    box: Sandbox, people: Cast, mailboxes: Connection
) -> None:
    change = applied(planned(people.mo, of_birch(), COOL, mailboxes))
    assert (change.state, states(change)) == (ChangeState.WAITING, {"sent": 12})
    assert change.outcome == "Instantly works on 12 of them in the background; the result is read when that is over."
    assert len({item.job for item in items(change)}) == 1
    assert change.claim is None, "nobody holds it meanwhile"
    asked = len(box.requests)
    change = resumed(change)
    assert (states(change), len(box.requests) - asked) == ({"sent": 12}, 1), "only the job is asked for while it is not over"
    change = over(box, change)
    assert (change.state, states(change), warming(box)) == (ChangeState.DONE, {"done": 12}, 0)
    assert [asked.path for asked in writes(box)] == [DISABLE]
    assert {item.found["warmup"] for item in items(change)} == {"off"}

    undo = over(box, applied(undone(change)))
    assert (undo.state, warming(box), wording.what(undo)) == (ChangeState.DONE, 12, "Undo of warmup off")
    after = AuditEntry.objects.filter(action="change.undo_asked").latest("pk").after
    assert after["warmup"] == ["on × 12"]


def test_a_job_that_failed_is_not_believed_to_have_done_anything(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    box.instantly.switches.jobs_fail = True
    change = over(box, applied(planned(people.mo, of_birch(), COOL, mailboxes)))
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"failed": 12})
    assert whys(change) == {"Instantly began it, and its job ended as ‘failed’. It is still warmup on."}
    box.instantly.switches.jobs_fail = False
    assert asking.retry(change, None) == 12
    assert over(box, worked(change)).state == ChangeState.DONE


def test_a_lost_answer_is_found_among_the_vendors_jobs_and_not_sent_again(
    box: Sandbox, people: Cast, mailboxes: Connection
) -> None:
    change = planned(people.mo, of_birch(), COOL, mailboxes)
    box.faults.add("lost", DISABLE, method="POST")
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"sending": 12})
    assert all(item.job for item in items(change))
    change = over(box, change)
    assert (change.state, whys(change)) == (ChangeState.DONE, {"The answer was lost; it was carried out."})
    assert done_writes(box) == {DISABLE: 1}


def test_a_call_that_never_came_through_is_found_out(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    """An older job of the same mailboxes, which is known to be ours, does not stand for it."""
    first = over(box, applied(planned(people.mo, of_birch(), COOL, mailboxes)))
    assert over(box, applied(undone(first))).state == ChangeState.DONE
    change = planned(people.mo, of_birch(), COOL, mailboxes)
    box.faults.add("reset", DISABLE, method="POST")
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"failed": 12})
    assert all(why.endswith("It was not carried out.") for why in whys(change))


@pytest.mark.parametrize("left", [True, False], ids=["after it left", "before it left"])
def test_a_worker_that_dies_in_between_leaves_a_job_that_the_next_one_finds(
    box: Sandbox, people: Cast, mailboxes: Connection, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    change = planned(people.mo, of_birch(), COOL, mailboxes)
    asking.apply(change, None)
    real = crew.Crew.give

    def give(self: Any, send: Any) -> None:
        if left:
            send(self._vendor, self._part)
        raise Killed

    monkeypatch.setattr(crew.Crew, "give", give)
    with pytest.raises(Killed):
        worked(change)
    monkeypatch.setattr(crew.Crew, "give", real)
    assert (states(change), set(ChangeItem.objects.values_list("job", flat=True))) == ({"sending": 12}, {""})
    change = over(box, resumed(change))
    assert (change.state, warming(box), done_writes(box)) == (ChangeState.DONE, 0, {DISABLE: 1})


def test_a_stop_while_a_job_is_under_way_leaves_what_was_sent_to_be_read_back(
    box: Sandbox, people: Cast, mailboxes: Connection
) -> None:
    change = applied(planned(people.mo, of_birch(), COOL, mailboxes))
    asking.stop(change, None)
    change.refresh_from_db()
    assert (wording.state(change), states(change)) == ("Stopped", {"sent": 12})
    change = over(box, change)
    assert (change.state, states(change)) == (ChangeState.DONE, {"done": 12})


def test_a_key_that_may_not_see_jobs_leaves_it_to_time(
    box: Sandbox, people: Cast, mailboxes: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = planned(people.mo, of_birch(), COOL, mailboxes)
    box.faults.add("error", "/api/v2/background-jobs*", status=403, times=None)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"sent": 12})
    box.clock.forward(61)
    monkeypatch.setattr(jobs, "UNSEEN", -jobs.SKEW)
    assert resumed(change).state == ChangeState.DONE


def test_pages_of_jobs_that_break_park_the_change(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    change = planned(people.mo, of_birch(), COOL, mailboxes)
    box.faults.add("html", "/api/v2/background-jobs*", times=None)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"sent": 12})
    box.faults.clear()
    assert over(box, change).state == ChangeState.DONE
