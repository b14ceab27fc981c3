"""The figures of a client's Placement tab as CSV: each table that stands behind one of its charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from clients.models import ALL_PROVIDERS
from reports.exports.making import Row, compared, counted, harmless, rate
from reports.falls import total
from reports.lines import LABELS, points
from reports.providers import by_week, first_monday
from reports.queries import placement as queries
from reports.scope import Scope, Window
from reports.stats import change
from reports.vendors import compare

_COUNTS = ("received", "primary", "promotions", "spam", "missing", "inboxing", "low", "high")
_BEFORE = ("received_before", "inboxing_before", "change", "change_is_clear")
DAYS = ("day", "last_day", *_COUNTS)
PROVIDERS = ("mailbox_provider", *_COUNTS, *_BEFORE)
WEEKS = ("mailbox_provider", "week", "received", "inboxing", "low", "high")
VENDORS = ("mailbox_provider", "vendor", *_COUNTS, "differs")
DOMAINS = ("domain", *_COUNTS, *_BEFORE)


def days(scope: Scope) -> Iterator[Row]:
    """The points of the trend, newest first."""
    asked = scope.filters.mailbox_provider or ALL_PROVIDERS
    found = points(queries.by_day(scope, scope.window).get(asked, {}), scope.window)
    for day, counts in sorted(found.counts.items(), reverse=True):
        yield day.isoformat(), (day + found.step).fromordinal((day + found.step).toordinal() - 1).isoformat(), *counted(counts)


def providers(scope: Scope) -> Iterator[Row]:
    known = queries.by_day(scope, Window(scope.window.before.first, scope.window.last))
    began = _began(scope)
    for name in LABELS:
        now = total(known.get(name, {}), scope.window)
        before = total(known.get(name, {}), scope.window.before).inboxing
        if now.received:
            yield name, *counted(now), *compared(before, change(now.inboxing, before, began=began))


def vendors(scope: Scope) -> Iterator[Row]:
    """Those side by side, whatever vendor is asked for."""
    known = queries.by_vendor_and_day(scope.narrowed(vendor=""), scope.window)
    found, only = compare(known, scope.window), scope.filters.mailbox_provider
    for name, counts in found.counts.items():
        for vendor, of_vendor in counts.items():
            if of_vendor.received and only in ("", name):
                yield name, vendor, *counted(of_vendor), "yes" if vendor in found.gaps.get(name, ()) else "no"


def weeks(scope: Scope) -> Iterator[Row]:
    """Each mailbox provider's weeks with mail, by their Monday."""
    first = first_monday(scope.window)
    known = queries.by_day(scope, Window(first, scope.window.last))
    for name in LABELS:
        for monday, of_week in sorted(by_week(known.get(name, {}), first).items()):
            yield name, monday.isoformat(), *rate(of_week)


def domains(scope: Scope) -> Iterator[Row]:
    began = _began(scope)
    for domain in queries.by_domain(scope, Window(scope.window.before.first, scope.window.last)):
        if domain.now.received:
            before = domain.before.inboxing
            moved = change(domain.now.inboxing, before, began=began)
            yield harmless(domain.name), *counted(domain.now), *compared(before, moved)


def _began(scope: Scope) -> date | None:
    return replace(scope.window, since=queries.since(scope)).began
