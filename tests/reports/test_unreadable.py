"""What a key or a plan does not let us read: each tab says so, and promises nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients.models import Connection, Feed
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
