"""`campaigns`, `outreach` and `warmup` as CSV. The days of single campaigns and senders are `reports.exports.activity`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import batched
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from clients.models import ALL_PROVIDERS, Sender, WarmupDay
from reports.exports.cells import day, words
from reports.exports.making import Row, harmless, inboxing, moment, rate
from reports.listing import campaigns as listing
from reports.listing.sorting import Sort, bytewise
from reports.queries import event_days, together
from reports.queries.outreach import NOTHING, Reach, of_campaigns
from reports.queries.outreach_board import days_of_client
from reports.scope import Scope
from reports.stats import Rate, wilson

_WHICH = ("client", "vendor", "connection")
_WINDOW = (
    "sent", "opened", "clicked", "replied", "replied_auto", "positive", "delivered", "bounced", "bounced_hard", "bounced_soft",
)  # fmt: skip
_TOTALS = ("sent", "opened", "clicked", "replied", "replied_auto", "positive", "bounced", "unsubscribed")
_BOTH = ("sent", "delivered", "replied", "positive", "bounced", "bounced_hard", "bounced_soft")
CAMPAIGNS = (
    *_WHICH, "campaign_id", "campaign", "status", "not_sending", "made", "tags", "daily_limit", "senders", "sender_tags",
    "sent", "opened", "clicked", "replied", "replied_auto", "positive", "delivered", "bounced", "bounced_hard", "bounced_soft",
    "leads", "reply_rate", "low", "high",
    *(f"{name}_in_all" for name in _TOTALS),
)  # fmt: skip
BOUNCES = ("client", "day", "mailbox_provider", "sent", "delivered", "bounced", "bounced_hard", "bounced_soft")
OUTREACH = ("client", "day", "received", "inboxing", "low", "high", *_BOTH)
WARMUP = (*_WHICH, "sender_id", "email", "day", "sent", "received", "inbox", "spam")


def campaigns(scope: Scope) -> Iterator[Row]:
    """As on their page, nobody's last."""
    sort = Sort.read(scope.filters.sort, listing.sorts(scope), listing.DEFAULT_SORT)
    for part in _parts(scope):
        rows = sort.order(listing.campaigns(part)).select_related("client", "connection")
        for some in batched(rows.iterator(chunk_size=500), 500):
            reach = of_campaigns(some, scope.window)
            yield from (_campaign(one, reach.get(one.pk, NOTHING)) for one in some)


def outreach(scope: Scope) -> Iterator[Row]:
    """A client's days with outreach or with mail in front of seeds, newest first."""
    for client in scope.clients.order_by("name", "pk"):
        reached = days_of_client(client, scope.window)
        landed = {day: rate for (name, day), rate in together.landed(client, scope.window).items() if name == ALL_PROVIDERS}
        for at in sorted({*reached, *landed} if reached else (), reverse=True):
            counts = (reached.get(at, NOTHING)[name] for name in _BOTH)
            cells = ("" if count is None else count for count in counts)
            yield harmless(client.slug), at.isoformat(), *rate(landed.get(at, Rate(0, 0))), *cells


def bounces(scope: Scope) -> Iterator[Row]:
    """A client's days of mail by its recipients' mailbox provider, newest first."""
    for client in scope.clients.order_by("name", "pk"):
        found = event_days.told(client, scope.window)
        asked = scope.filters.mailbox_provider
        shown = {name: days for name, days in found.days.items() if asked in ("", name)} if found else {}
        keys = ((day, name) for name, days in shown.items() for day in days if day >= scope.window.first)
        for at, name in sorted(keys, key=lambda key: (-key[0].toordinal(), key[1])):
            yield harmless(client.slug), at.isoformat(), name, *(_said(shown[name][at][count]) for count in BOUNCES[3:])


def warmup(scope: Scope) -> list[QuerySet[Any, Any]]:
    senders = Sender.objects.filter(connection__agency=scope.agency)
    found = [senders.filter(client__in=scope.clients.values("pk"))]
    found += [senders.filter(client=None)] if scope.sees_unassigned else []
    return [warmup_of(part, scope) for part in found]


def warmup_of(senders: QuerySet[Sender], scope: Scope) -> QuerySet[Any, Any]:
    mine = sender_of(senders)
    rows = WarmupDay.objects.filter(Exists(mine), day__range=(scope.window.first, scope.window.last))
    cells: list[Any] = [
        words(Subquery(mine.values("client__slug")[:1])),
        F("connection__vendor"),
        words("connection__label"),
        words("sender_ref"),
        words(Subquery(mine.values("email")[:1])),
        day("day"),
        *(F(name) for name in ("sent", "received", "inbox", "spam")),
    ]
    return rows.order_by("connection_id", "-day", bytewise("sender_ref")).values_list(*cells)


def _parts(scope: Scope) -> list[Scope]:
    owned = replace(scope, sees_unassigned=False)
    return [owned, replace(scope, clients=scope.clients.none())] if scope.sees_unassigned else [owned]


def _campaign(one: Any, reach: Reach) -> Row:
    rate = Rate(reach["replied"] or 0, reach.of.get("replied") or 0)
    sure = reach["replied"] is not None and 0 <= rate.hits <= rate.n and rate.n > 0
    ends = [f"{end:.4f}" for end in wilson(*rate)] if sure else ["", ""]
    counts = [_said(reach[name]) for name in _WINDOW]
    return (
        harmless(one.client.slug) if one.client else "",
        one.connection.vendor,
        harmless(one.connection.label),
        harmless(one.external_id),
        harmless(one.name),
        harmless(one.shown_status),
        harmless(one.not_sending),
        moment(one.created_at),
        harmless("|".join(one.tags)),
        _said(one.daily_limit),
        len(one.senders),
        harmless("|".join(one.sender_tags)),
        *counts,
        harmless("|".join(f"{name}={count}" for name, count in one.leads.items())),
        inboxing(rate) if sure else "",
        *ends,
        *(_said(one.totals.get(name)) for name in _TOTALS),
    )


def _said(count: int | None) -> Any:
    return "" if count is None else count


def sender_of(senders: QuerySet[Sender]) -> QuerySet[Sender]:
    """Of `senders` the one that a day is of."""
    return senders.filter(connection=OuterRef("connection"), external_id=OuterRef("sender_ref"))
