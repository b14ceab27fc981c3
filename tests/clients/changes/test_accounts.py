"""Mailboxes paused, resumed and warmed up: many in one call where the vendor has one."""

from __future__ import annotations

from copy import copy

import pytest

from clients import connecting, lacking
from clients.changes import asking, crew, selecting, wording
from clients.models import ChangeState, Connection, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import (
    applied,
    bring_senders,
    done_writes,
    items,
    picked,
    planned,
    resumed,
    states,
    undone,
    whys,
    worked,
    writes,
)
from tests.clients.changes.mailboxes import BULK, COOL, PAUSE, RESUME, of_birch, statuses
from tests.clients.doing import signed_in, text_of


def test_many_are_paused_by_one_call_and_resumed_one_by_one(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    change = planned(people.mo, of_birch(), PAUSE, mailboxes)
    assert [(call["kind"], call["senders"], call["calls"]) for call in change.calls] == [("several", 12, 1)]
    change = applied(change)
    assert (change.state, change.outcome, statuses(box)) == (ChangeState.DONE, "12 done.", {2})
    assert [asked.path for asked in writes(box)] == [BULK]
    assert set(Sender.objects.filter(connection=mailboxes).values_list("status", flat=True)) == {"paused"}

    box.requests.clear()
    undo = undone(change)
    assert [(call["kind"], call["calls"]) for call in undo.calls] == [("sender", 12)]
    assert applied(undo).state == ChangeState.DONE
    assert (statuses(box), len(writes(box))) == ({1}, 12)
    assert not any(asked.body for asked in writes(box)), "the live API refuses an empty body that says it is JSON"
    assert wording.what(undo) == "Undo of status paused"


def test_what_has_an_error_is_paused_but_not_resumed(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    emails = list(Sender.objects.filter(connection=mailboxes).order_by("email").values_list("email", flat=True))
    odd = {-1: "connection error", -2: "soft bounces", -3: "sending error", 3: "in maintenance, and resumes by itself"}
    broken = dict(zip(odd, emails, strict=False))
    box.change("many", "instantly", accounts={email: {"status": status} for status, email in broken.items()})
    change = planned(people.mo, of_birch(), RESUME, mailboxes)
    assert states(change) == {"skipped": 4, "noop": 8}
    said = {item.email: item.why for item in items(change)}
    assert all(odd[status] in said[email] for status, email in broken.items())

    change = planned(people.mo, of_birch(), PAUSE, mailboxes)
    assert "No undo brings back ‘connection error’." in whys(change), "said before it is too late"
    change = applied(change)
    assert (states(change), whys(change)) == ({"done": 12}, set())
    undo = undone(change)
    assert states(undo) == {"planned": 8, "skipped": 4}
    assert "It was ‘connection error’ before: nobody can put that back." in whys(undo)


def test_warmup_that_is_banned_is_left_alone(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    email = Sender.objects.filter(connection=mailboxes)[0].email
    box.change("many", "instantly", accounts={email: {"warmup_status": -1}})
    change = planned(people.mo, of_birch(), COOL, mailboxes)
    assert (states(change), whys(change)) == ({"planned": 11, "skipped": 1}, {"Its warmup is banned."})


def test_a_selection_over_two_vendors_plans_what_each_can_do(
    box: Sandbox, people: Cast, connection: Connection, mailboxes: Connection
) -> None:
    both = selecting.by_senders([str(uuid) for uuid in Sender.objects.values_list("uuid", flat=True)])
    change = planned(people.mo, both, PAUSE, connection)
    assert (states(change), whys(change)) == (
        {"planned": 12, "skipped": 60},
        {"InboxAlly has no status ‘paused’, but ‘active’ and ‘inactive’."},
    )
    change = planned(people.mo, both, {"preset": "repair"}, connection)
    assert states(change) == {"planned": 60, "skipped": 12}
    assert "Instantly has no engagement rules." in whys(change)
    assert "InboxAlly has no warmup that could be switched." in whys(planned(people.mo, both, COOL, connection))
    change = planned(people.mo, both, {"status": "active"}, connection)
    assert states(change) == {"noop": 72}


def test_drift_makes_the_plan_stale_and_an_undo_leaves_what_others_did(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    change = planned(people.mo, of_birch(), PAUSE, mailboxes)
    email = items(change)[0].email
    box.change("many", "instantly", accounts={email: {"status": 2}})
    change = applied(change)
    assert (change.state, writes(box)) == (ChangeState.STALE, [])
    assert "It is paused by now." in whys(change)

    change = applied(worked(asking.again(change, None)))
    assert states(change) == {"done": 11, "noop": 1}
    other = next(item for item in items(change) if item.state == "done").email
    box.change("many", "instantly", accounts={other: {"status": -1}})
    undo = undone(change)
    assert [(item.email, item.state) for item in items(undo) if item.drifted] == []
    assert {item.email: item.why for item in items(undo)}[other] == "It has a connection error: reconnect it in Instantly first."
    assert states(undo) == {"planned": 10, "skipped": 1}


def test_those_that_the_bulk_call_names_as_failed_are_read_back_as_they_are(
    box: Sandbox, people: Cast, mailboxes: Connection
) -> None:
    change = planned(people.mo, picked(mailboxes, 3), PAUSE, mailboxes)
    asking.apply(change, None)
    gone = items(change)[0].email
    box.faults.add("change", BULK, method="POST", what={"remove_accounts": [gone]})
    change = worked(change)
    assert states(change) == {"done": 2, "failed": 1}
    assert "Instantly did not take it." in whys(change)


def test_a_429_parks_and_nothing_is_sent_twice(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    change = planned(people.mo, of_birch(), PAUSE, mailboxes)
    box.faults.add("busy", BULK, method="POST", retry_after=3600)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.WAITING, {"queued": 12})
    assert states(resumed(change)) == {"done": 12}
    assert set(done_writes(box).values()) == {1}


def test_a_key_that_only_reads_is_told_what_it_lacks_after_one_try(
    box: Sandbox, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "MOST", 1)
    box.clock.run()
    emails = [one.email for one in box.instantly.workspace("northwind").mailboxes.newest_first()]
    box.change("northwind", "instantly", accounts={email: {"status": 2} for email in emails})
    connection = connect(
        people.north, key=box.instantly.key("readonly"), label="Reading", client=people.birch, vendor="instantly"
    )
    bring_senders(connection)
    box.requests.clear()
    change = applied(planned(people.mo, selecting.by_filter({"domain": "northwind.example"}), RESUME, connection))
    assert states(change) == {"failed": 5}
    assert len(whys(change)) == 1
    assert "it may lack the scope accounts:update" in whys(change).pop()
    assert len(writes(box)) == 1
    connection.refresh_from_db()
    assert connection.health == "ok"
    page = text_of(signed_in(people.mo).get(f"/clients/birch/senders/{connection.senders.filter(client=people.birch)[0].uuid}/"))
    assert "This key may only read." in page
    connecting.replace(connection, copy(connection), None)
    assert not lacking.refused(Connection.objects.get(pk=connection.pk), lacking.SENDERS), "the next key may do more"


def test_what_was_refused_once_is_forgotten_with_the_next_success(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    """A key that may do everything was told 403."""
    box.faults.add("error", BULK, method="POST", status=403)
    change = applied(planned(people.mo, of_birch(), PAUSE, mailboxes))
    assert states(change) == {"failed": 12}
    assert lacking.refused(Connection.objects.get(pk=mailboxes.pk), lacking.SENDERS)
    asking.retry(change, None)
    assert states(worked(change)) == {"done": 12}
    assert lacking.REFUSED not in Connection.objects.get(pk=mailboxes.pk).settings


def test_each_workspace_is_asked_for_its_own(box: Sandbox, people: Cast) -> None:
    box.clock.run()
    connection = connect(people.north, key=box.instantly.key("agency"), client=people.birch, vendor="instantly")
    bring_senders(connection)
    known = list(
        Sender.objects.filter(connection=connection)
        .values_list("external_id", "workspace", "tags__name")
        .order_by("pk", "tags__name")
    )
    change = applied(planned(people.mo, selecting.by_filter({"client": "birch"}), PAUSE, connection))
    assert change.state == ChangeState.DONE
    assert [statuses(box, name) for name in ("agency", "northwind", "atelier")] == [{2}, {2}, {2}]
    kept = list(
        Sender.objects.filter(connection=connection)
        .values_list("external_id", "workspace", "tags__name")
        .order_by("pk", "tags__name")
    )
    assert kept == known, "whose workspace they are in, and their tags, stay as they were"
    one = Sender.objects.filter(connection=connection, workspace="").order_by("email")[0]
    single = planned(people.mo, selecting.by_senders([str(one.uuid)]), RESUME, connection)
    assert applied(single).state == ChangeState.DONE
