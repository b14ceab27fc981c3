"""Whether the new seeds of a shuffle receive a client's mail, as far as the vendor's counts can show it.

The counts are mails for each mailbox provider, not for each seed, and each seed gets one mail of a broadcast. So more mails of
one broadcast than there are older seeds show that new ones receive; fewer show nothing by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q

from clients.models import Broadcast, Client, Connection, MailboxProvider, Placement, Shuffle
from clients.shuffles import seedbook

#: Broadcasts of so many days before the shuffle show how many seeds the client's mail reached until then.
BEFORE = timedelta(days=28)

#: Verdicts: what was seen, and whether it calls for a look.
RECEIVE, NOT_YET, OLD, UNSENT, UNTOLD, SAME = "receive", "not yet", "old", "unsent", "untold", "same"
TONES = {RECEIVE: "good", NOT_YET: "look", OLD: "bad"}
TITLES = {
    RECEIVE: "New seeds receive",
    NOT_YET: "No sign of new seeds yet",
    OLD: "Old seeds may still receive",
    UNSENT: "Nothing sent since",
    UNTOLD: "Can't be told",
    SAME: "Nothing swapped here",
}


@dataclass(frozen=True)
class Stock:
    """Seeds at one mailbox provider: before the shuffle, now, and how many were there both times."""

    before: int
    now: int
    kept: int


@dataclass(frozen=True)
class Seen:
    """Of one client's broadcasts there: how many since the shuffle, and the most mails of a single one; before it as well."""

    broadcasts: int = 0
    most: int = 0
    most_before: int = 0


@dataclass(frozen=True)
class Check:
    provider: str
    stock: Stock
    seen: Seen
    verdict: str
    words: str

    @property
    def label(self) -> str:
        return str(MailboxProvider(self.provider).label)

    @property
    def title(self) -> str:
        return TITLES[self.verdict]

    @property
    def tone(self) -> str:
        return TONES.get(self.verdict, "")


def stocks(connection: Connection, shuffle: Shuffle) -> dict[str, Stock]:
    """By mailbox provider, the most first. Two queries."""
    before = dict(seedbook.at(connection, shuffle.since).values_list("pk", "mailbox_provider")) if shuffle.since else {}
    now = dict(seedbook.in_use(connection).values_list("pk", "mailbox_provider"))
    was, has = Counter(before.values()), Counter(now.values())
    kept = Counter(provider for pk, provider in now.items() if pk in before)
    order = sorted({*was, *has}, key=lambda provider: (-max(was[provider], has[provider]), provider))
    return {provider: Stock(was[provider], has[provider], kept[provider]) for provider in order}


def checks(connection: Connection, client: Client, shuffle: Shuffle, held: Mapping[str, Stock]) -> list[Check]:
    """One query. `held` as `stocks` gives it."""
    day = shuffle.happened_at.date() if shuffle.happened_at else date.max
    mails = Placement.objects.filter(broadcast__connection=connection, broadcast__client=client, broadcast__gone_at=None)
    # The day itself may hold mail of before.
    since = Q(broadcast__day__gt=day, received__gt=0)
    until = Q(broadcast__day__lt=day, broadcast__day__gte=day - BEFORE)
    rows = mails.values_list("mailbox_provider").annotate(
        number=Count("pk", filter=since), most=Max("received", filter=since), before=Max("received", filter=until)
    )
    seen = {provider: Seen(number, most or 0, before or 0) for provider, number, most, before in rows}
    sent = _sent_since(connection, client, day)
    return [_check(provider, stock, seen.get(provider, Seen()), sent) for provider, stock in held.items()]


def _sent_since(connection: Connection, client: Client, day: date) -> bool:
    return Broadcast.objects.filter(connection=connection, client=client, gone_at=None, day__gt=day, split_stale=False).exists()


def _check(provider: str, stock: Stock, seen: Seen, sent: bool) -> Check:
    verdict, words = judge(stock, seen, sent)
    return Check(provider, stock, seen, verdict, words)


def judge(stock: Stock, seen: Seen, sent: bool) -> tuple[str, str]:
    """`sent`: whether any of the client's broadcasts since has been split by mailbox provider."""
    if stock.kept == stock.now == stock.before:
        return SAME, "The seeds here are the same as before."
    if not sent and not seen.broadcasts:
        return UNSENT, "No broadcast has been counted since the day of the shuffle."
    if seen.most > stock.now:
        held = f"{stock.now:,} seeds are" if stock.now != 1 else "1 seed is"
        return OLD, f"One broadcast brought {seen.most:,} mails, and only {held} in use here: old ones may still be on the list."
    if seen.most > stock.kept:
        return RECEIVE, f"One broadcast brought {seen.most:,} mails, and only {stock.kept:,} of the seeds are older."
    if stock.now == stock.kept:
        return UNTOLD, "No seed is new here, and mail to the old ones is no longer counted."
    if seen.most_before <= stock.kept:
        return UNTOLD, f"Before the shuffle, too, no broadcast brought more mails than the {stock.kept:,} seeds that stayed."
    return NOT_YET, f"At most {seen.most:,} mails of a broadcast, no more than the {stock.kept:,} older seeds can take."
