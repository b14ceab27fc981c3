"""`pipeline`, `assignments` and `status-moves` as CSV: where prospects stand, who has them, and each of their moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from clients.models import ConversationLabel, LabelKind, StatusMove
from reports.exports.making import Row, harmless, inboxing, moment
from reports.pipeline import pipeline as made
from reports.queries import pipeline as queries
from reports.scope import Scope
from reports.stats import wilson

PIPELINE = (
    "client", "connection", "status", "conversations", "share", "low", "high", "waiting", "valuation", "valued", "currency",
    "moved_in", "moved_out", "stayed_hours", "stayed_n", "here_hours", "here_n",
)  # fmt: skip
ASSIGNMENTS = ("client", "connection", "member", "conversations", "waiting", "valuation", "currency")
MOVES = ("at", "client", "connection", "prospect", "handle", "before", "after", "stayed_hours", "told_by")


def pipeline(scope: Scope) -> Iterator[Row]:
    slugs = dict(scope.clients.values_list("pk", "slug"))
    for one in made(scope, timezone.now()).stages:
        low, high = wilson(*one.share) if one.share.n else (None, None)
        yield (
            slugs[one.place.client],
            harmless(one.account),
            harmless(one.name),
            one.held.conversations,
            inboxing(one.share),
            "" if low is None else f"{low:.4f}",
            "" if high is None else f"{high:.4f}",
            one.held.waiting,
            "" if one.valuation is None else one.valuation,
            one.valued,
            harmless(one.currency),
            one.moved_in,
            one.moved_out,
            hours(one.stayed.median),
            one.stayed.n,
            hours(one.here.median),
            one.here.n,
        )


def assignments(scope: Scope) -> Iterator[Row]:
    slugs = dict(scope.clients.values_list("pk", "slug"))
    for one in made(scope, timezone.now()).shares:
        worth = "" if one.valuation is None else one.valuation
        names = slugs[one.client], harmless(one.account), harmless(one.name)
        yield (*names, one.conversations, one.waiting, worth, harmless(one.currency))


def moves(scope: Scope) -> Iterator[Row]:
    slugs = dict(scope.clients.values_list("pk", "slug"))
    theirs = queries.conversations(scope).exclude(prospect=None).order_by()
    whose = dict(theirs.values_list("prospect", "sender__client"))
    labels = ConversationLabel.objects.filter(connection__in=theirs.values("connection"), kind=LabelKind.STATUS)
    names = {(one.connection_id, one.external_id): str(one) for one in labels}
    rows = StatusMove.objects.filter(prospect__in=theirs.values("prospect"), at__range=queries.times(scope.window))
    for one in rows.select_related("prospect", "connection").order_by("-at", "-pk").iterator():
        yield (
            moment(one.at),
            slugs.get(whose.get(one.prospect_id, 0), ""),
            harmless(one.connection.label),
            harmless(one.prospect.name),
            harmless(one.prospect.handle),
            *(harmless(names.get((one.connection_id, named), named)) for named in (one.before, one.after)),
            hours(one.at - one.since if one.since and not one.noticed else None),
            "list" if one.noticed else "event",
        )


def hours(span: timedelta | None) -> str:
    return "" if span is None else f"{span.total_seconds() / 3600:.2f}"
