"""A test from the day it is made until nothing more is to be read of it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

import pytest

from clients.models import Broadcast, Connection, PlacementTest, RunState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import TODAY, bring, words
from tests.clients.tests.testing import LIST, MAILS, MEMBERS, REPORTS, asked, assert_true, connect, truth


@pytest.fixture
def connection(box: Sandbox, people: Cast) -> Connection:
    return connect(people.north, box, "tidal", people.acme)


def made(box: Sandbox, workspace: str = "tidal") -> str:
    emails = [one.email for one in box.instantly.workspace(workspace).mailboxes.newest_first()]
    return str(box.instantly.change(workspace, {"add_test": {"emails": emails, "name": "Fresh"}})["add_test"])


def test_its_rows_are_read_as_they_come_until_two_readings_are_the_same(box: Sandbox, connection: Connection) -> None:
    bring(connection, "tests")
    fresh = made(box)
    seen = []
    for minutes in (1, 25, 30, 30, 40, 60, 30):
        box.clock.forward(60 * minutes)
        run = bring(connection, "tests")
        assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
        assert_true(box, "tidal", connection)
        test = connection.tests.get(external_id=fresh)
        seen.append((test.status, test.settled, test.rows))
    assert [status for status, _, _ in seen][:2] == ["active", "active"]
    assert (seen[0][2], seen[-1][0], seen[-1][1]) == (0, "completed", True)
    assert sorted(rows for _, _, rows in seen) == [rows for _, _, rows in seen]
    assert not any(settled for status, settled, _ in seen if status == "active")


def test_a_settled_one_is_never_asked_for_again(box: Sandbox, connection: Connection) -> None:
    bring(connection, "tests")
    settled = list(connection.tests.filter(settled=True).values_list("external_id", flat=True))
    assert settled, "finished weeks ago: once is enough"
    box.requests.clear()
    for _ in range(3):
        box.clock.forward(3600)
        bring(connection, "tests")
    assert [asked(box, MAILS, test_id=one) + asked(box, REPORTS, test_id=one) for one in settled] == [0] * len(settled)


def test_a_first_sync_keeps_to_the_budget_of_calls(box: Sandbox, connection: Connection) -> None:
    bring(connection, "tests")
    tests = truth(box, "tidal")["tests"]
    pages = sum(max(1, ceil((test["sent_rows"] + test["received_rows"]) / 100)) for test in tests)
    assert asked(box, LIST) == ceil(len(tests) / 100)
    assert asked(box, MAILS) == pages
    assert asked(box, REPORTS) == len(tests)
    asks_for_a_group = asked(box, MEMBERS) + asked(box, "/api/v2/workspaces/current")
    assert len(box.requests) == 1 + pages + len(tests) + asks_for_a_group
    assert asks_for_a_group == 1, "refused, since it leads none"


def test_missing_is_known_when_the_test_is_over(box: Sandbox, connection: Connection) -> None:
    fresh = made(box)
    box.clock.forward(60 * 60)
    bring(connection, "tests")
    of_fresh = Broadcast.objects.filter(test__external_id=fresh)
    assert of_fresh.exists()
    assert set(of_fresh.values_list("missing", flat=True)) == {None}
    box.clock.forward(4 * 60 * 60)
    bring(connection, "tests")
    assert None not in set(of_fresh.values_list("missing", flat=True))
    assert sum(of_fresh.values_list("missing", flat=True)) > 0


def test_an_automated_test_is_read_from_its_last_run_on(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, "tests")
    weekly = PlacementTest.objects.get(name="Northwind every Monday")
    workspace = box.instantly.workspace("northwind")
    assert (weekly.kind, weekly.status, weekly.settled) == ("automated", "active", False)
    if TODAY.weekday() in (6, 0):
        # It runs on Mondays from noon on: that run comes first.
        box.clock.forward(26 * 3600)
        bring(connection, "tests")
    box.clock.forward(25 * 3600)
    bring(connection, "tests")
    weekly.refresh_from_db()
    assert weekly.settled, "nothing came for a day; the list says when it runs again"
    box.requests.clear()
    box.clock.forward(3600)
    bring(connection, "tests")
    assert asked(box, MAILS, test_id=weekly.external_id) == 0
    before = weekly.rows
    box.clock.set(weekly.next_run_at + timedelta(hours=4))
    for _ in range(2):
        bring(connection, "tests")
    first = next(one for one in box.requests.to(MAILS) if one.query["test_id"] == weekly.external_id)
    assert first.query["date_from"] == weekly.read_to.isoformat()
    weekly.refresh_from_db()
    assert weekly.rows > before
    box.clock.forward(7 * 3600)
    bring(connection, "tests")
    assert_true(box, "northwind", connection, workspace.id)


def test_a_test_that_was_deleted_takes_its_broadcasts_along(box: Sandbox, connection: Connection) -> None:
    bring(connection, "tests")
    gone = connection.tests.filter(rows__gt=0).first()
    box.instantly.change("tidal", {"remove_tests": [gone.external_id]})
    run = bring(connection, "tests")
    assert run.gone == 1
    assert not Broadcast.objects.filter(test=gone, gone_at=None).exists()
    assert_true(box, "tidal", connection)


def test_silent_senders_have_no_broadcast_and_strangers_count_nowhere(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, "tests")
    told = [test for test in truth(box, "northwind")["tests"] if test["silent"] and test["rows"]]
    strange = [test for test in truth(box, "northwind")["tests"] if test["foreign"]]
    assert told
    assert strange
    for test in told:
        senders = Broadcast.objects.filter(test__external_id=test["test_id"]).values_list("from_email", flat=True)
        assert not set(senders) & set(test["silent"])
    for test in strange:
        kept = PlacementTest.objects.get(external_id=test["test_id"])
        assert kept.foreign == sum(test["foreign"].values())
        assert kept.mails.filter(sender_email__in=test["foreign"]).count() == kept.foreign
        assert not Broadcast.objects.filter(test=kept, from_email__in=test["foreign"]).exists()
