"""An identity with its history, the same each time: it ends on the evening before the clock's day."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, time
from functools import cache
from typing import cast

from sandbox.inboxbase.cast import Role, steady
from sandbox.inboxbase.identity import DAY, Identity, Mailbox
from sandbox.inboxbase.ids import hexed, pick, share
from sandbox.inboxbase.living import settle
from sandbox.inboxbase.sending import Mail
from sandbox.readers import SLIDING_SHARE, address, slides

_SUBJECTS = ("A thought on {}", "{}: a short question", "Ten minutes about {}?", "Idea for {}")
_TOPICS = ("your autumn range", "store openings", "the new terminal", "returns", "next season", "your newsletter")
_FIRST = ("morgan", "casey", "robin", "alex", "sasha", "jules", "toni", "kim", "noor", "luca", "mika", "emre")
_FIRMS = ("orchard", "kiln", "lattice", "meridian", "osprey", "pebble", "quarry", "rowan", "saddle", "thicket", "umber", "vesper")
#: Two of three letters belong to campaigns, which labels tell apart.
_LABELS = ((), ("campaign:openers",), ("campaign:winter",))


def make(role: Role, seed: int, anchor: date) -> Identity:
    return cast("Identity", pickle.loads(_made(role, seed, anchor)))  # noqa: S301  (written a moment ago, just here)


@cache
def _made(role: Role, seed: int, anchor: date) -> bytes:
    """Kept, since a sandbox that is begun anew lives through the same months again."""
    made = _bare(role, f"{seed}:{role.handle}")
    midnight = int(datetime.combine(anchor, time(), tzinfo=UTC).timestamp()) * 1000
    for day in range(-role.days, 0):
        start = midnight + day * DAY
        if datetime.fromtimestamp(start / 1000, UTC).weekday() < 5:
            for place in range(role.daily):
                made.later(start + _time_of(made, day, place), "history", (_mail(made, role, day, place),))
    if role.lost is not None and made.mailboxes:
        made.later(midnight + role.lost * DAY, "replace", (made.mailboxes[0].id,))
    settle(made, midnight)
    _forget(made)
    return pickle.dumps(made)


def make_bulk(handle: str, seed: int, anchor: date, conversations: int) -> Identity:
    """For measuring and for long lists: so many conversations of one mail each, three in each second."""
    made = _bare(Role(handle, "Bulk Sender", ("bulk.example",), 100_000), f"{seed}:{handle}")
    midnight = int(datetime.combine(anchor, time(), tzinfo=UTC).timestamp()) * 1000
    for place in range(conversations):
        mail = Mail(f"person{place}@firm{place % 97}.example", f"Letter {place}", "Hello.", "")
        made.later(midnight - DAY + place // 3 * 1000, "history", (mail,))
    settle(made, midnight)
    _forget(made)
    return made


def _forget(made: Identity) -> None:
    """What happened before anybody looked is told to nobody."""
    made.fresh.clear()
    made.outgoing.clear()


def _bare(role: Role, seed: str) -> Identity:
    first, last = role.name.lower().split()
    boxes = [
        Mailbox(hexed("acc", seed, domain, place), f"{local}@{domain}")
        for domain in role.domains
        for place, local in enumerate((first, f"{first}.{last}"))
    ]
    return Identity(role.handle, role.name, role.cap, role.state, boxes, seed)


def _time_of(made: Identity, day: int, place: int) -> int:
    """Between 07:00 and 15:00; now and then two in the same second."""
    return 7 * 3_600_000 + pick(28_800, made.seed, day, place // 2 if place % 7 == 1 else place) * 1000


def _mail(made: Identity, role: Role, day: int, place: int) -> Mail:
    def drawn(of: tuple[str, ...], what: str) -> str:
        return of[pick(len(of), made.seed, day, place, what)]

    number = pick(900, made.seed, day, place, "number")
    topic = drawn(_TOPICS, "topic")
    to = address(drawn(_FIRST, "first"), number, f"{drawn(_FIRMS, 'firm')}.example")
    text = f"Hello,\n\na word about {topic}. Would it suit you next week?\n\n{role.name}"
    labels = _LABELS[pick(len(_LABELS), made.seed, day, place, "label")]
    fate = _fate(made, role, day, place, slides(to))
    return Mail(to, drawn(_SUBJECTS, "subject").format(topic), text, "", DAY, labels, fate=fate)


def _fate(made: Identity, role: Role, day: int, place: int, sliding: bool) -> str:
    """What bounces beyond the usual does so where the client's mail slides."""
    luck, usual = share(made.seed, day, place, "fate"), steady(day)
    hard = usual + (max(0.0, role.hard(day) - usual) / SLIDING_SHARE if sliding else 0.0)
    if luck < hard:
        return "hard"
    if luck < hard + 0.01:
        return "soft"
    return "reply" if luck > 1 - role.replies else "none"
