"""Tests that the vendor does not send: whoever writes a test's code to one of its seeds is in it."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from sandbox.carrying import Letter
from sandbox.instantly.ids import mixed
from sandbox.instantly.placement import BURST, MINUTE, SETTLES, PlacementTest, Run, Seed, Sender
from sandbox.instantly.workspace import Workspace, seeds_of

OUTSIDE = 2
"""A test's sending_method."""


@dataclass
class OutsideRun(Run):
    """Of mails as they come: a pair is one of them. Rows stand in the order of their time, whatever they say."""

    mails: list[tuple[Sender, Seed]] = field(default_factory=list)
    rows: list[tuple[int, int, bool]] = field(default_factory=list)
    """(when, pair, whether it was sent)"""

    @cached_property
    def dead(self) -> Seed | None:
        return None

    @property
    def finish(self) -> int:
        return max(self.start + BURST, self.rows[-1][0]) + SETTLES

    def take(self, sender: Sender, seed: Seed, at: int) -> None:
        pair = len(self.mails)
        self.mails.append((sender, seed))
        if sender.email not in {one.email for one in self.senders}:
            self.senders += (sender,)
        delay = MINUTE + mixed(self.luck ^ mixed(pair)) % MINUTE
        for row in ((at, pair, True), (at + delay, pair, False)):
            insort(self.rows, row, key=lambda one: one[0])

    def created(self, place: int) -> int:
        return self.rows[place][0]

    def seen(self, now: int) -> int:
        return bisect_right(self.rows, now, key=lambda one: one[0])

    def pair(self, place: int) -> int:
        return self.rows[place][1]

    def is_sent(self, place: int) -> bool:
        return self.rows[place][2]

    def sender(self, pair: int) -> Sender:
        return self.mails[pair][0]

    def seed(self, pair: int) -> Seed:
        return self.mails[pair][1]


def receive(workspace: Workspace, letter: Letter) -> None:
    for test in workspace.tests.values():
        code = test.more.get("test_code")
        if test.sending_method != OUTSIDE or not code or code not in letter.text + letter.html or test.created > letter.at:
            continue
        seeds = {seed.email.lower(): seed for seed in seeds_of(test.labels)}
        if seed := seeds.get(letter.to.lower()):
            _run(workspace, test, letter.at).take(workspace.sender(letter.sender.lower(), letter.at), seed, letter.at)


def _run(workspace: Workspace, test: PlacementTest, at: int) -> OutsideRun:
    if test.runs and isinstance(test.runs[-1], OutsideRun):
        return test.runs[-1]
    day = (datetime.fromtimestamp(at // 1000, UTC).date() - workspace.anchor).days
    lands = tuple(workspace.curve(label.provider, day) for label in test.labels)
    luck = mixed(workspace.luck ^ test.number << 20 ^ len(test.runs))
    made = OutsideRun(len(test.runs), at, (), seeds_of(test.labels), test.labels, lands, luck)
    test.runs.append(made)
    return made
