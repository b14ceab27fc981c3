"""Mail between the vendors: what one of them sends, others receive, where it is addressed to something of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    sender: str
    """The address that it comes from."""
    to: str
    subject: str
    text: str
    html: str
    at: int
    """Unix milliseconds: when it left."""


class Sends(Protocol):
    def outgoing(self) -> list[Letter]:
        """What has left by now and was not told before, the oldest first."""


class Receives(Protocol):
    def receive(self, letter: Letter) -> None:
        """Mail that is addressed to nobody there is nobody's."""


def carry(sender: Sends, receivers: Iterable[Receives]) -> None:
    letters = sender.outgoing()
    for receiver in receivers:
        for letter in letters:
            receiver.receive(letter)
