"""What is read of campaigns and senders waits until there are some; in a first sync the feeds run beside each other."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients import sync, tasks
from clients.models import ActivityDay, Campaign, Feed, Grain, RunState
from clients.models.operations import AFTER
from clients.passes import PASSES, OutreachPass
from clients.vendors import VENDORS
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.outreach.reaching import CAMPAIGNS, days
from tests.clients.sync.syncing import bring, feed
from tests.clients.tests.testing import connect as connect_to


def due(*resources: str) -> set[str]:
    return set(Feed.objects.due().filter(resource__in=resources).values_list("resource", flat=True))


@pytest.mark.parametrize("slug", [slug for slug, vendor in VENDORS.items() if set(AFTER) & set(vendor.feeds)])
def test_of_every_vendor_it_is_due_when_both_have_come_to_an_end_once(cast: Cast, slug: str) -> None:
    connection = connect(cast.north, key="k" * 20, vendor=slug, client=cast.acme)
    assert set(AFTER) <= set(PASSES)
    feeds = connection.feeds.all()
    for name, before in AFTER.items():
        feeds.update(last_ok_at=None)
        for other in before:
            assert name not in due(name)
            feeds.filter(resource=other).update(last_ok_at=timezone.now())
        assert due(name) == set(VENDORS[slug].feeds) & {name}


def test_one_that_was_added_later_waits_for_those_that_came_with_it(cast: Cast) -> None:
    connection = connect(cast.north, key="k" * 20, vendor="instantly", client=cast.acme)
    connection.feeds.update(last_ok_at=timezone.now())
    connection.feeds.filter(resource__in=["campaigns", "outreach"]).delete()
    for name in ("outreach", "campaigns"):
        Feed.objects.create(connection=connection, resource=name)
    assert due("outreach", "campaigns") == {"campaigns"}


def test_in_a_first_sync_it_asks_for_nothing_and_is_not_called_complete(box: Sandbox, people: Cast) -> None:
    connection = connect_to(people.north, box, "tidal", people.acme)
    sync.request(connection)
    for name in ("outreach", "senders", "outreach"):
        tasks.sync_feed(feed(connection, name).pk)
    assert feed(connection, "outreach").last_run is None
    assert feed(connection, "outreach").requested_at, "a person still waits for it"
    for name in ("campaigns", "outreach"):
        tasks.sync_feed(feed(connection, name).pk)
    assert ActivityDay.objects.by(Grain.CAMPAIGN).exists()
    assert days(connection, Grain.SENDER)


def test_what_came_home_while_it_read_is_read_at_once(box: Sandbox, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect_to(people.north, box, "tidal", people.acme)
    bring(connection, "senders")
    doubt = OutreachPass.doubt

    def late(work: OutreachPass, *, first: bool) -> str:
        bring(connection, "campaigns")
        return doubt(work, first=first)

    monkeypatch.setattr(OutreachPass, "doubt", late)
    bring(connection, "outreach")
    assert due("outreach") == {"outreach"}
    monkeypatch.undo()
    bring(connection, "outreach")
    assert ActivityDay.objects.by(Grain.CAMPAIGN).exists()
    assert due("outreach") == set()


def test_one_that_cannot_be_read_is_not_waited_for_and_what_it_brings_later_is_read_at_once(box: Sandbox, people: Cast) -> None:
    connection = connect_to(people.north, box, "tidal", people.acme)
    box.faults.add("error", CAMPAIGNS, status=402, times=None)
    bring(connection, "senders")
    assert bring(connection, "campaigns").state == RunState.FAILED
    assert due("outreach") == {"outreach"}
    bring(connection, "outreach")
    assert days(connection, Grain.SENDER)
    assert due("outreach") == set()
    box.faults.clear()
    bring(connection, "campaigns")
    assert due("outreach") == {"outreach"}
    bring(connection, "outreach")
    assert not Campaign.objects.filter(connection=connection, days_stale=True).exists()
    assert due("outreach") == set()
