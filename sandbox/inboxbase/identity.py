"""One identity: its mailboxes, its conversations, its log of events, and what is still to happen."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from sandbox.answers import Json
from sandbox.carrying import Letter
from sandbox.inboxbase.ids import event_id, hexed, iso

DAY = 86_400_000
UNHEALTHY = 20
"""A mailbox whose health is below this sends nothing."""


@dataclass(slots=True)
class Mailbox:
    id: str
    email: str
    health: int = 90


@dataclass(slots=True)
class Conversation:
    id: str
    peer: str
    subject: str
    created: int
    mailbox: Mailbox | None
    log: list[dict[str, Json]] = field(default_factory=list)
    """As the vendor shows them: messages, expired timers, labels."""
    labels: list[str] = field(default_factory=list)
    archived: bool = False
    timer: int | None = None
    """When it expires, if nobody answers before."""
    expired: int | None = None
    since_reply: int = 99
    """Outbound mails since the last inbound one."""

    @property
    def last(self) -> int:
        return max((entry["ts"] for entry in self.log), default=self.created)

    @property
    def messages(self) -> list[dict[str, Json]]:
        return [entry["message"] for entry in self.log if entry["type"] == "message"]


@dataclass
class Identity:
    handle: str
    name: str
    cap: int
    state: str
    mailboxes: list[Mailbox]
    seed: str
    conversations: dict[str, Conversation] = field(default_factory=dict)
    events: list[dict[str, Json]] = field(default_factory=list)
    """As the stream tells them, `seq` rising by one from 1."""
    fresh: list[dict[str, Json]] = field(default_factory=list)
    """Events that no webhook has been sent for yet."""
    do_not_contact: set[str] = field(default_factory=set)
    used: Counter[int] = field(default_factory=Counter)
    """Day -> mails of the daily cap."""
    bounce_mails: bool = False
    """Bounces come as mail of mailer-daemon."""
    sent: list[dict[str, Json]] = field(default_factory=list)
    """Every mail that really left, once each."""
    outgoing: list[Letter] = field(default_factory=list)
    """Those that have not been carried to anybody yet."""
    ahead: list[tuple[int, int, str, Json]] = field(default_factory=list)
    """A heap of (when, number, what, with what)."""
    _number: int = 0

    def number(self) -> int:
        self._number += 1
        return self._number

    def later(self, at: int, what: str, told: Json) -> None:
        heapq.heappush(self.ahead, (at, self.number(), what, told))

    def remaining(self, now: int) -> int:
        return max(0, self.cap - self.used[now // DAY])

    def eligible(self) -> list[Mailbox]:
        return [one for one in self.mailboxes if one.health >= UNHEALTHY]

    def with_peer(self, peer: str) -> Conversation | None:
        """The newest conversation with them."""
        found = [one for one in self.conversations.values() if one.peer == peer.lower()]
        return max(found, key=lambda one: one.last, default=None)

    def opened(self, peer: str, subject: str, at: int, mailbox: Mailbox | None) -> Conversation:
        made = Conversation(hexed("conv", self.seed, self.handle, self.number()), peer.lower(), subject, at, mailbox)
        self.conversations[made.id] = made
        return made

    def emit(self, kind: str, at: int, conversation: str | None, **data: Json) -> None:
        seq = len(self.events) + 1
        told = {
            "seq": seq,
            "id": event_id(at, self.seed, self.handle, seq),
            "type": kind,
            "ts": at,
            "tsIso": iso(at),
            "convId": conversation,
            "data": {"identity": self.handle, **({"convId": conversation} if conversation else {}), **data},
        }
        self.events.append(told)
        self.fresh.append(told)
