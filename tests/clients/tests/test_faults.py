"""A vendor at fault in the middle of a test's results: the run ends, in words, and the next ones mend it."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Feed, RunState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import bring, words
from tests.clients.tests.testing import ACCOUNTS, LIST, MAILS, MEMBERS, REPORTS, asked, assert_true, connect

CIRCLES: list[tuple[str, dict[str, Any]]] = [("same_cursor", {}), ("cursor_cycle", {"length": 3})]
LOSSES: list[tuple[str, dict[str, Any]]] = [("empty_for_ever", {}), ("repeat_page", {"fresh": False})]
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("error", {"status": 500}),
    ("html", {"status": 502}),
    ("cut", {}),
    ("close", {}),
    ("stale_cursor", {}),
    ("wrong_type", {"where": "envelope", "field": "items"}),
]


def bring_until_still(connection: Any, most: int = 4) -> None:
    for _ in range(most):
        run = bring(connection, "tests")
        assert run.state in (RunState.OK, RunState.PARTIAL), words(run)


@pytest.mark.parametrize(("kind", "args"), CIRCLES, ids=str)
def test_a_list_that_goes_in_a_circle_ends_with_a_word(box: Sandbox, people: Cast, kind: str, args: dict[str, Any]) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 20})
    box.faults.add(kind, MAILS, times=None, **args)
    run = bring(connection, "tests")
    assert run.state == RunState.FAILED
    assert "circle" in run.outcome or "nothing new" in run.outcome
    assert asked(box, MAILS) < 60
    box.faults.clear()
    bring_until_still(connection, 1)
    assert_true(box, "tidal", connection)


@pytest.mark.parametrize(("kind", "args"), LOSSES, ids=str)
def test_a_reading_that_was_cut_short_is_not_the_last(box: Sandbox, people: Cast, kind: str, args: dict[str, Any]) -> None:
    """Answers that look whole and are not, in the middle of tests that were over weeks ago."""
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 20})
    box.faults.add(kind, MAILS, after=12, times=4, **args)
    bring(connection, "tests")
    box.faults.clear()
    bring_until_still(connection)
    assert_true(box, "tidal", connection)
    assert connection.tests.filter(settled=True).count() == connection.tests.exclude(status="active").count()


@pytest.mark.parametrize(("kind", "args"), BROKEN, ids=str)
@pytest.mark.parametrize("path", [LIST, MAILS, REPORTS])
def test_an_outage_ends_the_run_and_the_next_goes_on(
    box: Sandbox, people: Cast, path: str, kind: str, args: dict[str, Any]
) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 20})
    # On the list and on reports no page but the first is asked for.
    after = {MAILS: 5, LIST: 0, REPORTS: 2}[path]
    if kind == "stale_cursor" and path != MAILS:
        after = 0
    box.faults.add(kind, path, after=after, times=None, **args)
    run = bring(connection, "tests")
    if kind == "stale_cursor" and path != MAILS:
        assert run.state == RunState.OK
    else:
        assert run.state == RunState.FAILED, words(run)
        assert "Next try" in run.outcome
    box.faults.clear()
    bring_until_still(connection, 2)
    assert_true(box, "tidal", connection)


@pytest.mark.parametrize("path", [ACCOUNTS, MAILS])
def test_a_429_without_a_time_parks_the_run(box: Sandbox, people: Cast, settings: Any, path: str) -> None:
    settings.INSTANTLY_RATE = 1000
    connection = connect(people.north, box, "tidal", people.acme)
    box.faults.add("busy", path, times=None, retry_after=None)
    feed = "senders" if path == ACCOUNTS else "tests"
    run = bring(connection, feed)
    assert run.state == RunState.WAITING
    assert "Goes on at" in run.outcome
    assert not Feed.objects.due().filter(connection=connection, resource=feed).exists()
    assert asked(box, path) == 1


@pytest.mark.parametrize("after", [0, 3])
def test_a_row_that_cannot_be_read_is_set_aside_and_asked_for_again(box: Sandbox, people: Cast, after: int) -> None:
    """Of a test that is under way, and of one that was over weeks ago."""
    connection = connect(people.north, box, "tidal", people.acme)
    box.faults.add("missing_key", MAILS, after=after, field="timestamp_created", row=3)
    run = bring(connection, "tests")
    assert (run.state, run.set_aside) == (RunState.PARTIAL, 1)
    assert "'timestamp_created' is missing" in words(run)
    bring_until_still(connection, 2)
    assert_true(box, "tidal", connection)


def test_a_list_that_ends_early_takes_no_test_for_gone(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    bring_until_still(connection, 2)
    tests = connection.tests.filter(gone_at=None).count()
    box.instantly.switches.turn({"short_pages": 3})
    box.faults.add("empty_end", LIST, times=None)
    for _ in range(2):
        run = bring(connection, "tests")
        assert (run.state, run.gone) == (RunState.FAILED, 0), words(run)
        assert "empty page where it had promised more" in run.outcome
    assert connection.tests.filter(gone_at=None).count() == tests > 3
    box.faults.clear()
    bring_until_still(connection, 1)
    assert_true(box, "tidal", connection)


@pytest.mark.parametrize("feed", ["senders", "campaigns", "workspaces"])
def test_nor_does_one_of_accounts_campaigns_or_workspaces(box: Sandbox, people: Cast, feed: str) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, feed)
    box.instantly.switches.turn({"short_pages": 1})
    path = {"senders": ACCOUNTS, "campaigns": "/api/v2/campaigns", "workspaces": MEMBERS}[feed]
    box.faults.add("empty_end", path, times=None)
    run = bring(connection, feed)
    assert (run.state, run.gone) == (RunState.FAILED, 0), words(run)
    assert not any(
        rows.exclude(gone_at=None).exists() for rows in (connection.senders, connection.campaigns, connection.workspaces)
    )


def test_a_list_whose_last_page_leads_to_an_empty_one_is_whole_without_what_was_deleted(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"last_cursor": "carries"})
    bring_until_still(connection, 2)
    box.instantly.change("tidal", {"remove_tests": [connection.tests.order_by("-created_at")[2].external_id]})
    run = bring(connection, "tests")
    assert (run.state, run.outcome, run.gone) == (RunState.OK, "Complete.", 1), words(run)
    assert_true(box, "tidal", connection)


def test_results_that_end_early_make_no_test_complete(box: Sandbox, people: Cast) -> None:
    """Of one that was under way when it was last read whole, and of those that are read for the first time."""
    connection = connect(people.north, box, "tidal", people.acme)
    emails = [one.email for one in box.instantly.workspace("tidal").mailboxes.newest_first()]
    made = box.instantly.change("tidal", {"add_test": {"emails": emails, "name": "Fresh"}})["add_test"]
    box.clock.forward(60 * 60)
    bring(connection, "tests")
    late = box.instantly.change("tidal", {"add_test": {"emails": emails, "name": "Fresher"}})["add_test"]
    box.clock.forward(6 * 60 * 60)
    box.instantly.switches.turn({"short_pages": 3})
    box.faults.add("empty_end", MAILS, times=None)
    for _ in range(4):
        run = bring(connection, "tests")
        assert run.state == RunState.PARTIAL
        assert "Read in part. Results of placement tests ended too early" in run.outcome
    for test in connection.tests.filter(external_id__in=[made, late]):
        assert (test.status, test.settled) == ("completed", False)
        assert set(test.broadcasts.values_list("missing", flat=True)) == {None}
    box.faults.clear()
    bring_until_still(connection, 2)
    assert_true(box, "tidal", connection)


def test_results_that_end_early_for_a_day_are_the_vendors_word(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.turn({"short_pages": 3})
    box.faults.add("empty_end", MAILS, times=None)
    bring(connection, "tests")
    doubted = connection.tests.filter(status="completed", settled=False)
    known = list(doubted.values_list("pk", flat=True))
    assert known
    box.clock.forward(25 * 60 * 60)
    bring(connection, "tests")
    assert not doubted.filter(pk__in=known).exists()
