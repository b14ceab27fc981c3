"""One message, once, whatever happens to its answer; and why one does not leave."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Connection, Conversation, Health, Message, MessageState
from clients.talking import asking, settling, working
from clients.vendors import VENDORS
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry
from tests.clients.talking.told import VENDOR, aged, asked, begun, posts, request_of, say, sent, thread, worked

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Nothing of ours catches it."""


def test_a_reply_is_sent_and_the_conversation_is_answered_at_once(talk: Conversation, box: Sandbox) -> None:
    say(box, talk, "Well?")
    message = worked(asked(talk, "Gladly."))

    assert (message.state, message.why, sent(box), posts(box)) == (MessageState.SENT, "", ["Gladly."], 1)
    assert message.text == "", "the vendor has it now"
    talk.refresh_from_db()
    assert (talk.last_text, talk.last_inbound) == ("Gladly.", False)
    assert message.external_id == talk.last_message
    assert actions()[-2:] == ["message.asked", "message.sent"]
    assert "Gladly." not in str(newest_entry().after)


def test_an_answered_request_lies_in_the_default_inbox_at_once(talk: Conversation, box: Sandbox) -> None:
    thread(box, talk).is_request = True
    Conversation.objects.filter(pk=talk.pk).update(is_request=True)
    worked(asked(talk))
    talk.refresh_from_db()
    assert not talk.is_request


@pytest.mark.parametrize("fault", [("lost", {}), ("cut", {}), ("html", {"status": 502}), ("close", {}), ("error", {})])
def test_a_lost_answer_is_looked_for_and_never_sent_again(
    talk: Conversation, box: Sandbox, fault: tuple[str, dict[str, Any]]
) -> None:
    box.faults.add(fault[0], method="POST", **fault[1])
    message = worked(asked(talk))
    assert message.state == MessageState.SENDING
    assert "being found out" in message.why
    assert message.due_at > timezone.now()
    with pytest.raises(asking.NotNow):
        asking.cancel(message, request_of(message.user))
    arrived = bool(sent(box))

    assert worked(message).state == (MessageState.SENT if arrived else MessageState.SENDING)
    assert arrived is (fault[0] in ("lost", "cut"))
    aged(message, minutes=3)
    worked(message)
    assert (message.state, posts(box)) == (MessageState.SENT if arrived else MessageState.FAILED, 1)
    assert ("stands in the conversation" in message.why) is arrived


def test_the_same_words_of_before_are_not_taken_for_ours(talk: Conversation, box: Sandbox) -> None:
    say(box, talk, "Gladly.", ours=True)
    say(box, talk, "Gladly.")
    box.faults.add("close", method="POST")
    message = worked(asked(talk, "Gladly."))
    aged(message, minutes=3)
    assert worked(message).state == MessageState.FAILED


def test_something_else_of_ours_that_stands_there_since_asks_for_a_person(talk: Conversation, box: Sandbox) -> None:
    box.faults.add("close", method="POST")
    message = worked(asked(talk, "See https://example.org"))
    say(box, talk, "See https://t.co/1", ours=True)
    aged(message, minutes=3)
    assert worked(message).state == MessageState.UNCLEAR
    with pytest.raises(asking.NotNow):
        asking.again(message, request_of(message.user))


def test_tried_again_it_is_looked_for_before_it_is_sent(talk: Conversation, box: Sandbox) -> None:
    box.faults.add("close", method="POST")
    late, never = worked(asked(talk, "Gladly.")), posts(box)
    aged(late, minutes=3)
    worked(late)
    say(box, talk, "Gladly.", ours=True)  # it arrives after all
    Message.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(minutes=4))
    asking.again(late, request_of(late.user))
    assert (worked(late).state, posts(box)) == (MessageState.SENT, never)


def test_tried_again_what_was_not_sent_is_sent_once(talk: Conversation, box: Sandbox) -> None:
    box.faults.add("close", method="POST")
    message = worked(asked(talk))
    aged(message, minutes=3)
    worked(message)
    asking.again(message, request_of(message.user))
    assert (worked(message).state, sent(box)) == (MessageState.SENT, ["Gladly."])


