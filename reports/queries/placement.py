"""Where one scope's mail landed: by day, by mailbox provider, by sending domain.

Headlines come from the rows of `ALL_PROVIDERS`, mailbox providers from the split; never both in one sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Aggregate, Min

from clients.models import ALL_PROVIDERS, ClientDay, SenderTag
from reports.queries.sources import Source, counts, gather, sums
from reports.scope import Scope, Window
from reports.stats import Counts

_NONE = Counts()

#: Mailbox provider or `ALL_PROVIDERS` → day → counts; only days with mail.
type Days = dict[str, dict[date, Counts]]


def by_day(scope: Scope, span: Window) -> Days:
    """One query."""
    found: Days = defaultdict(dict)
    for provider, day, *row in gather(scope, span, ("mailbox_provider", "day"), lambda _: sums()):
        if (at := counts(tuple(row))).received:
            found[provider][day] = at
    return found


def by_vendor_and_day(scope: Scope, span: Window) -> dict[str, Days]:
    """The same for each vendor apart; `together` makes `by_day` of it. One query."""
    found: dict[str, Days] = defaultdict(lambda: defaultdict(dict))
    for vendor, provider, day, *row in gather(scope, span, ("vendor", "mailbox_provider", "day"), lambda _: sums()):
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
    parts = [scope.window, scope.window.before]
    if fall:
        parts += [Window(span.first, fall.day.fromordinal(fall.day.toordinal() - 1)), Window(fall.day, span.last)]

    def aggregates(source: Source) -> dict[str, Aggregate]:
        named = {name: total for at, part in enumerate(parts) for name, total in sums(f"part{at}", source.during(part)).items()}
        return {"first": Min(f"{source.prefix}day"), **named}

    found: dict[str, Domain] = {}
    providers = {asked, fall.mailbox_provider} if fall else {asked}
    for name, provider, first, *row in gather(scope, span, ("domain", "mailbox_provider"), aggregates, sorted(providers)):
        domain = found.setdefault(name, Domain(name, first))
        domain.first = min(domain.first, first)
        if provider == asked:
            domain.now, domain.before = counts(tuple(row)), counts(tuple(row), 1)
        if fall and provider == fall.mailbox_provider:
            domain.until_fall, domain.since_fall = counts(tuple(row), 2), counts(tuple(row), 3)
    return sorted(found.values(), key=lambda domain: (-domain.now.received, domain.name))


def since(scope: Scope) -> date | None:
    """The first day with mail of the scope's clients, at the vendor asked for. One query."""
    days = ClientDay.objects.filter(client__in=scope.clients, mailbox_provider=ALL_PROVIDERS, received__gt=0)
    if scope.filters.vendor:
        days = days.filter(vendor=scope.filters.vendor)
    found: date | None = days.aggregate(first=Min("day"))["first"]
    return found


_TAGS = SenderTag.objects.filter(sender__gone_at=None).order_by("name").values_list("name", flat=True).distinct()


def sender_tags(scope: Scope) -> list[str]:
    return list(_TAGS.filter(sender__client__in=scope.clients))
