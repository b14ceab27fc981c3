"""The leanest table that can answer a scope's question about placement, with one grouping for all of them.

`ClientDay` knows no domain, `PlacementDay` does, only the broadcasts themselves know a sender's tag.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import Aggregate, CharField, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from clients.models import ALL_PROVIDERS, Broadcast, ClientDay, Placement, PlacementDay, Sender
from clients.models.accounts import ClientQuerySet
from reports.queries.plain import Mails
from reports.queries.prepared import Given, GivenMany
from reports.queries.scoped import OfScope
from reports.scope import Scope, Window
from reports.stats import Counts

_COUNTS = ("received", "primary", "promotions", "spam", "missing")

type Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """What of it changes the SQL; the words and days it is asked with are given later."""

    keys: tuple[str, ...]
    parts: tuple[str, ...]
    domain: bool
    vendor: bool
    tag: bool
    providers: bool  # only some
    totals: bool  # of all mailbox providers
    split: bool


@dataclass(frozen=True, slots=True)
class _Source:
    rows: Rows
    prefix: str = ""  # from its rows to the fields of their broadcast
    mailbox_provider: Combinable | None = None  # where it is not a column of the rows
    vendor: str = "connection__vendor"

    def field(self, name: str) -> Combinable:
        if name == "mailbox_provider":
            return self.mailbox_provider or F("mailbox_provider")
        return F(f"{self.prefix}{self.vendor if name == 'vendor' else name}")

    def during(self, part: str) -> Q:
        first, last = Given(f"{part}_first", DateField()), Given(f"{part}_last", DateField())
        return Q(**{f"{self.prefix}day__gte": first, f"{self.prefix}day__lte": last})


def gather(
    scope: Scope,
    span: Window,
    keys: tuple[str, ...],
    parts: Mapping[str, Window] | None = None,
    providers: Collection[str] = (),
) -> list[tuple[Any, ...]]:
    """One row for each value of `keys` (mailbox_provider, day, domain, vendor) in `span`: the keys, then five sums. Of `parts`,
    where there are any: the first day with mail, then five sums of each."""
    asked, windows = scope.filters, {"span": span, **(parts or {})}
    question = _Question(
        keys,
        tuple(parts or ()),
        domain=bool(asked.domain),
        vendor=bool(asked.vendor),
        tag=bool(asked.tag),
        providers=bool(providers),
        totals=not providers or ALL_PROVIDERS in providers,
        split=not providers or {*providers} != {ALL_PROVIDERS},
    )
    days = {f"{part}_{end}": getattr(window, end) for part, window in windows.items() for end in ("first", "last")}
    words = {"domain": asked.domain.lower(), "vendor": asked.vendor, "tag": asked.tag}
    return _answer(question)(scope, **days, **words, providers=providers)


def counts(row: tuple[Any, ...], part: int = 0) -> Counts:
    """The `part`th group of five in the sums of a row. A sum over no mail is none, but for what nobody may have counted."""
    received, primary, promotions, spam, missing = row[part * len(_COUNTS) : (part + 1) * len(_COUNTS)]
    return Counts(received or 0, primary or 0, promotions or 0, spam or 0, missing)


@cache
def _answer(question: _Question) -> OfScope[tuple[Any, ...]]:
    return OfScope(lambda clients: _grouped(question, clients))


def _grouped(question: _Question, clients: ClientQuerySet) -> Rows:
    grouped = [
        source.rows.order_by()
        .annotate(**{f"by_{key}": source.field(key) for key in question.keys})
        .values_list(*(f"by_{key}" for key in question.keys))
        .annotate(**_aggregates(question, source))
        for source in _sources(question, clients)
    ]
    first, *others = grouped
    united: Rows = first.union(*others, all=True) if others else first
    return united


def _aggregates(question: _Question, source: _Source) -> dict[str, Aggregate]:
    if not question.parts:
        return {f"sum_{name}": Mails(name) for name in _COUNTS}
    sums = {f"{part}_{name}": Mails(name, filter=source.during(part)) for part in question.parts for name in _COUNTS}
    return {"begun": Min(f"{source.prefix}day"), **sums}


def _sources(question: _Question, clients: ClientQuerySet) -> list[_Source]:
    if question.tag:
        return _tagged(question, clients)
    by_domain = question.domain or "domain" in question.keys
    source = _Source(PlacementDay.objects.all()) if by_domain else _Source(ClientDay.objects.all(), vendor="vendor")
    return [_at_providers(question, _narrowed(question, source, clients))]


def _tagged(question: _Question, clients: ClientQuerySet) -> list[_Source]:
    """Totals and split from the broadcasts themselves."""
    totals = _Source(Broadcast.objects.filter(gone_at=None), "", Value(ALL_PROVIDERS, output_field=CharField()))
    split = _Source(Placement.objects.filter(broadcast__gone_at=None), "broadcast__")
    found = []
    if question.totals:
        found.append(_narrowed(question, totals, clients))
    if question.split:
        found.append(_at_providers(question, _narrowed(question, split, clients)))
    return [replace(source, rows=source.rows.filter(_sent_by_tagged(clients, source.prefix))) for source in found]


def _sent_by_tagged(clients: ClientQuerySet, prefix: str) -> Q:
    """By the vendor's reference to its sender or by address, as scopes find a broadcast's client.

    Two conditions and not one with an OR inside: so a database can look both up in hashed lists.
    """
    tagged = Sender.objects.filter(client__in=clients, tags__name=Given("tag", CharField()))
    senders = tagged.filter(connection=OuterRef(f"{prefix}connection"))
    by_reference = senders.filter(external_id=OuterRef(f"{prefix}sender_ref"))
    by_address = senders.filter(email=OuterRef(f"{prefix}from_email"))
    return Q(Exists(by_reference)) | Q(Exists(by_address))


def _narrowed(question: _Question, source: _Source, clients: ClientQuerySet) -> _Source:
    at = source.prefix
    rows = source.rows.filter(source.during("span"), **{f"{at}client__in": clients})
    if question.domain:
        rows = rows.filter(**{f"{at}domain": Given("domain", CharField())})
    if question.vendor:
        rows = rows.filter(**{f"{at}{source.vendor}": Given("vendor", CharField())})
    return replace(source, rows=rows)


def _at_providers(question: _Question, source: _Source) -> _Source:
    return (
        replace(source, rows=source.rows.filter(mailbox_provider__among=GivenMany("providers"))) if question.providers else source
    )
