"""How pages follow one another: twice, in circles, without end, from a place that is no longer known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Connection, Feed, RunState
from sandbox.server import Sandbox
from tests.clients.sync.syncing import assert_true, bring, feed, kept_cells, lists_asked, words


@pytest.mark.parametrize("fresh", [True, False])
def test_a_page_that_comes_twice_doubles_nothing(box: Sandbox, connection: Connection, fresh: bool) -> None:
    box.switches.short_pages = 5
    box.faults.add("repeat_page", "/v3/broadcasts", after=1, fresh=fresh)
    first = bring(connection)
    assert first.state == (RunState.OK if fresh else RunState.FAILED)
    if not fresh:
        assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


@pytest.mark.parametrize(
    ("kind", "calls"), [("same_cursor", 2), ("cursor_cycle", 8), ("empty_for_ever", 20), ("repeat_page", 21)]
)
def test_a_list_without_end_ends_with_a_named_error_after_few_calls_and_ten_seconds_of_waits_at_most(
    box: Sandbox, connection: Connection, pauses: list[float], kind: str, calls: int
) -> None:
    bring(connection)
    before = kept_cells(connection)
    box.requests.clear()
    box.switches.short_pages = 5
    box.faults.add(kind, "/v3/broadcasts", times=None)
    # A first pass: nothing but the circle ends it.
    Feed.objects.update(watermark=None)
    run = bring(connection)
    assert sum(pauses) < 10
    assert run.state == RunState.FAILED
    assert "next_page_token" in run.outcome
    assert len(box.requests) == calls
    assert (kept_cells(connection), run.gone, feed(connection).checkpoint) == (before, 0, None)
    box.faults.clear()
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


def test_a_kept_cursor_that_is_refused_starts_the_pass_again(box: Sandbox, connection: Connection) -> None:
    box.switches.short_pages = 5
    box.faults.add("error", "/v3/broadcasts", after=3, times=5)
    assert bring(connection).state == RunState.FAILED
    assert feed(connection).checkpoint["cursor"]
    box.requests.clear()
    box.faults.add("stale_cursor", "/v3/broadcasts")
    run = bring(connection)
    assert run.state == RunState.OK
    assert "starts again" in words(run)
    assert [bool(one.query.get("page_token")) for one in lists_asked(box)][:3] == [True, False, True]
    assert_true(box, "petit", connection)


def test_a_refused_cursor_is_not_tried_again_where_the_new_pass_has_to_wait(box: Sandbox, connection: Connection) -> None:
    box.switches.short_pages = 5
    box.faults.add("error", "/v3/broadcasts", after=3, times=5)
    assert bring(connection).state == RunState.FAILED
    box.faults.clear()
    box.faults.add("stale_cursor", "/v3/broadcasts")
    box.faults.add("busy", "/v3/broadcasts", after=1, retry_after=60)
    assert bring(connection).state == RunState.WAITING
    assert feed(connection).checkpoint is None
    box.faults.clear()
    box.requests.clear()
    assert bring(connection).state == RunState.OK
    assert "page_token" not in lists_asked(box)[0].query
    assert_true(box, "petit", connection)


def test_a_vendor_that_takes_no_cursor_at_all_fails_and_is_not_asked_for_ever(box: Sandbox, connection: Connection) -> None:
    box.switches.short_pages = 5
    box.faults.add("stale_cursor", "/v3/broadcasts", times=None)
    for _ in range(3):
        box.requests.clear()
        run = bring(connection)
        assert run.state == RunState.FAILED
        assert "no longer takes the place" in run.outcome
        assert len(box.requests) == 2
    assert feed(connection).failures == 3
    assert feed(connection).next_at > timezone.now() + timedelta(minutes=3)


def test_a_checkpoint_of_another_version_is_begun_again(box: Sandbox, connection: Connection) -> None:
    Feed.objects.update(checkpoint={"what": "this is"})
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)
