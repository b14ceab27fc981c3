"""Conversations of a client's senders, the one that was spoken in last first, as their tab and their file have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce

from clients.models import Conversation, ConversationLabel, LabelKind, Prospect
from clients.talking import wording
from clients.vendors import VENDORS
from reports.listing.changes import EVER
from reports.listing.forms import Offers, same
from reports.pipeline import money
from reports.queries import probes
from reports.scope import Scope

OPEN = Q(archived=False, is_request=False)
#: `?kind=`: where they lie.
PLACES: dict[str, tuple[str, Q]] = {
    "waiting": ("Waiting for an answer", OPEN & Q(last_inbound=True)),
    "answered": ("Answered by us", OPEN & Q(last_inbound=False)),
    "requests": ("Requests", Q(archived=False, is_request=True)),
    "archived": ("Archived", Q(archived=True)),
}

PROBES = "probes"


class Figures(NamedTuple):
    all: int
    waiting: int
    requests: int
    archived: int
    worth: list[str]  # of its prospects, each once: a sum for each currency


def conversations(scope: Scope) -> QuerySet[Conversation]:
    """Those of placement probes only where they are asked for."""
    asked = scope.filters
    rows = probes.only(_known(scope), scope) if asked.kind == PROBES else _all(scope)
    if scope.window != EVER:
        rows = rows.filter(last_at__range=scope.window.times)
    if asked.kind and asked.kind != PROBES:
        rows = rows.filter(PLACES[asked.kind][1]) if asked.kind in PLACES else rows.none()
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.status:
        rows = rows.filter(prospect__status=asked.status)
    if asked.tag:
        carried = Cast("prospect__tags", TextField())
        rows = rows.annotate(carried=carried).filter(carried__contains=f'"{asked.tag}"')
    if asked.who:
        rows = rows.filter(sender__email=asked.who)
    if asked.search:
        texts = ("prospect__name", "prospect__handle", "subject", "last_text")
        found = Q()
        for name in texts:
            found |= Q(**{f"{name}__icontains": asked.search})
        rows = rows.filter(found)
    return rows.select_related("sender", "prospect", "connection").order_by(F("last_at").desc(nulls_last=True), "-pk")


def figures(scope: Scope) -> Figures:
    """Of all of them, whatever is asked for."""
    rows = _all(scope)
    counts = rows.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=PLACES["waiting"][1]),
        requests=Count("pk", filter=PLACES["requests"][1]),
        archived=Count("pk", filter=PLACES["archived"][1]),
    )
    worth = Prospect.objects.filter(pk__in=rows.values("prospect"), valuation__isnull=False)
    told = ConversationLabel.objects.filter(connection=OuterRef("connection"), kind=LabelKind.CURRENCY, gone_at=None)
    named = worth.annotate(currency=Coalesce(Subquery(told.order_by("-pk").values("name")[:1]), Value("")))
    sums = named.order_by("currency").values_list("currency").annotate(sum=Sum("valuation"))
    return Figures(worth=[money(amount, currency) for currency, amount in sums], **counts)


def offers(scope: Scope) -> Offers:
    theirs = _labels(scope).order_by("name", "external_id")
    kinds: dict[str, list[tuple[str, str]]] = {LabelKind.TAG: [], LabelKind.STATUS: []}
    for label in theirs.filter(kind__in=kinds, gone_at=None):
        kinds[label.kind].append((label.external_id, str(label)))
    handles = sorted(set(_all(scope).exclude(sender=None).order_by().values_list("sender__email", flat=True).distinct()))
    vendors = set(_all(scope).order_by().values_list("connection__vendor", flat=True).distinct())
    tested = [(PROBES, "Placement probes")] if probes.only(_known(scope), scope).exists() else []
    return {
        "vendor": ("Vendor", sorted((slug, VENDORS[slug].label) for slug in vendors)),
        "kind": ("Where", [*((name, label) for name, (label, _) in PLACES.items()), *tested]),
        "status": ("Status", kinds[LabelKind.STATUS]),
        "tag": ("Tag", kinds[LabelKind.TAG]),
        "who": ("Account", same(handles)),
    }


class Line(NamedTuple):
    row: Conversation
    place: str
    tone: str
    status: str
    tags: list[str]
    assignee: str
    valuation: str


def lines(scope: Scope, rows: Iterable[Conversation]) -> Iterable[Line]:
    labels = list(_labels(scope).order_by("pk"))
    name = _names(labels)
    currencies = {one.connection_id: str(one) for one in labels if one.kind == LabelKind.CURRENCY and one.gone_at is None}
    for row in rows:
        who = row.prospect
        place, tone = wording.place(row.archived, row.is_request, row.last_inbound)
        tags = [name(row, LabelKind.TAG, tag) for tag in who.tags] if who else []
        assignee = (who.assignee if who else "") or row.assignee
        status = name(row, LabelKind.STATUS, who.status) if who else ""
        worth = money(who.valuation if who else None, currencies.get(row.connection_id, ""))
        yield Line(row, place, tone, status, tags, name(row, LabelKind.MEMBER, assignee), worth)


def _all(scope: Scope) -> QuerySet[Conversation]:
    return probes.without(_known(scope), scope)


def _known(scope: Scope) -> QuerySet[Conversation]:
    return Conversation.objects.filter(sender__client__in=scope.clients, gone_at=None)


def _labels(scope: Scope) -> QuerySet[ConversationLabel]:
    return ConversationLabel.objects.filter(connection__in=_all(scope).order_by().values("connection").distinct())


def _names(labels: Iterable[ConversationLabel]) -> Callable[[Conversation, str, str], str]:
    known: dict[Any, str] = {(one.connection_id, one.kind, one.external_id): str(one) for one in labels}
    return lambda row, kind, named: known.get((row.connection_id, kind, named), named) if named else ""
