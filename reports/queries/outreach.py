"""What became of outreach: counts of campaigns' and of senders' days, each with the mails it is of.

A sum takes rows of one grain. Opens and clicks are known of campaigns that track them, bounces per day of senders, and of
campaigns where the vendor counts them so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from clients.models import ActivityDay, Campaign, Client, Grain, Sender, WarmupDay
from reports.scope import Window
from reports.stats import NO_CELL, UNMEASURED, Cell, Rate, mails

COUNTS = (
    "sent", "delivered", "opened", "clicked", "replied", "replied_auto", "positive", "bounced", "bounced_hard", "bounced_soft",
    "unsubscribed",
)  # fmt: skip
_RATED = COUNTS[1:]


@dataclass(frozen=True, slots=True)
class Reach:
    """Sums by `COUNTS`; None where no day of them measured it. `of`: the mail sent on the days that did."""

    counts: Mapping[str, int | None] = field(default_factory=dict)
    of: Mapping[str, int | None] = field(default_factory=dict)

    @classmethod
    def since_it_began(cls, totals: Mapping[str, int]) -> Reach:
        return cls(totals, dict.fromkeys(_RATED, totals.get("sent")))

    def __getitem__(self, name: str) -> int | None:
        return self.counts.get(name)

    def text(self, name: str) -> str:
        found = self[name]
        return UNMEASURED if found is None else f"{found:,}"

    def said(self, name: str) -> str:
        """'218 of 230' where the count is not of all the mail sent: some of it nobody measured."""
        of, found = self.of.get(name), self.text(name)
        return found if of is None or of == self["sent"] else f"{found} of {of:,}"

    def cell(self, name: str) -> Cell:
        """A rate over its mails sent; the count alone where it is no part of them: who opens today may have been written to
        last week."""
        hits, n = self[name], self.of.get(name)
        if hits is None:
            return NO_CELL
        if not n and not hits:
            return NO_MAIL
        if not n or hits > n:
            return Cell(f"{hits:,}", "", "none", f"{hits:,}, of {mails(n or 0)} sent on these days")
        rate = Rate(hits, n)
        return Cell(rate.text, f"{hits:,} of {n:,}", "few" if rate.band == "few" else "", rate.title)


NOTHING = Reach()
NO_MAIL = Cell(UNMEASURED, "", "none", "no mail sent in these days")


def of_campaigns(campaigns: Iterable[Campaign], window: Window) -> dict[int, Reach]:
    """One query."""
    rows = ActivityDay.objects.by(Grain.CAMPAIGN).filter(campaign__in=[one.pk for one in campaigns])
    return dict(summed(_within(rows, window), "campaign"))


def days_of_campaign(campaign: Campaign, window: Window) -> dict[date, Reach]:
    """One query."""
    return dict(summed(_within(ActivityDay.objects.by(Grain.CAMPAIGN).filter(campaign=campaign), window), "day"))


def days_of_sender(sender: Sender, client: Client, window: Window) -> dict[date, Reach]:
    """One query."""
    return dict(summed(_within(_of_senders([sender]).filter(client=client), window), "day"))


def of_senders(senders: Iterable[Sender], window: Window) -> dict[tuple[int, str], Reach]:
    """By connection and reference. One query, none without senders."""
    found = list(senders)
    if not found:
        return {}
    sums = summed(_within(_of_senders(found), window), "connection", "sender_ref")
    return {(key[0], key[1]): reach for key, reach in sums}


def warmup_of(sender: Sender, window: Window) -> dict[date, WarmupDay]:
    """One query."""
    rows = WarmupDay.objects.filter(connection=sender.connection_id, sender_ref=sender.external_id)
    return {row.day: row for row in rows.filter(day__range=(window.first, window.last))}


def _of_senders(senders: Iterable[Sender]) -> QuerySet[ActivityDay]:
    of = Q()
    refs: dict[int, list[str]] = {}
    for sender in senders:
        refs.setdefault(sender.connection_id, []).append(sender.external_id)
    for connection, some in refs.items():
        of |= Q(connection=connection, sender_ref__in=some)
    return ActivityDay.objects.by(Grain.SENDER).filter(of)


def _within(rows: QuerySet[ActivityDay], window: Window) -> QuerySet[ActivityDay]:
    return rows.filter(day__range=(window.first, window.last))


def summed(rows: QuerySet[ActivityDay], *keys: str) -> Iterable[tuple[Any, Reach]]:
    """Keyed by the one column, or by several."""
    sums = {f"n_{name}": Sum(name) for name in COUNTS}
    sums |= {f"of_{name}": Sum("sent", filter=Q(**{f"{name}__isnull": False})) for name in _RATED}
    for row in rows.order_by().values_list(*keys).annotate(**sums):
        key, counts, of = row[: len(keys)], row[len(keys) : len(keys) + len(COUNTS)], row[len(keys) + len(COUNTS) :]
        reach = Reach(dict(zip(COUNTS, counts, strict=True)), dict(zip(_RATED, of, strict=True)))
        yield key if len(keys) > 1 else key[0], reach
