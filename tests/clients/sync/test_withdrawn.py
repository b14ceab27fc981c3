"""Accounts that may no longer be asked while a run is at it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from clients import archiving, sync
from clients.models import Connection, Health, RunState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import assert_true, bring, feed


def test_a_connection_paused_midway_is_asked_no_further(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.switches.short_pages = 5
    real = sync._Run._store

    def paused(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        Connection.objects.update(health=Health.PAUSED)

    monkeypatch.setattr(sync._Run, "_store", paused)
    run = bring(connection)
    assert (run.state, run.pages, feed(connection).failures) == (RunState.WAITING, feed(connection).checkpoint["pages"], 0)
    assert run.outcome == "The account was paused meanwhile. Goes on where it was when it is resumed."
    monkeypatch.undo()
    Connection.objects.update(health=Health.OK)
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("archived", "The account was paused meanwhile. Every client it serves is archived. Goes on where it was"),
        ("removed", "The account was removed meanwhile."),
        ("refused", "The key was refused meanwhile."),
        ("replaced", "The key was replaced meanwhile. Goes on with the new one."),
    ],
)
def test_a_run_that_may_not_go_on_says_what_happened_to_its_account(
    box: Sandbox, people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    box.switches.short_pages = 5
    real = sync._Run._store

    def meanwhile(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        mine = Connection.objects.filter(pk=connection.pk)
        if what == "archived":
            archiving.archive(people.acme, None)
        elif what == "removed":
            mine.update(removed_at=timezone.now())
        else:
            mine.update(**({"health": Health.REFUSED} if what == "refused" else {"fingerprint": "of another key"}))

    monkeypatch.setattr(sync._Run, "_store", meanwhile)
    run = bring(connection)
    assert run.state == RunState.WAITING
    assert run.outcome.startswith(said)
