"""Sending mailboxes. Each follows from its number, so that 100,000 of them take no room; what changes is kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.answers import Json
from sandbox.instantly.ids import chance, stamp

ERRORS = {
    -1: {"code": "EAUTH", "command": "AUTH PLAIN", "response": "535 5.7.8 Authentication failed", "responseCode": 535,
         "e_message": "Invalid login: 535 5.7.8 Authentication failed"},
    -2: {"code": "EENVELOPE", "command": "RCPT TO", "response": "452 4.2.2 Mailbox full", "responseCode": 452,
         "e_message": "Too many soft bounces"},
    -3: {"code": "EMESSAGE", "command": "DATA", "response": "550 5.7.1 Message refused", "responseCode": 550,
         "e_message": "Message refused"},
}  # fmt: skip


@dataclass(slots=True)
class Mailbox:
    index: int
    email: str
    created: int
    """Unix milliseconds, as everywhere here."""
    provider_code: int
    tags: list[int]
    """Numbers of the workspace's custom tags."""
    states: list[tuple[int, int]] = field(default_factory=list)
    """(since, status); active before the first."""
    warmup_status: int = 1
    updated: int = 0
    test_limit: int | None = None

    @property
    def status(self) -> int:
        return self.states[-1][1] if self.states else 1

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    @property
    def score(self) -> int:
        return 0 if self.warmup_status != 1 else 88 + int(chance(self.created, 3) * 13)

    @property
    def daily_limit(self) -> int:
        return 20 + 5 * (self.index % 5)

    def status_at(self, ms: int) -> int:
        return next((status for since, status in reversed(self.states) if since <= ms), 1)

    def turn(self, status: int, now: int) -> None:
        if status != self.status:
            self.states.append((now, status))
        self.updated = now

    def values(self, organization: str, whole: bool) -> dict[str, Json]:
        """`whole` as in the answer for one mailbox; lists show less."""
        first = self.email.partition("@")[0].capitalize()
        warmup: dict[str, Json] = {"limit": 10}
        if whole:
            warmup |= {
                "increment": "1", "reply_rate": 30,
                "advanced": {"warm_ctd": False, "open_rate": 0.8, "important_rate": 0.5, "read_emulation": False,
                             "spam_save_rate": 0.9, "weekday_only": False},
            }  # fmt: skip
        return {
            "email": self.email,
            "timestamp_created": stamp(self.created),
            "timestamp_updated": stamp(self.updated or self.created),
            "first_name": first,
            "last_name": self.domain.partition(".")[0].capitalize(),
            "organization": organization,
            "status": self.status,
            "status_message": ERRORS.get(self.status),
            "warmup_status": self.warmup_status,
            "provider_code": self.provider_code,
            "setup_pending": False,
            "is_managed_account": False,
            "stat_warmup_score": self.score,
            "daily_limit": self.daily_limit,
            "warmup": warmup,
            "inbox_placement_test_limit": self.test_limit,
            "timestamp_warmup_start": stamp(self.created + 3_600_000),
            "tracking_domain_name": None,
            "signature": None,
        }


class Mailboxes:
    """Rising numbers are rising times of creation."""

    def __init__(
        self, number: int, first: int, gap: int, make: Callable[[int, int], Mailbox], index_of: Callable[[str], int | None]
    ) -> None:
        """`make` takes the number and the time; `index_of` may guess, it is checked."""
        self.number, self._first, self._gap, self._make, self._index_of = number, first, gap, make, index_of
        self._changed: dict[int, Mailbox] = {}
        self._removed: set[int] = set()

    def created(self, index: int) -> int:
        return self._first + index * self._gap

    def at(self, index: int) -> Mailbox | None:
        """None for one that was removed."""
        if index in self._removed:
            return None
        return self._changed.get(index) or self._make(index, self.created(index))

    def find(self, email: str) -> Mailbox | None:
        index = self._index_of(email.lower())
        if index is None or not 0 <= index < self.number:
            return None
        found = self.at(index)
        return found if found and found.email == email.lower() else None

    def change(self, mailbox: Mailbox) -> Mailbox:
        """The one that stays changed when it is changed."""
        return self._changed.setdefault(mailbox.index, mailbox)

    def remove(self, mailbox: Mailbox) -> None:
        self._removed.add(mailbox.index)

    def newest_first(self, before: int | None = None) -> Iterator[Mailbox]:
        """Those created before the time."""
        end = self.number if before is None else bisect_left(range(self.number), before, key=self.created)
        for index in range(end - 1, -1, -1):
            found = self.at(index)
            if found:
                yield found
