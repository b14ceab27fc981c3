"""Accounts of any size, for measuring: rows follow from their number, and pages are cut from bytes made before."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from sandbox.clock import epoch
from sandbox.inboxally.account import Account, Seed, Sender
from sandbox.inboxally.broadcasts import Broadcast, Counts, Filter, measured, summed
from sandbox.inboxally.making import DAYS, sender_id
from sandbox.inboxally.vocabulary import MAIL_DOMAINS, PROVIDERS, WITH_PROMOTIONS, rules

ROW_BYTES = 427
_BLOCK = 1000
_FILLER = " and everything else we made, mended, found, and set aside for you this week" * 5


def make_bulk(name: str, senders: int, broadcasts: int, seeds: int, anchor: date, warm: Sequence[str] = ()) -> Account:
    """`warm` names what is encoded at once instead of when first asked for: `all` (no filter) and mailbox providers."""
    emails = [f"box{number:05}@brand{number % 20:02}.example" for number in range(senders)]
    mailings = BulkMailings(broadcasts, anchor, emails)
    for filtered in warm:
        mailings.warm(None if filtered == "all" else filtered)
    key = f"sandbox-{name}-".ljust(34, "0") + "99"
    story = f"{broadcasts:,} broadcasts of {senders:,} senders, for measuring."
    account = Account(name, key, story, senders + 10, {f"brand{number:02}.example" for number in range(20)}, mailings)
    made = epoch(anchor) - 200 * 86400
    for number in range(seeds):
        provider = PROVIDERS[number % len(PROVIDERS)]
        email = f"seed.{number:06}@{MAIL_DOMAINS[provider]}"
        account.seeds[email] = Seed(account.next_serial(), email, provider, "active", made, made)
    for number, email in enumerate(emails):
        tags, serial = [f"tag{number % 5}"], account.next_serial()
        account.senders[sender_id(email)] = Sender(
            serial, sender_id(email), f"Box {number:05}", email, tags, made, made, seed_count=seeds, rules=rules("default")
        )
    return account


class BulkMailings:
    """Row 0 is the newest; the rows are spread evenly over the days. All mail has arrived."""

    def __init__(self, number: int, anchor: date, emails: list[str]) -> None:
        self._number, self._anchor, self._emails = number, anchor, emails
        self._senders = [sender_id(email) for email in emails]
        self._days = [(anchor - timedelta(days=day)).isoformat() for day in range(DAYS)]
        self._variants = _variants()
        self._tails = {
            provider: [json.dumps(measured(_of(counts, provider)), separators=(",", ":"))[1:] for counts in self._variants]
            for provider in (None, *PROVIDERS)
        }
        self._blocks: dict[tuple[str | None, int], tuple[bytes, array[int]]] = {}

    def warm(self, provider: str | None) -> None:
        for block in range(-(-self._number // _BLOCK)):
            self._block(provider, block)

    def page(self, wanted: Filter, after: int | None, limit: int, now: int, oldest: date) -> tuple[bytes, int | None]:
        provider, from_email = wanted
        start, end = 0 if after is None else after + 1, self._kept(oldest)
        if from_email is not None:
            return self._page_of_sender(provider, from_email, start, limit, end)
        stop = min(start + limit, end)
        parts = []
        while start < stop:
            number, first = divmod(start, _BLOCK)
            blob, offsets = self._block(provider, number)
            last = min(first + stop - start, _BLOCK)
            parts.append(blob[offsets[first] : offsets[last] - 1])
            start += last - first
        return b",".join(parts), stop - 1 if stop < end else None

    def get(self, broadcast_id: str, now: int, oldest: date) -> Broadcast | None:
        try:
            index = int(broadcast_id.rpartition("_")[2], 16)
        except ValueError:
            return None
        if not 0 <= index < self._kept(oldest):
            return None
        found = self._broadcast(index)
        return found if found.id == broadcast_id else None

    def visible(self, now: int, oldest: date) -> Iterator[Broadcast]:
        return map(self._broadcast, range(self._kept(oldest)))

    def last_activity(self, from_email: str, now: int) -> int | None:
        return epoch(self._anchor) if self._number else None

    def _kept(self, oldest: date) -> int:
        days = min(DAYS, max(0, (self._anchor - oldest).days + 1))
        return -(-self._number * days // DAYS)

    def _block(self, provider: str | None, number: int) -> tuple[bytes, array[int]]:
        """Rows, each followed by a comma, and where each begins."""
        key = provider, number
        if key not in self._blocks:
            first = number * _BLOCK
            rows = [self._row(provider, index) for index in range(first, min(first + _BLOCK, self._number))]
            offsets = array("I", [0])
            for row in rows:
                offsets.append(offsets[-1] + len(row) + 1)
            self._blocks[key] = b"".join(row + b"," for row in rows), offsets
        return self._blocks[key]

    def _page_of_sender(self, provider: str | None, email: str, start: int, limit: int, end: int) -> tuple[bytes, int | None]:
        if email not in self._emails:
            return b"", None
        number, step = self._emails.index(email), len(self._emails)
        mine = range(start + (number - start) % step, end, step)
        served = mine[:limit]
        return b",".join(self._row(provider, index) for index in served), served[-1] if len(mine) > limit else None

    def _row(self, provider: str | None, index: int) -> bytes:
        email, sender = self._emails[index % len(self._emails)], self._senders[index % len(self._emails)]
        tail = self._tails[provider][self._variant(index)]
        start = f'{{"id":"{self._id(index)}","subject":"{self._subject(index)}'
        rest = f'","from_email":"{email}","sender_id":"{sender}","date":"{self._days[self._day(index)]}",{tail}'
        return f"{start}{_FILLER[: ROW_BYTES - len(start) - len(rest)]}{rest}".encode()

    def _broadcast(self, index: int) -> Broadcast:
        email, day = self._emails[index % len(self._emails)], self._anchor - timedelta(days=self._day(index))
        row = json.loads(self._row(None, index))
        counts = self._variants[self._variant(index)]
        return Broadcast(row["id"], row["subject"], email, row["sender_id"], epoch(day), 0, counts)

    def _day(self, index: int) -> int:
        return index * DAYS // self._number

    def _id(self, index: int) -> str:
        return f"brd_{self._days[self._day(index)].replace('-', '')}_{index:08x}"

    def _subject(self, index: int) -> str:
        return f"Letter {self._number - index} to our readers"

    def _variant(self, index: int) -> int:
        # Neighbours must differ, and the same number must always give the same counts.
        return index * 2_654_435_761 % 4_294_967_296 % len(self._variants)


def _variants() -> list[tuple[Counts, ...]]:
    rng = Random("bulk")
    made = []
    for _ in range(251):
        counts = []
        for provider in PROVIDERS:
            mails = rng.randint(3, 20)
            spam = sum(rng.random() < 0.07 for _ in range(mails))
            promotions = (mails - spam) // 4 if provider in WITH_PROMOTIONS else 0
            counts.append((mails - spam - promotions, promotions, spam))
        made.append(tuple(counts))
    return made


def _of(counts: tuple[Counts, ...], provider: str | None) -> Counts:
    return summed(counts) if provider is None else counts[PROVIDERS.index(provider)]
