"""What the vendor of these tests really has."""

from __future__ import annotations

from typing import Any

from clients.models import Conversation
from sandbox.inbox.team import Message, Team, Thread
from sandbox.server import Sandbox

VENDOR, TEAM = "inbox", "talkers"


def team(box: Sandbox) -> Team:
    return box.inbox.team(TEAM)


def thread(box: Sandbox, row: Conversation) -> Thread:
    return team(box).threads[row.external_id]


def said(box: Sandbox, row: Conversation) -> list[Message]:
    return thread(box, row).messages


def say(box: Sandbox, row: Conversation, text: str, **values: Any) -> str:
    [named] = box.change(TEAM, VENDOR, say={"thread": row.external_id, "text": text, **values}).values()
    return str(named)