def test_a_worker_that_dies_before_it_writes_down_what_it_heard(
    talk: Conversation, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = asked(talk)
    with monkeypatch.context() as patch:
        patch.setattr(settling, "write", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            working.send(message.pk)
    message.refresh_from_db()
    assert (message.state, sent(box)) == (MessageState.SENDING, ["Gladly."])
    assert working.send(message.pk) is None, "its lease still stands"

    assert worked(message).state == MessageState.SENT
    assert posts(box) == 1


def test_who_lost_its_lease_writes_nothing_and_sends_nothing(
    talk: Conversation, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = asked(talk)
    opened = working.open_vendor

    def slow(connection: Connection) -> Any:
        Message.objects.filter(pk=message.pk).update(claim=None)
        return opened(connection)

    monkeypatch.setattr(working, "open_vendor", slow)
    assert working.send(message.pk) is None
    assert posts(box) == 0


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (404, MessageState.FAILED, "may have been deleted there"),
        (409, MessageState.FAILED, "refuses this"),
        (401, MessageState.FAILED, "refuses the API key"),
        (429, MessageState.QUEUED, "asks us to wait"),
    ],
)
def test_a_refusal_is_said_in_words(talk: Conversation, box: Sandbox, status: int, state: str, words: str) -> None:
    box.faults.add("error", method="POST", status=status)
    message = worked(asked(talk))
    assert (message.state, message.called_at) == (state, None)
    assert words in message.why
    assert "Nothing was sent" in message.why
    assert not sent(box)


def test_an_account_that_is_signed_out_refuses(talk: Conversation, box: Sandbox) -> None:
    for link in box.inbox.team("talkers").links.values():
        link["status"] = "offline"
    message = worked(asked(talk))
    assert message.state == MessageState.FAILED
    assert "signed out of X" in message.why


def test_one_sender_keeps_its_pace_whoever_works(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VENDORS[VENDOR], "sends_a_minute", 8.0)
    rows = Conversation.objects.filter(archived=False).select_related("connection", "sender__client", "prospect")[:3]
    first, second, third = (asked(row, f"To {row.pk}") for row in rows)
    assert [worked(one).state for one in (first, second)] == [MessageState.SENT] * 2, "the second waits some seconds for its turn"
    assert worked(third).state == MessageState.QUEUED
    assert "takes its turn" in third.why
    assert timedelta(seconds=9) < third.due_at - timezone.now() <= timedelta(seconds=16)


def test_the_vendors_own_limit_is_waited_for(talk: Conversation, box: Sandbox) -> None:
    box.inbox.switches.sends_a_minute = 1
    worked(asked(talk, "One."))
    message = worked(asked(talk, "Two."))
    assert (message.state, sent(box)) == (MessageState.QUEUED, ["One."])
    box.clock.forward(61)
    assert worked(message).state == MessageState.SENT


@pytest.mark.parametrize("field", ["paused", "removed", "archived"])
def test_nothing_is_sent_where_nothing_may_be(cast: Cast, talk: Conversation, box: Sandbox, field: str) -> None:
    message = asked(talk)
    if field == "paused":
        Connection.objects.update(health=Health.PAUSED)
    elif field == "removed":
        Connection.objects.update(removed_at=timezone.now())
    else:
        cast.acme.archived_at = timezone.now()
        cast.acme.save()
    assert working.send(message.pk) is None
    assert posts(box) == 0


def test_what_waited_too_long_or_changed_hands_does_not_leave(cast: Cast, talk: Conversation, box: Sandbox) -> None:
    message = asked(talk)
    Message.objects.update(wanted_at=timezone.now() - timedelta(minutes=20))
    assert worked(message).state == MessageState.FAILED
    asking.again(message, request_of(cast.mo))
    assert talk.sender
    talk.sender.client = cast.birch
    talk.sender.save()
    assert worked(message).state == MessageState.FAILED
    assert "no longer Acme's" in message.why
    assert posts(box) == 0


def test_somebody_new_is_written_to_once_and_the_conversation_is_there_at_once(account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    message = worked(begun(account, "20000000000000001"))
    assert message.state == MessageState.SENDING

    assert worked(message).state == MessageState.SENT
    assert (sent(box), posts(box)) == (["Hello there."], 1)
    row = Conversation.objects.get(connection=account, external_id=message.thread)
    assert (row.last_text, row.last_inbound) == ("Hello there.", False)
    assert row.prospect
    assert row.prospect.external_id == "20000000000000001"


def test_a_person_that_there_is_not_is_a_refusal_in_words(account: Connection, box: Sandbox) -> None:
    message = worked(begun(account, "nobody"))
    assert message.state == MessageState.FAILED
    assert "no such account" in message.why


def test_a_lost_first_message_that_never_arrived_is_not_sent_again(account: Connection, box: Sandbox) -> None:
    box.faults.add("close", method="POST")
    message = worked(begun(account, "20000000000000002"))
    aged(message, minutes=3)
    assert (worked(message).state, posts(box)) == (MessageState.FAILED, 1)


def test_other_words_from_the_same_form_are_refused_not_swallowed(talk: Conversation, cast: Cast) -> None:
    nonce, by = uuid.uuid4(), request_of(cast.mo)
    first = asking.reply(talk, cast.acme, "Yes.", nonce, by)
    assert asking.reply(talk, cast.acme, "Yes.", nonce, by) == first
    with pytest.raises(asking.NotNow, match="another message was sent already"):
        asking.reply(talk, cast.acme, "No.", nonce, by)


def test_only_one_at_a_time_goes_into_a_conversation(talk: Conversation, cast: Cast) -> None:
    first = asked(talk, "One.")
    with pytest.raises(asking.NotNow, match="on its way"):
        asked(talk, "Two.")
    asking.cancel(first, request_of(cast.mo))
    first.refresh_from_db()
    assert (first.state, first.text) == (MessageState.CANCELLED, "")
    assert asked(talk, "Two.").pk != first.pk
