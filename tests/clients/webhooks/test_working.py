"""What becomes of events: in their order, once, and none stops another."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from clients import dispatching, leases
from clients.models import Conversation, ConversationLabel, Event, EventState, Feed, Hook, Prospect, Sender
from clients.vendors.hooks import data_of
from clients.webhooks import effects, working
from tests.clients.webhooks.delivering import LINK, PERSON, THREAD, Door, event, person, thread


def story(length: int) -> list[dict[str, Any]]:
    """Five conversations, told again and again; the last word on each is known."""
    return [
        event(seq, "thread.assigned", {"thread": thread(f"thread{seq % 5}", assignee=f"member{seq}", done=seq % 2 == 0)})
        for seq in range(1, length + 1)
    ]


def assert_newest(length: int) -> None:
    told = dict(Conversation.objects.values_list("external_id", "assignee"))
    assert told == {f"thread{seq % 5}": f"member{seq}" for seq in range(length - 4, length + 1)}
    assert all(row.archived == (row.mark % 2 == 0) for row in Conversation.objects.all())


def test_shuffled_and_each_twice_the_newest_state_wins(door: Door) -> None:
    events = story(60) * 2
    random.Random(7).shuffle(events)
    for number, one in enumerate(events):
        assert door.post(one) == 200
        if number % 17 == 0:
            door.process()
    door.process()
    assert_newest(60)
    assert not Event.objects.exclude(state=EventState.PROCESSED).exists()


def test_an_event_without_a_number_is_told_by_its_time_and_holds_up_no_later_one(door: Door) -> None:
    def assignee() -> str:
        return Conversation.objects.get(external_id="thread1").assignee

    def told(second: int, name: str, **envelope: Any) -> dict[str, Any]:
        return event(second, "thread.assigned", {"thread": thread("thread1", assignee=name)}) | envelope

    for one, newest in (
        (told(10, "Ann"), "Ann"),
        (told(12, "Ben", seq=None), "Ben"),
        (told(11, "Cleo", seq="odd"), "Cleo"),  # as new as the tenth, which is the last that is known before it
        (told(14, "Dan"), "Dan"),
        (told(13, "Eve", seq=None), "Dan"),
        (told(15, "Fay", seq="15"), "Fay"),
    ):
        assert door.post(one) == 200
        door.process()
        assert assignee() == newest
    assert Conversation.objects.get(external_id="thread1").mark == 15


def test_a_row_that_has_a_time_for_its_mark_is_told_on_by_numbers(door: Door) -> None:
    door.post(event(10, "thread.archived", {"thread": thread("thread1", done=True)}))
    door.process()
    now = int(timezone.now().timestamp() * 1_000_000)
    Conversation.objects.update(mark=now, last_mark=now)
    Prospect.objects.update(mark=now)

    door.post(event(11, "thread.unarchived", {"thread": thread("thread1")}))
    door.process()
    row = Conversation.objects.select_related("prospect").get()
    assert (row.archived, row.mark) == (False, 11)
    assert row.prospect
    assert row.prospect.mark == 11


def test_a_poison_event_stops_no_other_and_can_be_processed_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (*story(10), event(11, "thread.archived", {"thread": {"name": "without an id"}}), event(12, "thread.created")):
        assert door.post(one) == 200
    with monkeypatch.context() as patch:
        patch.setitem(door.connection.vendor_class.hooks.readers, "thread.created", lambda data: 1 / 0)
        assert door.process() == 12
    states = dict(Event.objects.values_list("seq", "state"))
    assert {seq for seq, state in states.items() if state == EventState.FAILED} == {11, 12}
    assert Event.objects.get(seq=11).outcome == "Not understood: 'id' is missing."
    assert Event.objects.get(seq=12).outcome == "An error of our own (ZeroDivisionError)."
    assert_newest(10)
    assert working.again(Event.objects.filter(state=EventState.FAILED)) == 2
    assert door.process() == 2
    assert Event.objects.get(seq=11).state == EventState.FAILED
    assert Event.objects.get(seq=11).attempts == 2
    assert Event.objects.get(seq=12).state == EventState.PROCESSED
    assert Conversation.objects.filter(external_id=THREAD).exists()


def test_a_type_that_nobody_knows_is_kept_and_shown_as_such(door: Door) -> None:
    door.post(event(1, "galaxy.collided"))
    door.process()
    assert Event.objects.get().state == EventState.UNKNOWN


def test_each_type_of_the_vendors_list_is_known(door: Door) -> None:
    kinds = {
        "thread": "created deleted assigned unassigned archived unarchived typing",
        "message": "created edited deleted reactionAdded reactionRemoved",
        "prospect": "created statusChanged tagsChanged notesChanged valuationChanged enriched assigneeChanged",
        "tag": "created updated deleted",
        "status": "created updated deleted",
        "campaign": "created started paused resumed completed",
        "target": "contacted followUpSent replied",
    }
    wanted = {f"{of}.{what}" for of, whats in kinds.items() for what in whats.split()}
    assert {kind for kind in door.connection.vendor_class.hooks.readers if "/" not in kind} == wanted
    assert len(wanted) == 33


def test_what_each_says_is_kept(door: Door) -> None:
    sender = Sender.objects.create(connection=door.connection, external_id=LINK, email="@acme")
    wrote = {"id": "m1", "content": "Hello", "authorId": PERSON, "createdAt": "2026-11-20T10:00:00Z", "threadId": THREAD}
    ours = {"id": "m2", "content": "Hi", "authorId": LINK, "createdAt": "2026-11-20T10:05:00Z", "threadId": THREAD}
    told = [
        ("message.created", {"message": wrote, "thread": thread()}),
        ("prospect.tagsChanged", {"prospect": person(["t1"], statusId="s1", valuation=2500.5)}),
        ("tag.created", {"tag": {"id": "t1", "name": "Hot", "color": "red"}}),
        ("status.created", {"status": {"id": "s1", "name": "Won"}}),
    ]
    for seq, (kind, data) in enumerate(told, 1):
        door.post(event(seq, kind, data))
    door.process()
    row = Conversation.objects.select_related("prospect").get()
    assert (row.sender, row.last_text, row.last_inbound) == (sender, "Hello", True)
    known = row.prospect
    assert (known.name, known.tags, known.status, known.valuation) == ("Dana", ["t1"], "s1", Decimal("2500.5"))
    assert set(ConversationLabel.objects.values_list("name", flat=True)) == {"Hot", "Won"}
    door.post(event(5, "message.created", {"message": ours, "thread": thread()}))
    door.post(event(6, "message.edited", {"message": {**ours, "content": "Hi!"}, "threadId": THREAD}))
    door.process()
    row.refresh_from_db()
    assert (row.last_text, row.last_inbound) == ("Hi!", False)
    door.post(event(7, "message.deleted", {"messageId": "m2", "threadId": THREAD}))
    door.post(event(8, "prospect.valuationChanged", {"prospect": person(["t1"], valuation=None)}))
    door.post(event(9, "tag.deleted", {"tagId": "t1"}))
    door.post(event(10, "thread.deleted", {"threadId": THREAD}))
    door.process()
    row.refresh_from_db()
    assert row.last_text == ""
    assert Prospect.objects.get().valuation is None
    assert ConversationLabel.objects.get(kind="tag").gone_at
    assert row.gone_at
    assert not Event.objects.exclude(state=EventState.PROCESSED).exists()


def test_a_message_of_long_ago_that_comes_late_is_not_the_last(door: Door) -> None:
    new = {"id": "m2", "content": "New", "authorId": LINK, "createdAt": "2026-11-20T10:05:00Z", "threadId": THREAD}
    door.post(event(5, "message.created", {"message": new, "thread": thread()}))
    door.process()
    door.post(event(4, "message.created", {"message": {**new, "id": "m1", "content": "Old"}, "thread": thread(done=True)}))
    door.process()
    row = Conversation.objects.get()
    assert (row.last_text, row.archived) == ("New", False)
    assert Event.objects.get(seq=4).outcome == effects.OLDER


def test_a_number_that_is_missing_has_the_vendors_list_read(door: Door) -> None:
    feed = Feed.objects.filter(connection=door.connection, resource="events")
    later = timezone.now() + timedelta(hours=1)
    feed.update(next_at=later, position="3")

    def stirred() -> bool:
        found = feed.get().next_at < later
        feed.update(next_at=later)
        return found

    for seqs, gap in (((4, 5), False), ((7,), True), ((8,), False), ((2, 6), False), ((12, 10, 11), True)):
        for seq in seqs:
            door.post(event(seq))
        door.process()
        assert stirred() == gap, seqs


def test_two_workers_do_not_share_a_connection(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in story(3):
        door.post(one)
    assert working._claim(door.hook.pk)
    assert door.process() == 0
    assert not Hook.objects.due().exists()
    Hook.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert door.process() == 3
    assert door.hook.claim is None


def test_a_worker_that_lost_its_lease_writes_nothing(door: Door) -> None:
    door.post(event(1))
    token = working._claim(door.hook.pk)
    Hook.objects.update(claim=None)
    with pytest.raises(leases.Lost):
        working._batch(door.hook.pk, token)
    assert Event.objects.get().state == EventState.WAITING


def test_what_waits_is_handed_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(dispatching, "waiting", lambda queue: 0)
    monkeypatch.setattr(dispatching.app, "send_task", lambda task, args, queue: sent.append((task, args)))
    assert dispatching.hand_out_events() == 0
    door.post(event(1))
    assert dispatching.hand_out_events() == 1
    assert sent == [("clients.process_events", [door.hook.pk])]


def test_the_data_of_an_event_without_any_is_the_event() -> None:
    assert data_of('{"id": "x"}') == {"id": "x"}
