"""The life of a placement test: its runs, and the rows that come of them in bursts. Nothing of a row is kept: everything
follows from its place in the run.

A run sends one mail from each sender to each seed. Nothing is to be seen for 25 minutes; then all sent rows come, and with them
and every 25 minutes after them a share of the received ones. Some mails never arrive, and one seed gets nothing at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd

from sandbox.answers import Json
from sandbox.instantly.ids import mixed
from sandbox.instantly.vocabulary import AUTOMATED, COMPLETED, GOOGLE, PERSONAL, Label

MINUTE = 60_000
BURST = 25 * MINUTE
SETTLES = 20 * MINUTE
"""From the last burst to the end of the run."""
UNDECIDED = 10 * MINUTE
"""How long a few received rows do not say yet whether they are spam."""


@dataclass(frozen=True, slots=True)
class Seed:
    email: str
    label: int
    """Place of its label among the test's."""


@dataclass(frozen=True, slots=True)
class Sender:
    email: str
    esp: int
    dkim: bool = True
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    arrived: bool
    spam: bool
    category: bool
    slow: bool
    """Whether it stays undecided for a while."""
    auth: bool
    """Whether SPF, DKIM and DMARC passed, where the sender's domain is in order."""


@dataclass
class Run:
    number: int
    start: int
    senders: tuple[Sender, ...]
    seeds: tuple[Seed, ...]
    labels: tuple[Label, ...]
    lands: tuple[float, ...]
    """For each label the chance that a mail is not spam."""
    luck: int

    @cached_property
    def pairs(self) -> int:
        return len(self.senders) * len(self.seeds)

    @cached_property
    def bursts(self) -> int:
        return 3 + mixed(self.luck) % 4

    @cached_property
    def dead(self) -> Seed | None:
        """The seed that gets nothing."""
        return self.seeds[mixed(self.luck + 1) % len(self.seeds)] if self.seeds else None

    @cached_property
    def _step(self) -> int:
        """Has no factor in common with the number of pairs, so that steps of it meet each pair once."""
        step = mixed(self.luck + 2) % max(1, self.pairs) | 1
        while gcd(step, self.pairs) > 1:
            step += 2
        return step

    @property
    def finish(self) -> int:
        return self.start + (self.bursts * BURST + SETTLES if self.pairs else 2 * BURST)

    def created(self, place: int) -> int:
        """Sent rows have the places below `pairs`, received ones the others; both rise with time."""
        if place < self.pairs:
            return self.start + BURST + place
        rank = place - self.pairs
        burst = rank * self.bursts // self.pairs
        first = -(-burst * self.pairs // self.bursts)
        return self.start + BURST * (burst + 1) + self.pairs + 1000 + rank - first

    def seen(self, now: int) -> int:
        """How many places have come by now."""
        return bisect_right(range(2 * self.pairs), now, key=self.created)

    def pair(self, place: int) -> int:
        """Sender × seed."""
        return place if place < self.pairs else (place - self.pairs) * self._step % self.pairs

    def is_sent(self, place: int) -> bool:
        """Of two rows of a mail, that which says that it was sent."""
        return place < self.pairs

    def exists(self, place: int) -> bool:
        return self.is_sent(place) or self.fate(self.pair(place)).arrived

    def fate(self, pair: int) -> Fate:
        chance = mixed(self.luck ^ mixed(pair))
        seed = self.seed(pair)
        label = self.labels[seed.label]
        arrived = seed is not self.dead and (chance & 0xFFFF) >= 800
        spam = (chance >> 16 & 0xFFFF) >= self.lands[seed.label] * 0x10000
        tabs = 0.0 if label.code != GOOGLE else 0.22 if label.recipient_type == PERSONAL else 0.06
        category = (chance >> 32 & 0xFFFF) < (0.02 if spam else tabs) * 0x10000
        return Fate(arrived, spam, category, (chance >> 48 & 0xFF) < 10, (chance >> 56) >= 3)

    def sender(self, pair: int) -> Sender:
        return self.senders[pair // len(self.seeds)]

    def seed(self, pair: int) -> Seed:
        return self.seeds[pair % len(self.seeds)]


@dataclass
class PlacementTest:
    number: int
    id: str
    created: int
    name: str
    type: int
    emails: tuple[str, ...]
    labels: tuple[Label, ...]
    email_subject: str = "quick question"
    email_body: str = "<div>hi</div>"
    sending_method: int = 1
    """2: from outside, see `outside.py`."""
    delivery_mode: int | None = 1
    foreign: str | None = None
    """A mailbox that sends though it is not among the test's."""
    schedule: dict[str, Json] | None = None
    run_at_once: bool = True
    set_status: int | None = None
    pauses: list[list[int]] = field(default_factory=list)
    """[from] or [from, to]"""
    not_sending_status: str = ""
    more: dict[str, Json] = field(default_factory=dict)
    """description, campaign_id, test_code, tags, text_only, automations."""
    runs: list[Run] = field(default_factory=list)
    runs_until: int = 0
    """Up to when `runs` has been worked out."""

    def status(self, now: int) -> int:
        if self.set_status is not None:
            return self.set_status
        if self.type == AUTOMATED or not self.runs:
            return 1
        return COMPLETED if self.until(now) >= self.runs[0].finish else 1

    def until(self, now: int) -> int:
        """How far a one-time test has come: pausing holds it."""
        if self.type == AUTOMATED:
            return now
        if self.pauses and len(self.pauses[-1]) == 1:
            return min(now, self.pauses[-1][0])
        return now

    def paused_at(self, ms: int) -> bool:
        return any(pause[0] <= ms and (len(pause) == 1 or ms < pause[1]) for pause in self.pauses)

    def places(self, now: int, newest_first: bool, after: tuple[int, int] | None = None) -> Iterator[tuple[Run, int]]:
        """All rows there are, from the one that follows `after` = (number of the run, place)."""
        for run in reversed(self.runs) if newest_first else self.runs:
            seen = run.seen(self.until(now))
            if newest_first:
                end = seen
                if after and run.number >= after[0]:
                    end = min(seen, after[1]) if run.number == after[0] else 0
                places = range(end - 1, -1, -1)
            else:
                start = 0
                if after and run.number <= after[0]:
                    start = after[1] + 1 if run.number == after[0] else seen
                places = range(start, seen)
            for place in places:
                if run.exists(place):
                    yield run, place
