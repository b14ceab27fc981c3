"""Events that were not delivered are read; lists and events together tell the truth, whichever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import sync
from clients.models import Connection, Conversation, ConversationLabel, Event, EventSource, EventState, Feed, RunState, Sender
from clients.passes.events import LOST
from clients.webhooks import working
from sandbox.hooks import Scheme, disturbed
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.boxes import fresh
from tests.clients.webhooks.delivering import SECRET, open_door

SCHEME = Scheme("X-Inbox-Signature")
#: Of thirty conversations or so.
TEAM = "small"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(today=date(2026, 11, 20)) as box:
        yield box


@pytest.fixture
def box(running: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    fresh(running, "inbox", settings, monkeypatch)
    running.inbox.add_account(name=TEAM, a_day=1)
    return running


@pytest.fixture
def account(box: Sandbox, cast: Cast) -> Connection:
    return connect(cast.north, key=box.key(TEAM, "inbox"), client=cast.acme, vendor="inbox")


def bring(connection: Connection, *resources: str) -> None:
    for resource in resources or connection.vendor_class.feeds:
        run = sync.run(Feed.objects.get(connection=connection, resource=resource).pk)
        assert run.state == RunState.OK, run.outcome
    working.process(connection.hook.pk)


def assert_true(box: Sandbox, connection: Connection) -> None:
    """Every conversation says what the vendor knows of it."""
    rows = Conversation.objects.filter(connection=connection, gone_at=None)
    told = {
        row.external_id: [row.last_text, row.last_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), row.last_inbound, row.archived]
        for row in rows
    }
    assert told == box.truth(TEAM, "inbox")["last"]
    assert not Event.objects.exclude(state=EventState.PROCESSED).exists()


def test_a_first_sync_brings_all_that_there_is(box: Sandbox, account: Connection) -> None:
    bring(account)
    assert_true(box, account)
    assert set(Sender.objects.values_list("email", "status")) == {(f"@{TEAM}", "active")}
    assert set(ConversationLabel.objects.filter(kind="tag").values_list("name", flat=True)) == {"Hot", "Warm", "Partner", "Later"}
    truth = box.truth(TEAM, "inbox")
    assert sum(row.prospect.valuation or 0 for row in Conversation.objects.select_related("prospect")) == truth["valuation"]
    assert Feed.objects.get(resource="events").position == str(truth["last_seq"])
    assert Conversation.objects.filter(sender__client=account.scopes.get().client).count() == truth["threads"]
    before = list(Conversation.objects.order_by("pk").values())
    bring(account, "conversations")
    changed = list(Conversation.objects.order_by("pk").values())
    assert [{**row, "seen_run": 0, "mark": 0, "last_mark": 0} for row in changed] == [
        {**row, "seen_run": 0, "mark": 0, "last_mark": 0} for row in before
    ]


def test_5_percent_that_were_dropped_are_repaired_by_the_next_read(box: Sandbox, account: Connection) -> None:
    bring(account)
    door, team = open_door(account), box.inbox.team(TEAM)
    first = len(team.events)
    box.change(TEAM, "inbox", live=80)
    letters = disturbed(team.events[first:], SECRET, SCHEME, dropped=0.05, duplicated=0.3, forged=0.05, corrupt=0.02)
    statuses = {(letter.kind, door.knock(letter.body, dict(letter.headers))) for letter in letters}
    assert statuses == {("true", 200), ("twice", 200), ("forged", 401), ("corrupt", 401)}
    working.process(door.hook.pk)
    delivered = Event.objects.filter(source=EventSource.DELIVERED).count()
    assert 65 < delivered < 80
    assert Feed.objects.get(connection=account, resource="events").next_at < timezone.now() + timedelta(minutes=2)
    bring(account, "events")
    assert Event.objects.count() == len(team.events) - _older(box)
    assert Event.objects.filter(source=EventSource.DELIVERED).count() == delivered
    assert_true(box, account)


def _older(box: Sandbox) -> int:
    oldest = (box.clock.now() - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%S")
    return sum(one["timestamp"] < oldest for one in box.inbox.team(TEAM).events)


def test_a_list_that_is_older_than_an_event_does_not_undo_it(box: Sandbox, account: Connection, monkeypatch: Any) -> None:
    bring(account)
    door, team = open_door(account), box.inbox.team(TEAM)
    name = next(one.id for one in team.threads.values() if one.inbox == "default")
    vendor = account.vendor_class
    read = vendor.conversations

    def told_meanwhile(self: Any, cursor: str | None, which: str = "") -> Any:
        page = read(self, cursor, which)
        if cursor is None and which == "default":
            box.change(TEAM, "inbox", say={"thread": name, "text": "Just now", "ours": False})
            assert door.post(team.events[-1]) == 200
            working.process(door.hook.pk)
        return page

    monkeypatch.setattr(vendor, "conversations", told_meanwhile)
    bring(account, "conversations")
    assert Conversation.objects.get(external_id=name).last_text == "Just now"
    assert not Conversation.objects.exclude(gone_at=None).exists()


def test_events_that_are_no_longer_kept_have_the_lists_read(box: Sandbox, account: Connection) -> None:
    bring(account)
    box.change(TEAM, "inbox", live=5)
    box.change(TEAM, "inbox", lose_events=True)
    box.change(TEAM, "inbox", live=1)
    later = timezone.now() + timedelta(hours=1)
    Feed.objects.update(next_at=later)
    bring(account, "events")
    run = Feed.objects.get(resource="events").last_run
    assert LOST in run.outcome
    assert Feed.objects.get(resource="conversations").next_at < later
    bring(account, "conversations")
    assert_true(box, account)


def test_a_conversation_that_was_deleted_is_gone_by_event_and_by_list(box: Sandbox, account: Connection) -> None:
    bring(account)
    names = list(Conversation.objects.values_list("external_id", flat=True)[:2])
    box.change(TEAM, "inbox", delete={"thread": names[0]})
    bring(account, "events")
    assert Conversation.objects.get(external_id=names[0]).gone_at
    box.change(TEAM, "inbox", delete={"thread": names[1]})
    bring(account, "conversations")
    assert Conversation.objects.get(external_id=names[1]).gone_at
    assert_true(box, account)


def test_another_accounts_key_begins_at_the_beginning(box: Sandbox, account: Connection, cast: Cast) -> None:
    from clients import connecting

    bring(account, "events")
    trial = connecting.with_key(account, {"api_key": box.key("agency", "inbox")})
    connecting.replace(account, trial, None)
    assert Feed.objects.get(resource="events").position == ""


def test_old_names_of_ids_are_read_too(box: Sandbox, cast: Cast) -> None:
    box.inbox.switches.ids_of_old = True
    account = connect(cast.north, key=box.key(TEAM, "inbox"), client=cast.acme, vendor="inbox")
    bring(account, "senders", "events")
    assert not Event.objects.exclude(state=EventState.PROCESSED).exists()
    rows = Conversation.objects.select_related("prospect")
    assert all(row.sender_id and row.prospect.external_id.isdigit() for row in rows)
