"""Where one scope's mail landed: by day, by mailbox provider, by sending domain.

Headlines come from the rows of `ALL_PROVIDERS`, mailbox providers from the split; never both in one sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min

from clients.models import ALL_PROVIDERS, ClientDay, SenderTag
from reports.queries.scoped import OfScope
from reports.queries.sources import counts, gather
from reports.scope import Scope, Window
from reports.stats import Counts

_NONE = Counts()

#: Mailbox provider or `ALL_PROVIDERS` → day → counts; only days with mail.
type Days = dict[str, dict[date, Counts]]


def by_day(scope: Scope, span: Window) -> Days:
    """One query."""
    found: Days = defaultdict(dict)
    for provider, day, *row in gather(scope, span, ("mailbox_provider", "day")):
        if (at := counts(tuple(row))).received:
            found[provider][day] = at
    return found


def by_vendor_and_day(scope: Scope, span: Window) -> dict[str, Days]:
    """The same for each vendor apart; `together` makes `by_day` of it. One query."""
    found: dict[str, Days] = defaultdict(lambda: defaultdict(dict))
    for vendor, provider, day, *row in gather(scope, span, ("vendor", "mailbox_provider", "day")):
        if (at := counts(tuple(row))).received:
            found[vendor][provider][day] = at
    return found


def together(vendors: Mapping[str, Days]) -> Days:
    if len(vendors) == 1:
        return next(iter(vendors.values()))
    found: Days = defaultdict(dict)
    for days in vendors.values():
        for provider, of_days in days.items():
            for day, at in of_days.items():
                found[provider][day] = found[provider].get(day, _NONE) + at
    return found


@dataclass(frozen=True, slots=True)
class Fall:
    """At this mailbox provider, from this day on."""

    mailbox_provider: str
    day: date


@dataclass(slots=True)
class Domain:
    """One sending domain in the window and the one before; at the fall's mailbox provider, before and since its day."""

    name: str
    first: date  # its first day with mail in the span
    now: Counts = _NONE
    before: Counts = _NONE
    until_fall: Counts = _NONE
    since_fall: Counts = _NONE


def by_domain(scope: Scope, span: Window, fall: Fall | None = None) -> list[Domain]:
    """The domains with mail in `span`, most mail in the window first. One query."""
    asked = scope.filters.mailbox_provider or ALL_PROVIDERS
    parts = {"now": scope.window, "before": scope.window.before}
    providers = {asked}
    if fall:
        parts["until_fall"] = Window(span.first, fall.day - timedelta(days=1))
        parts["since_fall"] = Window(fall.day, span.last)
        providers.add(fall.mailbox_provider)
    found: dict[str, Domain] = {}
    for name, provider, first, *row in gather(scope, span, ("domain", "mailbox_provider"), parts, providers):
        domain = found.setdefault(name, Domain(name, first))
        domain.first = min(domain.first, first)
        if provider == asked:
            domain.now, domain.before = counts(tuple(row)), counts(tuple(row), 1)
        if fall and provider == fall.mailbox_provider:
            domain.until_fall, domain.since_fall = counts(tuple(row), 2), counts(tuple(row), 3)
    return sorted(found.values(), key=lambda domain: (-domain.now.received, domain.name))


def since(scope: Scope, days: Iterable[date] = ()) -> date | None:
    """The first day with mail of the scope's clients, at the vendor asked for. One query; none where `days`, those with mail that
    are known, begin with the window before already: then there is nothing to ask, and None."""
    if min(days, default=date.max) <= scope.window.before.first:
        return None
    rows = ClientDay.objects.filter(client__in=scope.clients, mailbox_provider=ALL_PROVIDERS, received__gt=0)
    if scope.filters.vendor:
        rows = rows.filter(vendor=scope.filters.vendor)
    found: date | None = rows.aggregate(first=Min("day"))["first"]
    return found


def sender_tags(scope: Scope) -> list[str]:
    return [name for (name,) in _TAGS(scope)]


_TAGS = OfScope(
    lambda clients: (
        SenderTag.objects.filter(sender__gone_at=None, sender__client__in=clients).order_by("name").values_list("name").distinct()
    )
)
