"""Turns a role of the cast into an account. The same seed number and day always give the same account."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from sandbox.clock import epoch
from sandbox.inboxally import shuffling
from sandbox.inboxally.account import Account, Sender
from sandbox.inboxally.broadcasts import Broadcast, Counts, DailyMailings
from sandbox.inboxally.cast import Group, Role
from sandbox.inboxally.pool import add_seed, shared_out
from sandbox.inboxally.subjects import FOR_YOU, HOSTILE, written
from sandbox.inboxally.vocabulary import PROVIDERS, WITH_PROMOTIONS, rules

DAYS = 120
RETIRED_ON = -45
CREATED = (-400, -130)


def make(role: Role, seed: int, anchor: date) -> Account:
    days = _Days(role, seed, anchor)
    mailings = DailyMailings(days.make, anchor - timedelta(days=DAYS - 1))
    roots = {".".join(group.domain.split(".")[-2:]) for group in role.groups}
    account = Account(role.name, role.key, role.story, role.plan, roots, mailings, role.refused)
    rng = Random(f"{seed}/{role.name}/people")
    for provider, number in shared_out(role.seeds, role.mix).items():
        for _ in range(number):
            add_seed(account, provider, epoch(anchor) + rng.randrange(*CREATED) * 86400)
    for group in role.groups:
        for box in group.boxes:
            _add_sender(account, role, group, box, anchor, rng)
    for day in role.shuffled:
        asked_at = epoch(anchor) + day * 86400 + 10 * 3600
        shuffling.start(account, {"method": "in_place", "percentage": 25}, asked_at, seconds=3)
        shuffling.settle(account, asked_at + 3)
    return account


def _add_sender(account: Account, role: Role, group: Group, box: str, anchor: date, rng: Random) -> None:
    serial = account.next_serial()
    email = f"{box}@{group.domain}"
    preset, day = role.preset
    start = epoch(anchor)
    retired = box in group.retired
    account.senders[sender_id(email)] = Sender(
        serial=serial,
        id=sender_id(email),
        name=f"{group.domain.split('.')[-2].capitalize()} {box}",
        email=email,
        tags=[*group.tags, "outbound"] if rng.random() < 0.3 and group.tags else list(group.tags),
        created=start + rng.randrange(*CREATED) * 86400 + rng.randrange(86400),
        updated=start + (RETIRED_ON if retired else day) * 86400 + 9 * 3600,
        status="inactive" if retired else "active",
        seed_count=role.seeds,
        rules=rules(preset),
    )


def sender_id(email: str) -> str:
    return f"snd_{zlib.crc32(email.encode()):08x}"


class _Days:
    """Makes the broadcasts of a day from (seed, account, day counted from the anchor) alone."""

    def __init__(self, role: Role, seed: int, anchor: date) -> None:
        self.role, self.seed, self.anchor = role, seed, anchor

    def make(self, today: date) -> list[Broadcast]:
        day = (today - self.anchor).days
        if self.role.silent_from is not None and day >= self.role.silent_from:
            return []
        made: list[Broadcast] = []
        for number, group in enumerate(self.role.groups):
            rng = Random(f"{self.seed}/{self.role.name}/{number}/{day}")
            made += self._group(group, today, day, rng)
        return made

    def _group(self, group: Group, today: date, day: int, rng: Random) -> list[Broadcast]:
        if today.weekday() not in group.weekdays:
            return []
        fewest, most = group.weekend if today.weekday() >= 5 else group.weekday
        boxes = [box for box in group.boxes if box not in group.retired or day < RETIRED_ON]
        made: dict[tuple[str, str], Broadcast] = {}
        for number in range(rng.randint(fewest, most)):
            email = f"{rng.choice(boxes)}@{group.domain}"
            mails = rng.randint(*group.mails)
            sent = epoch(today) + rng.randrange(5 * 3600, 15 * 3600)
            for subject, part in self._subjects(group, day, number, mails, rng):
                # The vendor groups by subject, sender and day, so a second mailing like the first is none.
                if (email, subject) not in made:
                    made[email, subject] = self._broadcast(email, subject, sent, day, part, rng)
        return list(made.values())

    def _subjects(self, group: Group, day: int, number: int, mails: int, rng: Random) -> list[tuple[str, int]]:
        """Subjects and how many mails carry each; a personal mailing has as many subjects as readers' names."""
        if rng.random() < group.personal:
            template = rng.choice(FOR_YOU)
            numbers: dict[str, int] = {}
            for _ in range(mails):
                subject = written(template, rng)
                numbers[subject] = numbers.get(subject, 0) + 1
            return list(numbers.items())
        if self.role.hostile and number == 0 and -day % 30 == 5:
            return [(HOSTILE[-day // 30 % len(HOSTILE)], mails)]
        return [(written(rng.choice(group.subjects), rng), mails)]

    def _broadcast(self, email: str, subject: str, sent: int, day: int, mails: int, rng: Random) -> Broadcast:
        numbers = _spread(mails, self.role.mix, rng)
        counts = tuple(self._landed(provider, numbers.get(provider, 0), day, rng) for provider in PROVIDERS)
        mark = zlib.crc32(f"{self.role.name}/{email}/{subject}/{sent}".encode())
        stamp = (self.anchor + timedelta(days=day)).strftime("%Y%m%d")
        return Broadcast(
            id=f"brd_{stamp}_{mark:08x}",
            subject=subject,
            from_email=email,
            sender_id=sender_id(email),
            sent=sent,
            span=rng.randrange(1800, 8 * 3600),
            counts=counts,
        )

    def _landed(self, provider: str, mails: int, day: int, rng: Random) -> Counts:
        chance = self.role.curve(provider, day)
        inbox = sum(rng.random() < chance for _ in range(mails))
        sorted_away = self.role.promotions if provider in WITH_PROMOTIONS else 0.0
        promotions = sum(rng.random() < sorted_away for _ in range(inbox))
        return inbox - promotions, promotions, mails - inbox


def _spread(mails: int, mix: Mapping[str, int], rng: Random) -> dict[str, int]:
    """Whole mails for each mailbox provider: the seed mix, and chance for what does not divide."""
    numbers = {provider: mails * share // 100 for provider, share in mix.items()}
    for provider in rng.choices(list(mix), list(mix.values()), k=mails - sum(numbers.values())):
        numbers[provider] += 1
    return numbers
