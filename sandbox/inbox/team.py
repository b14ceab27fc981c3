"""One team: what it has, and each act that changes it, with the event it is told by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.answers import Json


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class Message:
    id: str
    ours: bool
    text: str
    at: datetime
    campaign: str | None = None
    edited: bool = False
    deleted: bool = False
    way: str = "internal"
    """Of one of ours: how it came about."""


@dataclass
class Prospect:
    number: int
    platform_id: str
    name: str
    handle: str
    tags: list[str] = field(default_factory=list)
    status: str | None = None
    valuation: float | None = None
    notes: str | None = None
    assignee: str | None = None


@dataclass
class Thread:
    number: int
    id: str
    link: str
    prospect: Prospect
    created: datetime
    done: bool = False
    is_request: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def last(self) -> Message | None:
        return next((one for one in reversed(self.messages) if not one.deleted), None)

    @property
    def sorts_at(self) -> datetime:
        return self.last.at if self.last else self.created

    @property
    def inbox(self) -> str:
        return "archived" if self.done else "requests" if self.is_request else "default"

    @property
    def unanswered(self) -> bool:
        return self.last is not None and not self.last.ours


@dataclass
class Team:
    name: str
    title: str
    number: int
    made: datetime
    links: dict[str, dict[str, Json]] = field(default_factory=dict)
    members: dict[str, dict[str, Json]] = field(default_factory=dict)
    tags: dict[str, dict[str, Json]] = field(default_factory=dict)
    statuses: dict[str, dict[str, Json]] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    events: list[dict[str, Json]] = field(default_factory=list)
    step: int = 1
    slots: int = 0
    """Of its life, those that have been lived."""
    old_ids: bool = False
    count: int = 0
    sent: dict[str, list[datetime]] = field(default_factory=dict)
    """Of each account link, when messages were sent by the API."""

    @property
    def id(self) -> str:
        return self.named("team")

    def named(self, kind: str, number: int = 0) -> str:
        """24 letters and digits, as cuid2 has them."""
        digest = hashlib.sha256(f"{self.name}/{kind}/{number}".encode()).digest()
        return _base36(int.from_bytes(digest, "big"))[:24]

    def next_number(self) -> int:
        self.count += 1
        return self.count

    def tell(self, kind: str, at: datetime, data: dict[str, Json]) -> dict[str, Json]:
        seq = self.events[-1]["seq"] + self.step if self.events else 1
        head = {"id": self.named("event", seq), "seq": seq, "teamId": self.id, "type": kind, "timestamp": stamp(at)}
        self.events.append({**head, "version": "1.0", "data": data})
        return self.events[-1]

    def tell_of(self, kind: str, at: datetime, thread: Thread, **more: Json) -> dict[str, Json]:
        data: dict[str, Json] = {**more, "thread": self.shown(thread), "prospect": self.person(thread.prospect)}
        if self.old_ids:
            data["accountLink"] = {"id": data["thread"].pop("accountLinkId")}
            for person in (data["prospect"], data["thread"]["prospect"]):
                person["id"] = person.pop("platformId")
                person.pop("externalId", None)
        return self.tell(kind, at, data)

    def say(
        self, thread: Thread, text: str, at: datetime, *, ours: bool, campaign: str | None = None, way: str = "internal"
    ) -> Message:
        message = Message(self.named("message", self.next_number()), ours, text, at, campaign, way=way)
        thread.messages.append(message)
        # Who answers a request takes it on.
        thread.is_request = thread.is_request and not ours
        self.tell_of("message.created", at, thread, message=self.message(thread, message))
        return message

    def shown(self, thread: Thread) -> dict[str, Json]:
        last = thread.last
        return {
            "id": thread.id,
            "platform": "twitter",
            "platformId": f"{thread.prospect.platform_id}:{thread.link[:6]}",
            "done": thread.done,
            "assigneeId": thread.prospect.assignee,
            "lastMessageTimestamp": stamp(last.at) if last else None,
            "computedSortTimestamp": stamp(thread.sorts_at),
            "createdAt": stamp(thread.created),
            "status": "active",
            "variant": "unencrypted",
            "accountLinkId": thread.link,
            "isSyncing": False,
            "isRequest": thread.is_request,
            "typingIndicatorsEnabled": None,
            "lastMessage": self._last(thread, last) if last else None,
            "prospect": self.person(thread.prospect),
        }

    def _last(self, thread: Thread, last: Message) -> dict[str, Json]:
        whole = self.message(thread, last)
        return {name: whole[name] for name in ("id", "content", "authorId", "createdAt", "userId", "campaignId")}

    def message(self, thread: Thread, one: Message) -> dict[str, Json]:
        return {
            "platform": "twitter",
            "teamId": self.id,
            "threadId": thread.id,
            "id": one.id,
            "userId": next(iter(self.members)) if one.ours and one.way == "internal" else None,
            "createdAt": stamp(one.at),
            "updatedAt": None,
            "platformId": str(10**18 + int(one.id, 36) % 10**17),
            "content": one.text,
            "campaignId": one.campaign,
            "authorId": thread.link if one.ours else thread.prospect.platform_id,
            "origin": one.way if one.ours else "external",
            "replyData": None,
            "forwardData": None,
            "entities": [],
            "attachment": None,
            "reactions": [],
            "isEncrypted": False,
            "isEdited": one.edited,
            "deletedAt": None,
            "platformDeletedAt": None,
            "failed": False,
        }

    def person(self, one: Prospect) -> dict[str, Json]:
        return {
            "platform": "twitter",
            "platformId": one.platform_id,
            "externalId": one.platform_id,
            "displayName": one.name,
            "username": one.handle,
            "handle": f"@{one.handle}",
            "image": None,
            "verified": "none",
            "followerCount": 100 + one.number * 37 % 9000,
            "context": {
                "tags": list(one.tags),
                "statusId": one.status,
                "valuation": one.valuation,
                "notes": one.notes,
                "assigneeId": one.assignee,
            },
        }


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, place = divmod(number, 36)
        text = digits[place] + text
    return text
