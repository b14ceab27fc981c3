"""Any page split, any order of faults, any kill and any repeat: the same rows, the same sums, the vendor's counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from agency.models import Agency
from clients import sync
from clients.models import Client, Connection, RunState
from sandbox.server import Sandbox
from tests.cast import connect
from tests.clients.sync.killing import free
from tests.clients.sync.syncing import TODAY, assert_true, at, feed

_numbers = itertools.count()


class Killed(BaseException):
    """No handler of ours may see it, like a signal."""


LOOPS = ["repeat_page", "same_cursor", "cursor_cycle", "empty_for_ever", "empty_end", "stale_cursor"]
FAULTS = st.one_of(
    st.tuples(
        st.sampled_from(["close", "reset", "cut", "html", "empty", "extra_fields", "missing_optional", "nul"]), st.just({})
    ),
    st.tuples(
        st.just("error"), st.fixed_dictionaries({"status": st.sampled_from([500, 502, 503, 504, 400, 404, 422, 429, 402])})
    ),
    st.tuples(st.just("busy"), st.fixed_dictionaries({"retry_after": st.sampled_from([0, 1, 60, "abc", None])})),
    st.tuples(st.sampled_from(LOOPS), st.just({})),
    st.tuples(st.just("wrong_type"), st.just({"field": "broadcasts", "value": 7, "where": "envelope"})),
)
MAIL = st.fixed_dictionaries({"days": st.integers(0, 5), "gmail": st.integers(1, 9), "ms365": st.integers(0, 9)})
STEP = st.fixed_dictionaries(
    {
        "hour": st.integers(0, 23),
        "added": st.lists(MAIL, max_size=2),
        "removed": st.integers(0, 2),
        "faults": st.lists(st.tuples(FAULTS, st.integers(0, 9), st.integers(1, 7)), max_size=2),
        "kill": st.none() | st.tuples(st.integers(1, 9), st.sampled_from(["before", "within", "after"])),
    }
)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    short=st.sampled_from([0, 1, 2, 4]),
    empty=st.integers(0, 1),
    details=st.booleans(),
    steps=st.lists(STEP, min_size=1, max_size=3),
)
def test_whatever_happens_on_the_way_the_same_rows_arrive(
    box: Sandbox, transactional_db: None, short: int, empty: int, details: bool, steps: list[dict[str, Any]]
) -> None:
    box.reset()
    box.switches.max_limit, box.switches.retention_days = 100, 10
    box.switches.short_pages, box.switches.empty_pages, box.switches.detail_providers = short, empty, details
    connection = _connection(box)
    added: list[str] = []
    for step in steps:
        _happens(box, step, added)
        with _killed(step["kill"]):
            run = sync.run(feed(connection).pk)
            event(run.state if run else "not run")
        free(connection)
    box.faults.clear()
    for _ in range(3):
        run = sync.run(feed(connection).pk)
        assert run
        assert run.state == RunState.OK, run.outcome
    assert_true(box, "petit", connection)


def _connection(box: Sandbox) -> Connection:
    number = next(_numbers)
    agency = Agency.objects.create(name=f"Agency {number}", slug=f"agency-{number}")
    return connect(agency, key=box.key("petit"), client=Client.objects.create(agency=agency, name="One", slug="one"))


def _happens(box: Sandbox, step: dict[str, Any], added: list[str]) -> None:
    at(box, step["hour"])
    # Of those inside the window: what is gone behind it is history.
    box.change("petit", remove_broadcasts=[added.pop() for _ in range(min(step["removed"], len(added)))])
    for mail in step["added"]:
        providers = {"gmail": [mail["gmail"], 1, 0], "ms365": [0, 0, mail["ms365"]]}
        sent = f"{TODAY - timedelta(days=mail['days'])}T00:00:00+00:00"
        one = {"subject": "Added", "from_email": "ventes@petit.example", "providers": providers, "sent": sent}
        added += box.change("petit", add_broadcasts=[one])["add_broadcasts"]
    box.faults.clear()
    for (kind, args), after, times in step["faults"]:
        # Only lists have cursors.
        box.faults.add(kind, "/v3/broadcasts" if kind in LOOPS else "/v3/broadcasts*", after=after, times=times, **args)


@contextmanager
def _killed(when: tuple[int, str] | None) -> Iterator[None]:
    count, real_store, real_save = 0, sync._Run._store, sync._Run._save

    def dies(point: str) -> None:
        nonlocal count
        count += when is not None and when[1] == point
        if when and count == when[0]:
            count += 1
            raise Killed

    def store(run: Any, work: Any, batch: Any) -> None:
        dies("before")
        real_store(run, work, batch)
        dies("after")

    def save(run: Any, work: Any) -> None:
        real_save(run, work)
        dies("within")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sync._Run, "_store", store)
        patched.setattr(sync._Run, "_save", save)
        try:
            yield
        except Killed:
            event(f"killed {when}")
