"""What happened, on the charts' time axis: numbered, oldest first, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from clients.models import RunState, SyncRun
from reports.ages import short_day
from reports.queries.freshness import Account
from reports.queries.placement import Domain
from reports.queries.prepared import Given, GivenMany, Prepared
from reports.queries.shuffled import shuffled
from reports.scope import Window

AT_MOST = 9
#: So long a domain must have been silent, while others sent, to be called new.
SILENCE = timedelta(days=7)
#: A feed that fails for less than this, however often it is tried, is a hiccup.
OUTAGE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Mark:
    """One day's. Several marks on a day would lie upon each other, so it has all that happened then."""

    number: int
    day: date
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return "; ".join(self.texts)

    @property
    def when(self) -> str:
        return short_day(self.day)


def marks(
    window: Window,
    span: Window,
    domains: Iterable[Domain],
    accounts: Iterable[Account],
    acts: Iterable[tuple[date, str]] = (),
) -> list[Mark]:
    """Two queries; none where there is no account. `domains` as of `span`; `acts`: what was done in the window
    (`reports.queries.acts`)."""
    accounts = list(accounts)
    found = [*acts, *shuffled(window, accounts), *_new_domains(window, span, list(domains))]
    found += [*_refused(window, accounts), *_outages(window, accounts)]
    days: dict[date, list[str]] = defaultdict(list)
    for day, said in found:
        days[day].append(said)
    newest = sorted(days)[-AT_MOST:]
    return [Mark(number, day, tuple(dict.fromkeys(days[day]))) for number, day in enumerate(newest, 1)]


def _new_domains(window: Window, span: Window, domains: list[Domain]) -> list[tuple[date, str]]:
    begun = min((domain.first for domain in domains), default=span.first)
    return [
        (domain.first, f"{domain.name} began to send, after no mail in {(domain.first - span.first).days} days")
        for domain in domains
        if domain.name and domain.first >= max(window.first, begun + SILENCE)
    ]


def _refused(window: Window, accounts: list[Account]) -> list[tuple[date, str]]:
    refused = [account for account in accounts if account.refused and window.first <= account.since.date() <= window.last]
    return [(account.since.date(), f"{account.vendor_label} refused the key of {account.label}") for account in refused]


def _ended(*states: RunState) -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(feed=OuterRef("feed"), state__in=states)


_LONG_BEFORE = ExpressionWrapper(OuterRef("started_at") - OUTAGE, output_field=DateTimeField())
_WHOLE = (RunState.OK, RunState.PARTIAL)
_LAST = _ended(*_WHOLE, RunState.FAILED).filter(started_at__lte=_LONG_BEFORE).order_by("-started_at")

#: Connection, day: a run failed whose feed had failed already so long before, without a complete pass since.
_FAILED_FOR_HOURS = Prepared(
    SyncRun.objects.filter(state=RunState.FAILED, started_at__gte=Given("since", DateTimeField()))
    .filter(feed__connection__id__among=GivenMany("connections"))
    .filter(~Exists(_ended(*_WHOLE).filter(started_at__gt=_LONG_BEFORE, started_at__lt=OuterRef("started_at"))))
    .annotate(day=TruncDate("started_at", tzinfo=UTC), long_before=Subquery(_LAST.values("state")[:1]))
    .filter(long_before=RunState.FAILED)
    .order_by("day")
    .values_list("feed__connection", "day")
    .distinct()
)


def _outages(window: Window, accounts: list[Account]) -> list[tuple[date, str]]:
    if not accounts:
        return []
    labels = {account.pk: f"{account.label} ({account.vendor_label})" for account in accounts}
    since, _ = window.times
    days: dict[int, list[date]] = defaultdict(list)
    for connection, day in _FAILED_FOR_HOURS(connections=labels, since=since):
        days[connection].append(day)
    return [
        (first, f"{labels[connection]} could not be read for {length}")
        for connection, of in days.items()
        for first, length in _stretches(of)
    ]


def _stretches(days: list[date]) -> list[tuple[date, str]]:
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [(stretch[0], "hours" if len(stretch) == 1 else f"{len(stretch)} days") for stretch in found]
