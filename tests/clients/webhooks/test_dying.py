"""Events that a worker does not survive: as when one takes all the memory. Nothing catches that, so it is counted before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Event, EventState, Hook
from clients.webhooks import working
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.webhooks.delivering import Door, event, thread


class Killed(BaseException):
    """What ends a process ends it before any `except` of ours."""


def deadly(data: dict[str, Any]) -> None:
    raise Killed


def next_worker(door: Door) -> bool:
    """Whether it lived. The one before it has left its lease behind."""
    Hook.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    try:
        door.process()
    except Killed:
        return False
    return True


@pytest.fixture
def readers(door: Door) -> dict[str, Any]:
    hooks = door.connection.vendor_class.hooks
    assert hooks
    assert isinstance(hooks.readers, dict)
    return hooks.readers


def test_one_that_kills_three_workers_is_set_aside_and_the_others_go_on(
    door: Door, cast: Cast, readers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seq in range(1, 8):
        door.post(event(seq, "thread.unarchived" if seq == 4 else "thread.archived", {"thread": thread(f"thread{seq}")}))
    with monkeypatch.context() as patch:
        patch.setitem(readers, "thread.unarchived", deadly)
        assert [next_worker(door) for _ in range(4)] == [False, False, False, True]
    states = dict(Event.objects.values_list("seq", "state"))
    assert {seq for seq, state in states.items() if state != EventState.PROCESSED} == {4}
    dead = Event.objects.get(seq=4)
    assert (dead.state, dead.outcome) == (EventState.FAILED, working.DIED)
    assert set(Event.objects.exclude(seq=4).values_list("starts", flat=True)) == {0}
    browser = signed_in(cast.mo)
    assert "it is set aside" in text_of(browser.get("/settings/events/?status=failed"))
    browser.post(f"/settings/events/{dead.uuid}/again/")
    assert next_worker(door)
    assert set(Event.objects.values_list("state", flat=True)) == {EventState.PROCESSED}


def test_a_database_that_goes_away_counts_against_no_event(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*_: Any) -> None:
        raise OperationalError("away")

    door.post(event(1))
    with monkeypatch.context() as patch:
        patch.setattr(working, "_all", away)
        for _ in range(5):
            Hook.objects.update(claimed_until=None)
            with pytest.raises(OperationalError):
                door.process()
    Hook.objects.update(claimed_until=None)
    assert Event.objects.get().starts == 0
    assert door.process() == 1
    assert Event.objects.get().state == EventState.PROCESSED
