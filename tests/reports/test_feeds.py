"""How fresh every feed of every vendor is, on one page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from clients.models import Connection, Feed, Health, RunState, SyncRun
from tests.cast import Cast, connect
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user, text


@pytest.fixture
def accounts(cast: Cast) -> dict[str, Connection]:
    """One of each standing, at two vendors, the best first; Fine serves both clients."""
    now = timezone.now().replace(microsecond=0)
    made = {
        label: connect(cast.north, key=label * 4, label=label, client=client, vendor=vendor)
        for label, client, vendor in [
            ("Fine", cast.acme, "inboxally"),
            ("First", cast.birch, "instantly"),
            ("Paused", cast.acme, "inboxally"),
            ("Failing", cast.birch, "instantly"),
            ("Late", cast.acme, "inboxally"),
            ("Refused", cast.birch, "instantly"),
        ]
    }
    made["Fine"].scopes.create(client=cast.birch, kind="domain", value="birch.example")
    for label, one in made.items():
        one.feeds.exclude(pk=one.feeds.order_by("pk")[0].pk).delete()
        one.feeds.update(last_ok_at=None if label == "First" else now - timedelta(hours=30 if label == "Late" else 0))
    made["Paused"].feeds.update(last_ok_at=now - timedelta(days=9), failures=1)
    failed = SyncRun.objects.create(feed=made["Failing"].feeds.get(), state=RunState.FAILED, outcome="=Down since 13:10 UTC.")
    made["Failing"].feeds.update(failures=3, last_run=failed)
    Connection.objects.filter(pk=made["Paused"].pk).update(health=Health.PAUSED, health_reason="Paused by Mo.")
    Connection.objects.filter(pk=made["Refused"].pk).update(health=Health.REFUSED, health_reason="The key is refused.")
    return made


def test_the_worst_stand_first_with_what_was_said(cast: Cast, accounts: dict[str, Connection]) -> None:
    page = text(as_user(cast.ben).get("/feeds/"))
    places = [page.index(f"/connections/{accounts[label].uuid}/") for label in reversed(accounts)]
    order = sorted(range(6), key=places.__getitem__)
    assert [list(reversed(accounts))[place] for place in order] == ["Refused", "Late", "Failing", "Paused", "First", "Fine"]
    assert "failed 3 times" in page
    assert "The key is refused." in page
    assert "Down since 13:10 UTC." in page


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("status=late", ["Late"]),
        ("vendor=instantly&status=failing", ["Failing"]),
        ("search=fin", ["Fine"]),
        ("client=birch", ["Refused", "Failing", "First", "Fine"]),
        ("status=nonsense", []),
    ],
)
def test_a_file_has_the_rows_of_the_page(cast: Cast, accounts: dict[str, Connection], query: str, labels: list[str]) -> None:
    browser = as_user(cast.ben)
    rows = fetched(browser, f"/feeds/export/feeds.csv?{query}")
    assert [row["connection"] for row in rows] == labels
    page = text(browser.get(f"/feeds/?{query}"))
    assert all((f"/connections/{one.uuid}/" in page) == (label in labels) for label, one in accounts.items())


def test_cells_tell_whom_it_serves_and_why(cast: Cast, accounts: dict[str, Connection]) -> None:
    rows = {row["connection"]: row for row in fetched(as_user(cast.ben), "/feeds/export/feeds.csv")}
    assert (rows["Fine"]["client"], rows["Fine"]["state"], rows["Fine"]["said"]) == ("acme|birch", "fresh", "")
    assert (rows["Failing"]["failures"], rows["Failing"]["said"]) == ("3", "'=Down since 13:10 UTC.")
    assert (rows["Paused"]["next"], rows["Paused"]["said"]) == ("", "Paused by Mo.")


def test_several_late_accounts_lead_from_the_overview_to_their_feeds(cast: Cast, accounts: dict[str, Connection]) -> None:
    assert "/feeds/?status=late" not in text(as_user(cast.ben).get("/"))
    accounts["Failing"].feeds.update(failures=0)
    accounts["Fine"].feeds.update(last_ok_at=timezone.now() - timedelta(days=2))
    assert "/feeds/?status=late" in text(as_user(cast.ben).get("/"))


def test_what_was_said_stands_beneath_its_row_and_nowhere_else(cast: Cast, accounts: dict[str, Connection]) -> None:
    page = text(as_user(cast.ben).get("/feeds/"))
    assert re.findall(r'<tr class="said"><td colspan="7">(?:<a [^>]*>)?([^<]*)', page) == [
        "The key is refused.", "=Down since 13:10 UTC.", "Paused by Mo.",
    ]  # fmt: skip
    assert "Last said" not in page


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(timedelta(0), "due now"), (timedelta(seconds=40), "within a minute"), (timedelta(minutes=8), "in 8 min")],
)
def test_a_feed_that_failed_is_failing_on_both_pages_and_due_when_its_time_has_come(
    cast: Cast, accounts: dict[str, Connection], ahead: timedelta, said: str
) -> None:
    one, browser = accounts["Failing"], as_user(cast.ben)
    with time_machine.travel(timezone.now(), tick=False):
        one.feeds.update(next_at=timezone.now() + ahead)
        Feed.objects.exclude(connection=one).update(next_at=timezone.now() + timedelta(minutes=30))
        for address in (f"/connections/{one.uuid}/", "/feeds/?status=failing"):
            page = text(browser.get(address))
            (row,) = re.findall(r"<tr>(?:(?!</tr>).)*failed 3 times.*?</tr>", page, flags=re.S)
            assert said in row, address
            assert '<span class="tag look">failing</span><span class="sub">failed 3 times</span>' in row
            assert ">fresh<" not in row
