"""Shuffles in words, for pages, messages and lists."""

from __future__ import annotations

from datetime import datetime

from clients.models import MailboxProvider, Method, Origin, Shuffle, ShuffleState
from clients.vendors.shuffles import BY_PROVIDER, IN_PLACE, Order

TONES: dict[str, str] = {
    ShuffleState.DONE: "good",
    ShuffleState.READING: "good",
    ShuffleState.REFUSED: "look",
    ShuffleState.FAILED: "bad",
    ShuffleState.UNCLEAR: "bad",
}


def how(order: Order) -> str:
    """'50 % of all seeds', '75 % at Gmail, 25 % at Yahoo', 'new mix of 60 % Gmail, 40 % Yahoo'."""
    if order.method == IN_PLACE:
        return f"{order.percentage} % of all seeds" if order.percentage else "a part of all seeds"
    labels = dict(MailboxProvider.choices)
    parts = [(share, labels.get(provider, provider)) for provider, share in order.shares.items() if share]
    if order.method == BY_PROVIDER:
        return ", ".join(f"{share} % at {name}" for share, name in parts) or "a part at each mailbox provider"
    return "new mix" + (f" of {', '.join(f'{share} % {name}' for share, name in parts)}" if parts else "")


def told(shuffle: Shuffle) -> str:
    """The same of a shuffle, begun like a sentence; of one made at the vendor in a way of its own, the vendor's word for it."""
    if shuffle.method not in Method.values:
        return shuffle.method or "Unknown method"
    said = how(shuffle.order)
    return f"{said[0].upper()}{said[1:]}"


def who(shuffle: Shuffle) -> str:
    """On whose behalf, in words."""
    words = {Origin.VENDOR: "somebody at the vendor", Origin.SCHEDULE: "the monthly schedule", Origin.COMMAND: "a command"}
    return words.get(Origin(shuffle.origin), shuffle.actor)


def moment(then: datetime) -> str:
    """'5 Dec 2026, 10:00 UTC'."""
    return f"{then:%-d %b %Y, %H:%M} UTC"
