"""What a key or a plan does not let us read: each tab says so, and promises nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients import outcomes
from clients.models import Connection, Feed, SyncRun
from clients.passes.outreach import WHOSE
from tests.cast import Cast, connect
from tests.placing import account, placement_test
from tests.reports.reading import as_user, text

WHY = "The plan does not include this (no placement add-on)."
TESTS = "/clients/acme/tests/"


def lacking(connection: Connection, feed: str, *, read: bool = False) -> None:
    """All its other feeds were read."""
    now = timezone.now()
    connection.feeds.update(last_ok_at=now)
    connection.feeds.filter(resource=feed).update(lacks=WHY, last_ok_at=now if read else None)


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize(
    ("vendor", "feed"),
    [
        ("instantly", "tests"),
        ("instantly", "campaigns"),
        ("inbox", "conversations"),
        ("inboxally", "seeds"),
        ("inboxally", "broadcasts"),
        ("inboxally", "senders"),
    ],
)
def test_an_empty_tab_says_why_and_waits_for_nothing(cast: Cast, vendor: str, feed: str, read: bool) -> None:
    lacking(connect(cast.north, key="u" * 12, client=cast.acme, vendor=vendor), feed, read=read)
    page = text(as_user(cast.mo).get(f"/clients/acme/{feed}/"))
    assert f"The {feed} can’t be read" in page
    assert WHY in page
    for promise in ("First sync", "first sync", "every 5s", "every 10s"):
        assert promise not in page, promise


def test_no_test_is_offered_where_none_could_be_read(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    assert "New test…" in text(as_user(cast.mo).get(TESTS))
    lacking(connection, "tests")
    assert "New test…" not in text(as_user(cast.mo).get(TESTS))


def test_what_has_rows_goes_on_to_show_them(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    placement_test(connection, {"ann@acme.example": {"gmail": "P"}}, name="Weekly")
    lacking(connection, "tests", read=True)
    page = text(as_user(cast.mo).get(TESTS))
    assert "Weekly" in page
    assert "part of it can’t be read" in page


def test_a_paused_account_is_not_being_read(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    connection.feeds.filter(resource="tests").update(last_ok_at=None)
    assert "are being read" in text(as_user(cast.mo).get(TESTS))
    Connection.objects.update(health="paused")
    assert "are being read" not in text(as_user(cast.mo).get(TESTS))


def test_a_tab_is_told_of_its_own_feeds_alone(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    placement_test(connection, {"ann@acme.example": {"gmail": "P"}})
    Feed.objects.filter(connection=connection, resource="outreach").update(lacks=WHY, failures=3)
    assert "part of it can’t be read" not in text(as_user(cast.mo).get(TESTS))
    assert "did not come to its end" not in text(as_user(cast.mo).get(TESTS))
    assert "part of it can’t be read" in text(as_user(cast.mo).get("/clients/acme/campaigns/"))


def test_a_client_is_not_told_of_another_s_mailboxes(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    why = f"Daily figures of 3 Nov – 5 Nov came back empty.{WHOSE}ben@birch.example."
    run = SyncRun.objects.create(feed=connection.feeds.get(resource="outreach"), state="partial", left_out={"/days s1": why})
    Feed.objects.filter(pk=run.feed_id).update(last_run=run)
    page = text(as_user(cast.cleo).get("/clients/acme/campaigns/"))
    assert ("3 Nov – 5 Nov" in page, "ben@birch.example" in page) == (True, False)
    assert "3 Nov – 5 Nov" not in text(as_user(cast.cleo).get(TESTS)), "which shows no days"
    connection.feeds.update(next_at=timezone.now())
    assert "ben@birch.example" in text(as_user(cast.mo).get(f"/connections/{connection.uuid}/"))


def test_a_run_that_left_out_several_lists_them_and_what_is_cut_ends_at_a_word(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    feed, told = connection.feeds.get(resource="outreach"), {"a": "Northwind: no.", "b": "Atelier: no."}
    run = SyncRun.objects.create(feed=feed, state="partial", left_out=told, outcome=outcomes.cut("word " * 100))
    assert (run.outcome.endswith("word …"), len(run.outcome) <= 300) == (True, True)
    page = text(as_user(cast.mo).get(f"/runs/{run.uuid}/"))
    assert ("<li>Northwind: no.</li>" in page, "<li>Atelier: no.</li>" in page) == (True, True)
