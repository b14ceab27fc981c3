"""What the vendor of these tests really has."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from agency.models import User
from clients.models import Connection, Conversation, Message, Sender
from clients.talking import asking, working
from clients.talking.asking import First
from sandbox.inbox.team import Message as Word
from sandbox.inbox.team import Team, Thread
from sandbox.server import Sandbox

VENDOR, TEAM = "inbox", "talkers"


def team(box: Sandbox) -> Team:
    return box.inbox.team(TEAM)


def newest(box: Sandbox, count: int = 4) -> list[dict[str, Any]]:
    """Conversations that lie open, as the vendor shows them."""
    lying = [one for one in team(box).threads.values() if one.inbox == "default" and one.last]
    return [team(box).shown(one) for one in sorted(lying, key=lambda one: one.sorts_at)[-count:]]


def thread(box: Sandbox, row: Conversation) -> Thread:
    return team(box).threads[row.external_id]


def said(box: Sandbox, row: Conversation) -> list[Word]:
    return thread(box, row).messages


def say(box: Sandbox, row: Conversation, text: str, **values: Any) -> str:
    [named] = box.change(TEAM, VENDOR, say={"thread": row.external_id, "text": text, **values}).values()
    return str(named)


def asked(row: Conversation, text: str = "Gladly.", by: User | None = None) -> Message:
    assert row.sender
    assert row.sender.client
    return asking.reply(row, row.sender.client, text, uuid.uuid4(), request_of(by or User.objects.get(name="Mo")))


def begun(account: Connection, person: str, text: str = "Hello there.", kind: str = "platform") -> Message:
    sender = Sender.objects.get(connection=account)
    assert sender.client
    first = First(sender, kind, person, person)
    return asking.begin(sender.client, first, text, uuid.uuid4(), request_of(User.objects.get(name="Mo")))


def request_of(user: User) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    request.agency = user.memberships.get().agency
    return request


def worked(message: Message) -> Message:
    """What the next worker makes of it, however soon."""
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now(), claimed_until=None)
    working.send(message.pk)
    message.refresh_from_db()
    return message


def aged(message: Message, **by: float) -> None:
    """As if its call had been so long ago."""
    Message.objects.filter(pk=message.pk).update(called_at=timezone.now() - timedelta(**by))


def sent(box: Sandbox) -> list[str]:
    """What the vendor really let go for the API, once each time it did."""
    return [one.text for each in team(box).threads.values() for one in each.messages if one.way == "api"]


def posts(box: Sandbox) -> int:
    return sum(call.method == "POST" for call in box.requests)
