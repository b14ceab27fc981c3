"""Mail of somebody else's that reaches seeds: it makes a broadcast of its own, whose counts grow mail by mail."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from sandbox.carrying import Letter
from sandbox.clock import at
from sandbox.inboxally.account import Account, Seed
from sandbox.inboxally.broadcasts import Broadcast, Counts, DailyMailings
from sandbox.inboxally.making import sender_id
from sandbox.inboxally.vocabulary import PROVIDERS, WITH_PROMOTIONS

DELAY = (20, 180)
"""Seconds from a mail's leaving to its being seen in the seed."""


@dataclass(slots=True)
class Received(Broadcast):
    """One subject of one address on one day, as any other broadcast."""

    arrivals: list[tuple[int, int, int]] = field(default_factory=list)
    """(epoch second, place of the mailbox provider, place among the counts) of each mail."""

    def at(self, now: int) -> tuple[Counts, ...]:
        seen = Counter((provider, place) for second, provider, place in self.arrivals if second <= now)
        return tuple((seen[one, 0], seen[one, 1], seen[one, 2]) for one in range(len(PROVIDERS)))

    def take(self, second: int, provider: int, place: int) -> None:
        self.arrivals.append((second, provider, place))
        self.span = max(self.span, second - self.sent)
        self.counts = self.at(self.sent + self.span)
        self._rows.clear()


def receive(account: Account, seed: Seed, letter: Letter, chance: float, promotions: float) -> None:
    """`chance` that it is not spam, `promotions` that it is sorted away then."""
    if not isinstance(account.mailings, DailyMailings):
        return
    rng = Random(f"{account.name}/{letter.id}")
    sent = letter.at // 1000
    broadcast = _broadcast(account, account.mailings, letter, sent)
    away = rng.random() < promotions and seed.provider in WITH_PROMOTIONS
    place = 2 if rng.random() >= chance else int(away)
    broadcast.take(sent + rng.randrange(*DELAY), PROVIDERS.index(seed.provider), place)
    account.mailings.grown()


def _broadcast(account: Account, mailings: DailyMailings, letter: Letter, sent: int) -> Received:
    mark = zlib.crc32(f"{account.name}/{letter.sender}/{letter.subject}".encode())
    named = f"brd_{at(sent):%Y%m%d}_{mark:08x}"
    known = mailings.known(named)
    if isinstance(known, Received):
        return known
    sender = sender_id(letter.sender)
    nothing: tuple[Counts, ...] = tuple((0, 0, 0) for _ in PROVIDERS)
    known_sender = sender if sender in account.senders else None
    made = Received(named, letter.subject, letter.sender, known_sender, sent, 0, nothing)
    mailings.add(made)
    return made
