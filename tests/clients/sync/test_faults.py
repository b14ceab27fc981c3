"""Vendors at fault: every run ends, in words, with the time of the next try; and the next one mends it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import sync
from clients.models import Broadcast, Budget, Connection, Feed, Health, RunState, Seed, SyncRun
from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.http import Http
from clients.vendors.retries import Patience
from sandbox.server import Sandbox
from tests.canary import Canary
from tests.cast import Cast, connect
from tests.clients.doing import newest_entry, signed_in, text_of
from tests.clients.sync.syncing import assert_true, bring, bring_all, feed, words
from tests.waiting import wait_until


@pytest.mark.parametrize(
    ("form", "seconds"),
    [
        ({"retry_after": 600}, 600),
        ({"retry_after": None, "retry_after_date": 1200}, 1200),
        ({"retry_after": None}, 30),
        ({"retry_after": 0}, 5),
        ({"retry_after": 86400}, 86400),
        ({"retry_after": "abc"}, 30),
        ({"retry_after": -5}, 30),
    ],
)
def test_a_429_parks_the_run_and_nobody_asks_before_its_time(
    box: Sandbox, connection: Connection, settings: Any, pauses: list[float], form: dict[str, Any], seconds: int
) -> None:
    settings.INBOXALLY_RATE = 1000
    box.switches.short_pages = 20
    box.faults.add("busy", "/v3/seeds", after=1, times=None, **form)
    run = bring(connection, "seeds")
    assert sum(pauses) <= 10
    one = feed(connection, "seeds")
    assert (run.state, one.claim, one.failures) == (RunState.WAITING, None, 0)
    # Counted from an answer that came between the run's start and its end.
    assert run.started_at + timedelta(seconds=seconds - 2) <= one.next_at <= run.finished_at + timedelta(seconds=seconds + 1)
    assert "Goes on at" in run.outcome
    assert one.checkpoint["pages"] == 1
    box.requests.clear()
    if seconds > 5:
        assert not Feed.objects.due().filter(pk=one.pk).exists()
        # Made due, it does not get past the vendor's word either.
        sync.request(connection)
        assert bring(connection, "seeds").state == RunState.WAITING
        assert len(box.requests) == 0
    # Its time has come.
    box.faults.clear()
    Budget.objects.update(blocked_until=None)
    assert bring(connection, "seeds").state == RunState.OK
    assert Seed.objects.filter(status="active").count() == box.truth("petit")["seeds_active"]


def test_of_a_person_one_call_gets_past_the_vendors_word(
    box: Sandbox, connection: Connection, people: Cast, settings: Any
) -> None:
    settings.INBOXALLY_RATE = 1000
    box.faults.add("busy", "/v3/seeds", times=None, retry_after=99999)
    bring(connection, "seeds")
    one, mo = feed(connection, "seeds"), signed_in(people.mo)
    assert timedelta(hours=23) < one.next_at - timezone.now() <= timedelta(days=1), "nobody is believed for longer than a day"
    page = f"/connections/{connection.uuid}/"
    assert "asked to wait" in mo.get(page).text
    said = mo.get("/feeds/?status=waiting").text
    assert "asks us to wait 24 h. Goes on at" in said
    for still_busy in (True, False):
        box.requests.clear()
        if not still_busy:
            box.faults.clear()
        mo.post(f"{page}sync/")
        states = [bring(connection, name).state for name in ("seeds", "senders", "broadcasts")]
        assert states == [RunState.WAITING if still_busy else RunState.OK, RunState.WAITING, RunState.WAITING]
        assert len(box.requests) == 1
        waits = feed(connection, "senders").next_at - timezone.now()
        assert waits > timedelta(hours=23) if still_busy else waits <= timedelta(seconds=30)
    assert "asked to wait</span>" not in mo.get(page).text


def test_a_test_of_the_key_asks_once_and_what_waited_goes_on(
    box: Sandbox, connection: Connection, people: Cast, settings: Any
) -> None:
    settings.INBOXALLY_RATE = 1000
    box.faults.add("busy", "/v3/seeds", retry_after=3600)
    bring(connection, "seeds")
    assert not Feed.objects.due().filter(resource="seeds").exists()
    signed_in(people.mo).post(f"/connections/{connection.uuid}/test/")
    assert newest_entry().after["outcome"] == "good"
    assert Feed.objects.due().filter(resource="seeds").exists()
    Budget.objects.update(blocked_until=None)
    assert bring(connection, "seeds").state == RunState.OK


@pytest.mark.parametrize("kind", ["error", "close", "reset", "cut", "html", "empty"])
def test_a_fault_that_stays_fails_visibly_and_is_tried_again_later_each_time(
    box: Sandbox, connection: Connection, kind: str
) -> None:
    box.faults.add(kind, "/v3/seeds", times=None)
    waits = []
    for _ in range(6):
        box.requests.clear()
        run = bring(connection, "seeds")
        assert run.state == RunState.FAILED
        assert len(box.requests) >= 5
        assert "Next try at" in run.outcome
        assert words(run).endswith(run.outcome)
        waits.append(round((feed(connection, "seeds").next_at - run.finished_at).total_seconds() / 60))
    assert waits == [1, 2, 4, 8, 15, 15]
    assert "Down since" in run.outcome
    box.faults.clear()
    assert bring(connection, "seeds").state == RunState.OK
    assert feed(connection, "seeds").failures == 0


@pytest.mark.parametrize(
    ("kind", "args", "why"),
    [
        ("stall", {"seconds": 30}, "did not answer in time"),
        ("drip", {"seconds": 1}, "did not answer in time"),
        ("drip", {"seconds": 1, "part": "head"}, "did not answer in time"),
        ("close", {}, "broke off its answer"),
        ("reset", {}, "broke off its answer"),
    ],
)
def test_a_vendor_that_falls_silent_drips_or_hangs_up_fails_the_run_on_the_page_with_the_next_try(
    box: Sandbox, people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch, kind: str, args: dict[str, Any], why: str
) -> None:
    if args:
        monkeypatch.setattr(Http, "patience", Patience(tries=(0.15,) * 5, whole=60))
    box.faults.add(kind, "/v3/seeds", times=None, **args)
    run = bring(connection, "seeds")
    one = feed(connection, "seeds")
    assert (run.state, one.claim, one.failures) == (RunState.FAILED, None, 1)
    assert run.started_at + timedelta(seconds=60) <= one.next_at <= run.finished_at + timedelta(seconds=60)
    assert why in run.outcome
    page = text_of(signed_in(people.ben).get(f"/connections/{connection.uuid}/"))
    assert "failed 1 time" in page
    # Around midnight the day stands before the time.
    assert re.search(rf"Next try at .*{one.next_at:%H:%M} UTC", page)
    # Who gave up may have been faster than who writes it down.
    wait_until(lambda: len(box.requests) >= 5)
    assert len(box.requests) == 5
    box.faults.clear()
    assert bring(connection, "seeds").state == RunState.OK


def test_a_key_revoked_midway_stops_within_two_tries_and_harms_nobody_else(box: Sandbox, people: Cast, canary: Canary) -> None:
    canary.watch("petit's key", box.key("petit"))
    mine = connect(people.north, key=box.key("petit"), client=people.acme)
    other = connect(people.north, key=box.key("northwind"), label="Another", client=people.birch)
    box.switches.short_pages = 5
    box.faults.add("revoked", account="petit", after=3, times=None)
    run = bring(mine)
    assert [one.fault for one in box.requests].count("revoked") == 2
    mine.refresh_from_db()
    assert (run.state, mine.health) == (RunState.FAILED, Health.REFUSED)
    assert "refuses the API key" in mine.health_reason == run.outcome
    box.requests.clear()
    assert [sync.run(one.pk) for one in mine.feeds.all()] == [None, None, None]
    assert not Feed.objects.due().filter(connection=mine).exists()
    assert len(box.requests) == 0
    assert all(one.state == RunState.OK for one in bring_all(other))
    for row in SyncRun.objects.values():
        canary.look("a run", str(row))
    canary.look("what is said of the account", mine.health_reason)
    assert canary.sightings() == []


def test_a_key_that_was_replaced_meanwhile_is_not_refused_with_the_old_one(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    box.faults.add("revoked", times=None)
    one = feed(connection)
    run = sync._Run(one, sync.leases.take_feed(one.pk), "schedule")
    Connection.objects.update(fingerprint="of another key")
    run.go()
    connection.refresh_from_db()
    assert (run.row.state, connection.health) == (RunState.FAILED, Health.OK)


def test_what_was_rolled_back_is_not_counted(box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    box.switches.short_pages = 5
    real = sync._Run._count

    def breaks(run: Any, work: Any, batch: Any, stored: Any) -> None:
        real(run, work, batch, stored)
        if run.row.pages >= 3:
            raise UnexpectedAnswer("As if the third page broke.", "page")

    monkeypatch.setattr(sync._Run, "_count", breaks)
    run = bring(connection)
    assert run.state == RunState.FAILED
    stored = SyncRun.objects.get(pk=run.pk)
    assert stored.rows == stored.new == Broadcast.objects.count() == run.rows
    assert stored.pages == (feed(connection).checkpoint or {"pages": 0})["pages"] < 3
    monkeypatch.undo()
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


def test_an_error_of_our_own_is_named_by_its_kind_alone(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ZeroDivisionError("with the key in it")

    monkeypatch.setattr(sync._Run, "_store", breaks)
    run = bring(connection)
    assert run.state == RunState.FAILED
    assert "ZeroDivisionError" in run.outcome
    assert "with the key" not in run.outcome + words(run)
    assert feed(connection).claim is None
