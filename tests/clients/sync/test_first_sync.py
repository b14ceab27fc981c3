"""What a first sync brings home, and the next one adds, over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from clients.models import Broadcast, ClientDay, Feed, Placement, RunState, Seed, Sender
from clients.models import Client as OurClient
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import (
    TODAY,
    assert_true,
    at,
    bring,
    bring_all,
    feed,
    kept_cells,
    lists_asked,
    rolled_cells,
    true_cells,
    words,
)


def mail(days_ago: int) -> dict[str, Any]:
    sent = f"{TODAY - timedelta(days=days_ago)}T02:00:00+00:00"
    return {"subject": "News", "from_email": "news@northwind.example", "sent": sent, "providers": {"gmail": [5, 2, 1]}}


@pytest.mark.parametrize("account", ["northwind", "brunnen", "petit", "halden", "atelier"])
def test_a_first_sync_brings_home_what_the_vendor_has(box: Sandbox, people: Cast, account: str) -> None:
    connection = connect(people.north, key=box.key(account), client=people.acme)
    for run in bring_all(connection):
        assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    assert_true(box, account, connection)
    assert Sender.objects.filter(client=people.acme).count() == box.truth(account)["senders"]
    assert Seed.objects.filter(status="active").count() == box.truth(account)["seeds_active"]
    split = ClientDay.objects.filter(client=people.acme).exclude(mailbox_provider="all")
    assert split.aggregate(n=Sum("received"))["n"] == box.truth(account)["total"]["total_emails"]


def test_a_run_tells_what_it_did(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    first, again = bring(connection), bring(connection)
    broadcasts, placements = Broadcast.objects.count(), Placement.objects.count()
    assert (first.rows, first.new, first.changed, first.gone) == (broadcasts + placements, broadcasts + placements, 0, 0)
    assert first.pages == first.pages_expected == len(lists_asked(box)) - again.pages
    assert (again.new, again.changed, again.gone) == (0, 0, 0)
    assert first.started_at <= first.finished_at
    after = feed(connection)
    assert (after.checkpoint, after.claim, after.claimed_until, after.failures) == (None, None, None, 0)
    assert after.watermark <= after.last_ok_at
    assert after.next_at == after.last_ok_at + after.interval


def test_counts_that_grow_are_read_again_and_old_pages_are_not(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    at(box, 5)
    bring(connection)
    before, first = kept_cells(connection), len(box.requests)
    box.requests.clear()
    for hour in (11, 16, 23):
        at(box, hour)
        assert bring(connection).state == RunState.OK
        assert_true(box, "northwind", connection)
    assert kept_cells(connection) != before
    assert {cell[0] for cell, counts in kept_cells(connection).items() if before.get(cell) != counts} == {TODAY.isoformat()}
    assert len(lists_asked(box)) < 3 * first / 2


def test_a_second_sync_with_nothing_new_costs_less_than_half(box: Sandbox, people: Cast) -> None:
    account = box.add_account("long", senders=5, broadcasts=1500)
    connection = connect(people.north, key=account.key, client=people.acme)
    first = bring(connection)
    box.requests.clear()
    again = bring(connection)
    assert again.pages * 2 < first.pages
    assert len(box.requests) == again.pages
    assert (again.new, again.changed) == (0, 0)
    assert_true(box, "long", connection)


def test_one_account_of_three_clients_is_told_apart_by_domain_and_tag(box: Sandbox, people: Cast) -> None:
    polar = OurClient.objects.create(agency=people.north, name="Polar", slug="polar")
    connection = connect(people.north, key=box.key("shared"))
    connection.scopes.create(client=people.acme, kind="domain", value="lumen.example")
    connection.scopes.create(client=people.birch, kind="domain", value="kestrel.example")
    connection.scopes.create(client=polar, kind="tag", value="fjord")
    # Broadcasts first: whose tags they carry is known only once the senders have come.
    for resource in ("broadcasts", "seeds", "senders"):
        bring(connection, resource)
    assert_true(box, "shared", connection)
    domains = {people.acme: "lumen.example", people.birch: "kestrel.example", polar: "mail.polar.example", None: "stray.example"}
    for owner, domain in domains.items():
        assert rolled_cells(client=owner) == true_cells(box, "shared", [domain])
    assert Sender.objects.filter(client=polar).count() == 12
    assert list(Sender.objects.filter(client=None).values_list("domain", flat=True)) == ["stray.example"]


def test_a_mailbox_provider_that_no_list_is_for_comes_with_the_details(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    # The Gmail list lacks a row, and the broadcast's own answer says iCloud instead.
    box.faults.add("null_id", "/v3/broadcasts", query={"provider": "gmail"})
    box.faults.add("unknown_provider", "/v3/broadcasts/*", times=None)
    run = bring(connection)
    assert run.state == RunState.PARTIAL
    other = Placement.objects.filter(mailbox_provider="other")
    assert other.count() == 1
    whole = other.get().broadcast
    assert not whole.placements.filter(mailbox_provider="gmail").exists()
    assert whole.placements.aggregate(n=Sum("received"))["n"] == whole.received
    assert {cell[1] for cell in rolled_cells(connection=connection)} >= {"other", "yahoo"}
    assert not Broadcast.objects.filter(split_stale=True).exists()


def test_a_detail_replaces_the_split_that_stood(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    at(box, 5)
    bring(connection)
    at(box, 23)
    box.faults.add("unknown_provider", "/v3/broadcasts/*", times=None)
    bring(connection)
    grown = Broadcast.objects.filter(placements__mailbox_provider="other")
    assert grown.exists()
    for one in grown:
        assert not one.placements.filter(mailbox_provider="gmail").exists()
        assert one.placements.aggregate(n=Sum("received"))["n"] == one.received
    split = rolled_cells(connection=connection).values()
    assert sum(counts[0] for counts in split) == box.truth("northwind")["total"]["total_emails"]


def test_a_vendor_whose_details_hold_no_split_is_asked_for_lists(box: Sandbox, people: Cast) -> None:
    box.switches.detail_providers = False
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    at(box, 5)
    bring(connection)
    assert_true(box, "northwind", connection)
    box.requests.clear()
    box.change("northwind", add_broadcasts=[mail(number) for number in range(6)])
    assert bring(connection).state == RunState.OK
    assert_true(box, "northwind", connection)
    details = [one for one in box.requests if one.path.startswith("/v3/broadcasts/")]
    assert 0 < len(details) <= 3
    assert not Broadcast.objects.filter(split_stale=True).exists()


def test_a_broadcast_dated_2099_hides_nothing(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    at(box, 5)
    box.faults.add("wrong_type", "/v3/broadcasts", field="date", value="2099-01-01")
    bring(connection)
    assert Broadcast.objects.filter(day__year=2099).exists()
    box.faults.clear()
    at(box, 23)
    bring(connection)
    assert_true(box, "northwind", connection)


def test_an_old_broadcast_dated_2099_is_not_gone_because_it_was_not_read_again(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    box.faults.add("wrong_type", "/v3/broadcasts", query={"page_token": "*"}, after=2, field="date", value="2099-01-01")
    bring(connection)
    again = bring(connection)
    assert again.gone == 0
    assert Broadcast.objects.filter(day__year=2099, gone_at=None).exists()


@pytest.mark.parametrize("off", [timedelta(hours=1), -timedelta(hours=1), timedelta(days=365)])
def test_a_clock_that_was_off_skips_nothing(box: Sandbox, people: Cast, off: timedelta) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    at(box, 5)
    bring(connection)
    # As a run by that clock leaves it.
    one = feed(connection)
    one.watermark, one.last_ok_at, one.next_at = one.watermark + off, one.last_ok_at + off, one.next_at + off
    one.save()
    # A page at a time, and what is new is not on the first.
    box.switches.short_pages = 2
    box.change("northwind", add_broadcasts=[mail(number) for number in range(6)])
    assert Feed.objects.due().filter(pk=one.pk).exists() == (off not in (timedelta(hours=1), timedelta(0)))
    bring(connection)
    assert_true(box, "northwind", connection)
    assert abs(feed(connection).watermark - timezone.now()) < timedelta(minutes=1)
