"""Workers that are killed while a change is being applied: none missed, none sent twice."""

from __future__ import annotations

import os
import random
import signal

import pytest

from clients.changes import asking
from clients.models import Change, ChangeState, Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import REPAIR, bring_senders, done_writes, picked, planned, states, writes
from tests.clients.sync.killing import start
from tests.waiting import wait_until

KILLS = int(os.environ.get("CHANGE_KILLS", "4"))

WORKER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
import django
django.setup()
from clients import tasks
tasks.apply_change({pk})
"""


@pytest.mark.slow
def test_a_worker_killed_midway_again_and_again_misses_none_and_sends_none_twice(box: Sandbox, people: Cast) -> None:
    wanted = 8 * (KILLS + 1)
    account = box.add_account("wide", senders=2 * wanted + 40, broadcasts=1)
    connection = connect(people.north, key=account.key, client=people.acme)
    bring_senders(connection)
    change = planned(people.mo, picked(connection, wanted), REPAIR, connection)
    assert {call["kind"] for call in change.calls} == {"sender"}
    asking.apply(change, None)
    box.requests.clear()
    rng, between = random.Random(3), 0
    for _ in range(KILLS):
        process = start(box, connection, "-c", WORKER.format(pk=change.pk))
        before, some = len(writes(box)), rng.randint(1, 5)
        wait_until(lambda: len(writes(box)) >= before + some or process.poll() is not None, 60, what="calls to be made")  # noqa: B023
        assert process.poll() is None, f"it came to its end before the kills did: {process.communicate()[0]}"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        between += states(change).get("sending", 0) + states(change).get("sent", 0)
        assert "done" not in states(change) or states(change)["done"] <= len(writes(box))
        Change.objects.update(claimed_until=None)
    process = start(box, connection, "-c", WORKER.format(pk=change.pk))
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 0, output
    change.refresh_from_db()
    assert (change.state, states(change)) == (ChangeState.DONE, {"done": wanted})
    assert between, "no kill found a call on its way"
    assert len(done_writes(box)) == wanted
    assert set(done_writes(box).values()) == {1}


def test_a_plan_whose_worker_was_killed_is_made_by_the_next(people: Cast, connection: Connection) -> None:
    from clients.changes import holding, planning
    from tests.clients.changes.changing import on, worked

    change = planning.ask(people.north, on("brand03.example"), REPAIR, people.mo)
    assert holding.take(change.pk) is not None
    assert worked(change).state == ChangeState.PLANNING, "its lease still stands"
    Change.objects.update(claimed_until=None)
    assert states(worked(change)) == {"planned": 3}
