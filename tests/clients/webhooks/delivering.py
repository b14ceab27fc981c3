"""Events as a vendor sends them, and the door they are sent to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from clients.models import Connection, Hook
from clients.webhooks import doors, working
from sandbox.answers import encode
from sandbox.hooks import Scheme, signature

SECRET = "ibt_wh_0123456789abcdef0123456789"
SCHEME = Scheme("X-Inbox-Signature")
LINK, THREAD, PERSON = "link1", "thread1", "1876543210987654321"


@dataclass
class Door:
    connection: Connection
    token: str

    @property
    def path(self) -> str:
        return f"/hooks/{self.token}/"

    @property
    def hook(self) -> Hook:
        return Hook.objects.get(connection=self.connection)

    def post(self, body: bytes | dict[str, Any], secret: str = SECRET, at: int | None = None, **headers: str) -> int:
        body = body if isinstance(body, bytes) else encode(body)
        sent = {"X-Inbox-Signature": signature(secret, body, at)} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.knock(body, sent)

    def knock(self, body: bytes, headers: dict[str, str]) -> int:
        browser = Browser(raise_request_exception=False)
        kind = headers.pop("Content-Type", "application/json")
        return int(browser.post(self.path, body, content_type=kind, headers=headers).status_code)

    def process(self) -> int:
        return working.process(self.hook.pk)


def open_door(connection: Connection, secret: str = SECRET) -> Door:
    token = doors.open_address(connection, None)
    doors.put_in(connection, secret, None)
    return Door(connection, token)


def event(seq: int, kind: str = "thread.archived", data: dict[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    at = f"2026-11-20T{seq // 3600 % 24:02}:{seq // 60 % 60:02}:{seq % 60:02}.000Z"
    head = {"id": f"evt{seq}", "seq": seq, "teamId": "team", "type": kind, "timestamp": at, "version": "1.0"}
    return head | {"data": {"thread": thread()} if data is None else data} | envelope


def thread(name: str = THREAD, *, done: bool = False, assignee: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "accountLinkId": LINK, "done": done, "assigneeId": assignee, "prospect": person()} | more


def person(tags: list[str] | None = None, **context: Any) -> dict[str, Any]:
    return {"platformId": PERSON, "displayName": "Dana", "handle": "@dana", "context": {"tags": tags or [], **context}}
