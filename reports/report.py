"""What a client reads on its report page: every figure already words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast

from clients.models import ALL_PROVIDERS, Broadcast, MailboxProvider
from clients.vendors import VENDORS
from reports.ages import SILENT_DAYS
from reports.charts import paper
from reports.headlines import Fact
from reports.queries import acts, freshness, placement
from reports.queries.shuffled import told_to_a_client
from reports.scope import Scope, Window
from reports.stats import FEW, Change, Counts, Rate, change, mails
from reports.vendors import Compared, compare

BROADCASTS = 5
ACTS = 12
_NONE = Counts()


@dataclass(frozen=True, slots=True)
class ProviderLine:
    name: str
    path: str
    inboxing: Rate
    spam: Rate
    change: Change
    n: int

    @property
    def between(self) -> str:
        return self.inboxing.between


@dataclass(frozen=True, slots=True)
class BroadcastLine:
    subject: str
    day: date
    inboxing: Rate
    spam: Rate
    of_a_test: bool = False


@dataclass(frozen=True, slots=True)
class DayLine:
    day: date
    counts: Counts
    inboxing: Rate
    shares: list[Rate]  # primary, promotions, spam

    @property
    def between(self) -> str:
        return self.inboxing.between


@dataclass(frozen=True, slots=True)
class Report:
    window: Window
    total: Counts
    headline: str
    comparison: str
    tone: str
    silence: str
    facts: list[Fact]
    drawing: paper.Drawing
    days: list[DayLine]
    providers: list[ProviderLine]
    best: list[BroadcastLine]
    worst: list[BroadcastLine]
    broadcasts: int
    acts: list[tuple[date, str]]  # what was done, a line a day, newest first
    as_of: datetime | None
    is_late: bool
    knows_missing: bool
    measured_by: str  # a sentence where several services did, or ''
    disagreements: list[str]  # sentences, one for each mailbox provider where two of them do not agree


def report(scope: Scope) -> Report:
    """Of one client's scope; in a handful of queries, however much mail there is."""
    window = scope.window
    vendors = placement.by_vendor_and_day(scope, Window(window.before.first, window.last))
    found, compared = placement.together(vendors), compare(vendors, window)
    own = found.get(ALL_PROVIDERS, {})
    window = replace(window, since=_since(scope, own))
    total, before = _sum(own, window), _sum(own, window.before)
    moved = change(total.inboxing, before.inboxing, began=window.began)
    accounts = freshness.accounts(scope)
    good = [account.last_ok for account in accounts if account.last_ok]
    done = _by_day([*acts.net(scope, window), *told_to_a_client(window, accounts)])
    ranked = _ranked(scope)
    best, worst = _best_and_worst(ranked)
    return Report(
        window=window,
        total=total,
        headline=_headline(total.inboxing, window),
        comparison=_comparison(moved, before.inboxing, window),
        tone=moved.tone,
        silence=_silence(_within(own, window), window),
        facts=[*_facts(total), *_missing(vendors, window)],
        drawing=paper.trend(_within(own, window), window.first, window.last),
        days=[_day(day, counts) for day, counts in sorted(_within(own, window).items(), reverse=True)],
        providers=_providers(found, window),
        best=best,
        worst=worst,
        broadcasts=_broadcasts(scope).count(),
        acts=done[:ACTS],
        as_of=min(good, default=None),
        is_late=any(account.late or account.refused for account in accounts),
        knows_missing=total.missing is not None,
        measured_by=_measured_by(compared, vendors, window),
        disagreements=compared.plainly(),
    )


def _since(scope: Scope, days: Mapping[date, Counts]) -> date | None:
    """Asked for only where there is something to compare with, and its first day does not tell."""
    before = scope.window.before
    return None if before.first in days or not _within(days, before) else placement.since(scope)


def _measured_by(compared: Compared, vendors: Mapping[str, placement.Days], window: Window) -> str:
    sums = {vendor: _sum(vendors[vendor].get(ALL_PROVIDERS, {}), window).received for vendor in compared.vendors}
    named = [f"{VENDORS[vendor].label} ({mails(received)})" for vendor, received in sums.items()]
    if not named:
        return ""
    who = f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{who} measured this, each with test mailboxes of its own; the shares are of all mails together."


def _by_day(done: list[tuple[date, str]]) -> list[tuple[date, str]]:
    days: dict[date, list[str]] = {}
    for day, said in done:
        days.setdefault(day, []).append(said)
    return [(day, ". ".join(said)) for day, said in sorted(days.items(), reverse=True)]


def _headline(rate: Rate, window: Window) -> str:
    if not rate.n:
        return f"No mail was measured in these {window.days} days."
    if rate.n < FEW:
        return (
            f"Only {mails(rate.n)} {'was' if rate.n == 1 else 'were'} measured in these {window.days} days: too few to judge by."
        )
    return f"{rate.text} of the measured mail reached the inbox."


