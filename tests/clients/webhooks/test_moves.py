"""From which status to which, and when: the vendor tells the new one alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clients.models import Conversation, Prospect, StatusMove
from clients.passes.base import Checkpoint
from clients.passes.conversations import ConversationPass
from clients.vendors.conversations import ConversationRecord, ProspectRecord
from tests.clients.webhooks.delivering import LINK, PERSON, THREAD, Door, event, person, thread

START = datetime(2026, 11, 20, tzinfo=UTC)


def status(seq: int, named: str | None) -> dict[str, Any]:
    return event(seq, "prospect.statusChanged", {"prospect": person(statusId=named)})


def begun(seq: int) -> dict[str, Any]:
    at = (START + timedelta(seconds=seq)).isoformat()
    return event(seq, "thread.created", {"thread": thread(createdAt=at, prospect=person(statusId="new"))})


def told(door: Door, *events: dict[str, Any]) -> None:
    for one in events:
        assert door.post(one) == 200
    door.process()


def listed(door: Door, named: str, mark: int) -> None:
    """The list is read, at a time when the events up to `mark` had been."""
    work = ConversationPass(door.connection, None, Checkpoint(1, "", "default", mark=mark))
    work.store([ConversationRecord(THREAD, LINK, ProspectRecord(PERSON, "Dana", "@dana", (), named))])


def moves() -> list[tuple[str, str, int | None, int | str]]:
    """From, to, since and when: in seconds of the day."""
    return [
        (
            one.before,
            one.after,
            one.since and int((one.since - START).total_seconds()),
            "seen" if one.noticed else _second(one.at),
        )
        for one in StatusMove.objects.order_by("at", "pk")
    ]


def _second(at: datetime) -> int:
    return int((at - START).total_seconds())


def test_each_change_is_kept_with_what_was_before_and_since_when(door: Door) -> None:
    told(door, begun(10), status(20, "talking"), status(30, "talking"), status(50, None))
    assert moves() == [("new", "talking", 10, 20), ("talking", "", 20, 50)]
    assert _second(Prospect.objects.get().status_since) == 50
    told(door, status(20, "talking"), begun(10))
    assert len(moves()) == 2


def test_of_a_prospect_that_was_there_before_nobody_knows_since_when(door: Door) -> None:
    told(door, status(20, "talking"), status(30, "won"))
    assert moves() == [("talking", "won", None, 30)]


def test_what_a_list_shows_first_is_told_again_by_its_event(door: Door) -> None:
    told(door, begun(10))
    listed(door, "won", 10)
    assert moves() == [("new", "won", 10, "seen")]
    assert Prospect.objects.get().status_since is None
    told(door, status(20, "talking"), status(30, "won"))
    assert moves() == [("new", "talking", 10, 20), ("talking", "won", 20, 30)]


def test_what_a_list_shows_and_no_event_tells_stays(door: Door) -> None:
    told(door, begun(10))
    listed(door, "won", 30)
    told(door, status(20, "talking"))
    assert moves() == [("new", "won", 10, "seen")]


def test_the_first_word_of_each_side_is_kept_in_whatever_order_it_comes(door: Door) -> None:
    def said(seq: int, author: str) -> dict[str, Any]:
        at = (START + timedelta(seconds=seq)).isoformat()
        message = {"id": f"m{seq}", "content": "Hello", "authorId": author, "createdAt": at, "threadId": THREAD}
        talk = thread(createdAt=(START + timedelta(seconds=1)).isoformat())
        return event(seq, "message.created", {"message": message, "thread": talk})

    told(door, said(40, PERSON))
    told(door, said(30, PERSON), said(20, LINK))
    told(door, said(5, LINK))
    row = Conversation.objects.get()
    assert [_second(at) for at in (row.told_from, row.wrote_at, row.replied_at)] == [5, 5, 30]
    assert row.last_at == START + timedelta(seconds=40)
