"""`manage.py sync` on a feed that another worker has: it waits, and tells how that ended as if it had been its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clients import leases, sync
from clients.management.commands import sync as command
from clients.models import Connection, Feed, Health, RunState, SyncRun
from sandbox.server import Sandbox
from tests.cast import Cast, connect

type Other = Callable[[RunState, str], None]


@pytest.fixture
def held(cast: Cast, vendor: Sandbox) -> Feed:
    """Another worker has it, and its run goes on."""
    feed = connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.acme).feeds.get(resource="seeds")
    assert leases.take_feed(feed.pk)
    Feed.objects.filter(pk=feed.pk).update(last_run=SyncRun.objects.create(feed=feed))
    feed.refresh_from_db()
    return feed


@pytest.fixture
def other_ends(held: Feed, monkeypatch: pytest.MonkeyPatch) -> Other:
    """other_ends(state, words): what becomes of the other's run at the second look."""

    def arrange(state: RunState, words: str) -> None:
        looks: list[float] = []

        def look(seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 2:
                now = timezone.now()
                held.runs.update(state=state, outcome=words, finished_at=None if state == RunState.RUNNING else now)
                leases.release(Feed, held.pk, held.claim, next_at=now)

        monkeypatch.setattr(command.time, "sleep", look)

    return arrange


def said() -> tuple[str, str]:
    """What it prints, and what it fails with."""
    out = io.StringIO()
    try:
        call_command("sync", "--feed", "seeds", stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_a_run_of_another_that_ends_well_is_told_and_not_repeated(held: Feed, vendor: Sandbox, other_ends: Other) -> None:
    other_ends(RunState.OK, "Complete, by another.")
    printed, failed = said()
    assert "Petit: seeds: another worker is at it and is waited for." in printed
    assert "Petit: seeds: Complete, by another." in printed
    assert (failed, len(vendor.requests)) == ("", 0)


def test_a_run_of_another_that_fails_did_not_come_to_its_end(held: Feed, other_ends: Other) -> None:
    other_ends(RunState.FAILED, "InboxAlly is down.")
    printed, failed = said()
    assert "Petit: seeds: InboxAlly is down." in printed
    assert "1 did not come to an end: Petit: seeds" in failed


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.LOST, RunState.WAITING])
def test_a_run_of_another_that_dies_or_is_parked_is_gone_on_with(held: Feed, other_ends: Other, state: RunState) -> None:
    other_ends(state, "It was stopped.")
    printed, failed = said()
    assert "Petit: seeds: Complete." in printed
    assert failed == ""
    assert held.runs.latest("pk").trigger == "command"


def test_an_older_run_is_not_taken_for_the_one_that_is_waited_for(held: Feed, other_ends: Other) -> None:
    earlier = timezone.now() - timedelta(hours=1)
    SyncRun.objects.create(feed=held, state=RunState.OK, outcome="Yesterday's.", started_at=earlier, finished_at=earlier)
    other_ends(RunState.RUNNING, "")
    held.runs.filter(state=RunState.RUNNING).delete()
    printed, failed = said()
    assert "Yesterday's" not in printed
    assert "Petit: seeds: Complete." in printed
    assert failed == ""


def test_a_worker_that_stays_at_it_is_not_waited_for_without_end(held: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PATIENCE", timedelta(0))
    monkeypatch.setattr(command.time, "sleep", lambda _: None)
    printed, failed = said()
    assert "Petit: seeds: the other worker is still at it." in printed
    assert "1 did not come to an end: Petit: seeds" in failed


def test_an_account_that_is_paused_at_the_last_moment_is_not_called_another_workers(
    cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.acme)
    real = sync.run

    def paused_first(*asked: Any, **options: Any) -> SyncRun | None:
        Connection.objects.update(health=Health.PAUSED)
        return real(*asked, **options)

    monkeypatch.setattr(sync, "run", paused_first)
    printed, failed = said()
    assert "Petit: seeds: not asked: its account was paused" in printed
    assert "another worker" not in printed
    assert "1 did not come to an end: Petit: seeds" in failed