def _comparison(moved: Change, before: Rate, window: Window) -> str:
    then = f"the {window.days} days before"
    if moved.began and moved.now.n:
        return f"There is nothing to compare it with: measuring began on {moved.began:%-d %B}, and does not cover {then}."
    if moved.points is None:
        return f"There is nothing to compare it with: in {then} no mail was measured." if not before.n else ""
    was = f"{before.text} of {mails(before.n)}"
    if not moved.clear:
        return f"No clear change against {then} ({was})."
    return f"That is {abs(moved.points):.1f} percentage points {'less' if moved.fell else 'more'} than in {then} ({was})."


def _silence(days: Mapping[date, Counts], window: Window) -> str:
    """Figures of three weeks ago must not pass for today's."""
    last = max(days, default=None)
    if last is None or (window.last - last).days < SILENT_DAYS:
        return ""
    return f"No mail has been measured since {last:%-d %B}: all figures are of the days until then."


def _facts(total: Counts) -> list[Fact]:
    def fact(rate: Rate, label: str, band: str = "") -> Fact:
        few = rate.band == "few"
        return Fact(rate.text, label, "muted" if few else band, note="few mails" if few else rate.between, title=rate.title)

    inboxing = total.inboxing
    shares = [fact(total.share(name), label) for name, label in OUTCOMES.items()]
    return [
        fact(inboxing, "inbox", "bad" if inboxing.band == "bad" else ""),
        *shares,
        Fact(f"{total.received:,}", "mails measured"),
    ]


def _missing(vendors: Mapping[str, placement.Days], window: Window) -> list[Fact]:
    """Of those who know how many were sent, beside what they saw; named where others measured too."""
    sums = {vendor: _sum(days.get(ALL_PROVIDERS, {}), window) for vendor, days in vendors.items()}
    telling = {vendor: counts for vendor, counts in sums.items() if counts.missing is not None}
    if not telling:
        return []
    missing, seen = sum(counts.missing or 0 for counts in telling.values()), sum(counts.received for counts in telling.values())
    others = any(counts.received for vendor, counts in sums.items() if vendor not in telling)
    whose = " and ".join(VENDORS[vendor].label for vendor in telling)
    note, title = f"of {mails(missing + seen)} sent", f"{whose} alone can tell how many were sent"
    return [Fact(f"{missing:,}", "never arrived", note=f"{note} for {whose}’s tests" if others else note, title=title)]


OUTCOMES = {"primary": "primary inbox", "promotions": "promotions tab", "spam": "spam folder"}


def _providers(found: placement.Days, window: Window) -> list[ProviderLine]:
    lines = []
    for provider in MailboxProvider:
        days = found.get(provider.value, {})
        now, before = _sum(days, window), _sum(days, window.before)
        if now.received:
            line = paper.path(days, window.first, window.last, lambda counts: counts.inboxing)
            moved = change(now.inboxing, before.inboxing, began=window.began)
            lines.append(ProviderLine(str(provider.label), line, now.inboxing, now.share("spam"), moved, now.received))
    return lines


def _broadcasts(scope: Scope) -> QuerySet[Broadcast]:
    window = scope.window
    return Broadcast.objects.filter(client__in=scope.clients, gone_at=None, day__range=(window.first, window.last))


def _ranked(scope: Scope) -> QuerySet[Broadcast]:
    """Those with enough mails to be judged, best first."""
    share = Cast(F("primary") + F("promotions"), FloatField()) / F("received")
    return _broadcasts(scope).filter(received__gte=FEW).annotate(share=share).order_by("-share", "-received", "-day", "pk")


def _best_and_worst(ranked: QuerySet[Broadcast]) -> tuple[list[BroadcastLine], list[BroadcastLine]]:
    """No broadcast is both: with few of them the best come first. Mailings of one's own, if there are any: the mails of placement
    tests have subjects that the client never wrote."""
    best = list((own := ranked.filter(test=None))[:BROADCASTS])
    if best:
        ranked = own
    else:
        best = list(ranked[:BROADCASTS])
    lowest = list(ranked.reverse()[:BROADCASTS])
    named = {broadcast.pk for broadcast in best}
    return [_broadcast(one) for one in best], [_broadcast(one) for one in lowest if one.pk not in named]


def _broadcast(one: Broadcast) -> BroadcastLine:
    counts = Counts(one.received, one.primary, one.promotions, one.spam, one.missing)
    return BroadcastLine(one.subject or "(no subject)", one.day, counts.inboxing, counts.share("spam"), one.test_id is not None)


def _day(day: date, counts: Counts) -> DayLine:
    return DayLine(day, counts, counts.inboxing, [counts.share(name) for name in OUTCOMES])


def _sum(days: Mapping[date, Counts], window: Window) -> Counts:
    return sum(_within(days, window).values(), _NONE)


def _within(days: Mapping[date, Counts], window: Window) -> dict[date, Counts]:
    return {day: counts for day, counts in days.items() if window.first <= day <= window.last}
