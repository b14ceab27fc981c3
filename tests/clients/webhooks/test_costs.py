"""What events and lists cost: so many queries for a batch or a page, however many it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Conversation, EventState, Prospect
from clients.passes.base import Checkpoint
from clients.passes.conversations import ConversationPass, LabelPass
from clients.vendors.conversations import ConversationRecord, LabelRecord, MessageRecord, ProspectRecord
from clients.webhooks import taking
from sandbox.answers import encode
from tests.clients.webhooks.delivering import Door, event, person, thread

NOW = timezone.now()
#: The lease, one transaction for the start and one for the work, each with its savepoints here; and a look for more.
A_BATCH = 36


def asked(what: Callable[[], Any]) -> int:
    with CaptureQueriesContext(database) as queries:
        what()
    return len(queries)


def told(door: Door, first: int, count: int) -> None:
    """New conversations with prospects of their own, and a message, a status and a tag in each."""
    read = door.connection.vendor_class.hooks.read
    for seq in range(first, first + 4 * count, 4):
        who = person(["t1"], statusId=f"s{seq % 3}") | {"platformId": f"9{seq % 200}"}
        named = f"thread{seq % 200}"
        talk = thread(named) | {"prospect": who}
        wrote = {"id": f"m{seq}", "content": "Hello", "authorId": "9", "createdAt": "2026-11-20T10:00:00Z", "threadId": named}
        for number, (kind, data) in enumerate(
            (
                ("thread.created", {"thread": talk}),
                ("message.created", {"message": wrote, "thread": talk}),
                ("prospect.statusChanged", {"prospect": who | {"context": {"tags": [], "statusId": f"s{seq % 2}"}}}),
                ("tag.created", {"tag": {"id": f"t{seq}", "name": f"Tag {seq}"}}),
            )
        ):
            taking.store(door.connection.pk, [read(encode(event(seq + number, kind, data)), NOW)])


def test_a_batch_of_events_costs_the_same_for_four_and_for_a_hundred(door: Door) -> None:
    told(door, 1, 1)
    few = asked(door.process)
    told(door, 5, 25)
    many = asked(door.process)
    told(door, 105, 25)
    known = asked(door.process)
    assert not door.connection.events.exclude(state=EventState.PROCESSED).exists()
    assert Conversation.objects.count() == Prospect.objects.count() == 50
    assert max(few, many, known) <= A_BATCH
    assert many - few <= 4


def page(count: int, text: str) -> list[ConversationRecord]:
    return [
        ConversationRecord(
            f"c{number}", "link1", ProspectRecord(f"p{number}", f"Dana {number}", "@dana", ("t1",), text), False, False,
            last=MessageRecord(f"m{number}", f"c{number}", text, NOW, True),
        )
        for number in range(count)
    ]  # fmt: skip


def test_a_page_of_conversations_costs_the_same_for_one_and_for_two_hundred(door: Door) -> None:
    def store(kind: type[Any], records: list[Any], phase: str) -> int:
        work = kind(door.connection, None, Checkpoint(1, "", phase))
        return asked(lambda: work.store(records))

    assert store(ConversationPass, page(1, "a"), "default") <= 10
    assert store(ConversationPass, page(200, "a"), "default") <= 10
    assert store(ConversationPass, page(200, "b"), "default") <= 10
    assert Conversation.objects.filter(last_text="b").count() == Prospect.objects.filter(status="b").count() == 200
    labels = [LabelRecord(f"t{number}", "tag", f"Tag {number}") for number in range(100)]
    assert store(LabelPass, labels, "tag") <= 2
    assert store(LabelPass, labels, "tag") <= 3
