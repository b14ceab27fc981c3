"""Whatever senders, faults, kills and resumes: each item ends done or failed with a reason, and nothing is written twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from agency.models import Agency
from clients.changes import asking, selecting, sending
from clients.models import Change, ChangeState, Client, Connection, Sender
from sandbox.server import Sandbox
from tests.cast import connect
from tests.clients.changes.changing import REPAIR, bring_senders, done_writes, on, planned, states, worked

_numbers = itertools.count()
SENDERS = 12


class Killed(BaseException):
    """No handler of ours may see it, like a signal."""


FAULTS = st.one_of(
    st.tuples(st.sampled_from(["close", "reset", "html", "empty", "lost", "revoked"]), st.just({})),
    st.tuples(st.just("error"), st.fixed_dictionaries({"status": st.sampled_from([500, 503, 400, 402, 403, 404, 409, 422])})),
    st.tuples(st.just("busy"), st.fixed_dictionaries({"retry_after": st.sampled_from([0, 1, 60, 3600, None])})),
)
#: Which calls: changes, or any.
FAULT = st.tuples(FAULTS, st.sampled_from(["PUT", "PUT", None]), st.integers(0, 9), st.integers(1, 4))
KILL = st.none() | st.tuples(st.integers(1, 8), st.sampled_from(["before", "after"]))
STEP = st.fixed_dictionaries(
    {"faults": st.lists(FAULT, max_size=2), "kill": KILL, "meddles": st.none() | st.integers(0, SENDERS - 1)}
)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chosen=st.sets(st.integers(0, SENDERS - 1), min_size=1) | st.just("domain"),
    steps=st.lists(STEP, min_size=1, max_size=3),
)
def test_each_item_ends_done_or_failed_with_a_reason_and_nothing_is_written_twice(
    box: Sandbox, transactional_db: None, chosen: set[int] | str, steps: list[dict[str, Any]]
) -> None:
    connection = _connection(box)
    ids = list(box.world.account("small").senders)
    rows = {row.external_id: row for row in Sender.objects.filter(connection=connection)}
    asked = on("one.example") if chosen == "domain" else selecting.by_senders([str(rows[ids[int(one)]].uuid) for one in chosen])
    change = planned(None, asked, REPAIR, connection)
    box.requests.clear()
    asking.apply(change, None)
    for step in steps:
        _happens(box, step, ids)
        with _killed(step["kill"]):
            change = _next(change)
            event(change.state)
    box.faults.clear()
    Connection.objects.update(health="ok")
    for _ in range(8):
        change = _next(change)
    assert change.is_settled, change.outcome
    counted = states(change)
    assert set(counted) <= {"done", "failed"} or (change.state == ChangeState.STALE and set(counted) == {"stopped"})
    assert not change.items.filter(state="failed", why="").exists()
    assert max(done_writes(box).values(), default=1) == 1
    now = {key: sender.rules["preset"] for key, sender in box.world.account("small").senders.items()}
    assert all(now[item.sender.external_id] == "repair" for item in change.items.filter(state="done").select_related("sender"))


def _connection(box: Sandbox) -> Connection:
    number = next(_numbers)
    box.reset()
    account = box.add_account("small", senders=SENDERS, broadcasts=1)
    box.change("small", senders={key: {"email": f"n{at}@one.example"} for at, key in enumerate(account.senders)})
    agency = Agency.objects.create(name=f"Agency {number}", slug=f"agency-{number}")
    made = connect(agency, key=account.key, client=Client.objects.create(agency=agency, name="One", slug="one"))
    bring_senders(made)
    return made


def _next(change: Change) -> Change:
    """As if the time had come, and a dead worker's lease had ended."""
    Change.objects.filter(pk=change.pk).update(resume_at=None, claimed_until=None)
    return worked(change)


def _happens(box: Sandbox, step: dict[str, Any], ids: list[str]) -> None:
    box.faults.clear()
    for (kind, args), method, after, times in step["faults"]:
        box.faults.add(kind, "/v3/senders*", method=method, after=after, times=times, **args)
    if step["meddles"] is not None:
        key = ids[step["meddles"]]
        preset = box.world.account("small").senders[key].rules["preset"]
        box.change("small", senders={key: {"preset": "boost" if preset == "default" else preset}})


@contextmanager
def _killed(when: tuple[int, str] | None) -> Iterator[None]:
    """Before what came back is written down, or after it is and what leaves next is on its way."""
    count, real = 0, sending.Sending._hand_out

    def hand_out(self: Any, crew: Any, sends: Any, answered: Any, room: int) -> int:
        nonlocal count
        count += 1
        if when == (count, "before"):
            raise Killed
        leaving = real(self, crew, sends, answered, room)
        if when == (count, "after"):
            raise Killed
        return leaving

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending.Sending, "_hand_out", hand_out)
        try:
            yield
        except Killed:
            event(f"killed {when}")
