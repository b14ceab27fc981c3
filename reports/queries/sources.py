"""The leanest table that can answer a scope's question about placement, with one grouping for all of them.

`ClientDay` knows no domain, `PlacementDay` does, only the broadcasts themselves know a sender's tag.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Aggregate, CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from clients.models import ALL_PROVIDERS, Broadcast, ClientDay, Placement, PlacementDay, Sender
from reports.queries.plain import Mails
from reports.scope import Scope, Window
from reports.stats import Counts

_COUNTS = ("received", "primary", "promotions", "spam", "missing")

type Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class Source:
    rows: Rows
    prefix: str = ""  # from its rows to the fields of their broadcast
    mailbox_provider: Combinable | None = None  # where it is not a column of the rows
    vendor: str = "connection__vendor"

    def field(self, name: str) -> Combinable:
        if name == "mailbox_provider":
            return self.mailbox_provider or F("mailbox_provider")
        return F(f"{self.prefix}{self.vendor if name == 'vendor' else name}")

    def during(self, window: Window) -> Q:
        return Q(**{f"{self.prefix}day__range": (window.first, window.last)})


def gather(
    scope: Scope,
    span: Window,
    keys: tuple[str, ...],
    aggregates: Callable[[Source], dict[str, Aggregate]],
    providers: Collection[str] = (),
) -> Rows:
    """One row for each value of `keys` (mailbox_provider, day, domain, vendor) in `span`: the keys, then the aggregates."""
    grouped = [
        source.rows.order_by()
        .annotate(**{f"by_{key}": source.field(key) for key in keys})
        .values_list(*(f"by_{key}" for key in keys))
        .annotate(**aggregates(source))
        for source in _sources(scope, span, "domain" in keys, providers)
    ]
    first, *others = grouped
    united: Rows = first.union(*others, all=True) if others else first
    return united


def sums(part: str = "", during: Q | None = None) -> dict[str, Aggregate]:
    """The five counts' sums, of a part of the rows where one is named."""
    return {f"{part}_{name}": Mails(name, filter=during) for name in _COUNTS}


def counts(row: tuple[Any, ...], part: int = 0) -> Counts:
    """The `part`th group of five in the aggregates of a row. A sum over no mail is none, but for what nobody may have counted."""
    received, primary, promotions, spam, missing = row[part * len(_COUNTS) : (part + 1) * len(_COUNTS)]
    return Counts(received or 0, primary or 0, promotions or 0, spam or 0, missing)


def _sources(scope: Scope, span: Window, detailed: bool, providers: Collection[str]) -> list[Source]:
    asked = scope.filters
    if asked.tag:
        return _tagged(scope, span, providers)
    by_domain = detailed or asked.domain
    source = Source(PlacementDay.objects.all()) if by_domain else Source(ClientDay.objects.all(), vendor="vendor")
    rows = _narrowed(source, scope, span)
    return [replace(source, rows=rows.filter(mailbox_provider__in=providers) if providers else rows)]


def _tagged(scope: Scope, span: Window, providers: Collection[str]) -> list[Source]:
    """Totals and split from the broadcasts themselves."""
    totals = Source(Broadcast.objects.filter(gone_at=None), "", Value(ALL_PROVIDERS, output_field=CharField()))
    split = Source(Placement.objects.filter(broadcast__gone_at=None), "broadcast__")
    others = [provider for provider in providers if provider != ALL_PROVIDERS]
    found = []
    if not providers or ALL_PROVIDERS in providers:
        found.append(replace(totals, rows=_narrowed(totals, scope, span).filter(_sent_by_tagged(scope, ""))))
    if not providers or others:
        rows = _narrowed(split, scope, span).filter(_sent_by_tagged(scope, split.prefix))
        found.append(replace(split, rows=rows.filter(mailbox_provider__in=others) if others else rows))
    return found


def _sent_by_tagged(scope: Scope, prefix: str) -> Q:
    """By the vendor's reference to its sender or by address, as scopes find a broadcast's client.

    Two conditions and not one with an OR inside: so a database can look both up in hashed lists.
    """
    senders = Sender.objects.filter(
        client__in=scope.clients, tags__name=scope.filters.tag, connection=OuterRef(f"{prefix}connection")
    )
    by_reference = senders.filter(external_id=OuterRef(f"{prefix}sender_ref"))
    by_address = senders.filter(email=OuterRef(f"{prefix}from_email"))
    return Q(Exists(by_reference)) | Q(Exists(by_address))


def _narrowed(source: Source, scope: Scope, span: Window) -> Rows:
    asked, at = scope.filters, source.prefix
    rows = source.rows.filter(source.during(span), **{f"{at}client__in": scope.clients})
    if asked.domain:
        rows = rows.filter(**{f"{at}domain": asked.domain.lower()})
    return rows.filter(**{f"{at}{source.vendor}": asked.vendor}) if asked.vendor else rows
