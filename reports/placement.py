"""A client's Placement tab as a page shows it: figures, their tables, and what happened, from a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from clients.models import ALL_PROVIDERS, Client
from reports import benchmarks, bounced, falls
from reports.ages import day_span
from reports.charts import domains as bars
from reports.charts.quiet import Figure
from reports.charts.trend import trend
from reports.falls import total
from reports.headlines import Fact
from reports.lines import LABELS, Line, Points, line, points
from reports.providers import HeatMap, Multiple, first_monday, heat_map, multiples
from reports.queries import acts
from reports.queries import placement as queries
from reports.queries.freshness import Account
from reports.queries.marks import Mark, marks
from reports.queries.outreach import Reach
from reports.queries.outreach_board import days_of_client, new_to_outreach
from reports.queries.placement import Days, Domain
from reports.reached import tells
from reports.scope import Scope, Window
from reports.stats import Counts, Rate, change, mails
from reports.together import Together, beneath, bounces
from reports.vendors import Vendors, blended, compare, side_by_side


@dataclass(frozen=True, slots=True)
class Placement:
    facts: list[Fact]
    points: Points
    marks: list[Mark]
    outreach: Together | None  # beneath the trend
    sent_to: str  # the mailbox provider that this is of; '' for all of the client's mail
    where_bounced: bounced.Bounced | None
    published: list[benchmarks.Published]  # inboxing of all customers of a vendor
    story: list[falls.Piece]
    multiples: list[Multiple]
    unsplit: str
    vendors: Vendors | None
    whose: str  # the vendors whose mail the figures are made of, where the client has several
    heat: HeatMap
    domains: list[Domain]
    began: date | None  # `Window.began`
    days: list[date]  # with mail, of the window and the one before, whatever mailbox provider is asked for

    @property
    def has_mail(self) -> bool:
        return bool(self.points.counts)

    @property
    def domain_names(self) -> list[str]:
        return sorted(domain.name for domain in self.domains if domain.name)

    @property
    def domain_lines(self) -> list[Line]:
        return [_domain_line(domain, self.began) for domain in self.domains if domain.now.received]

    def charts(self) -> dict[str, Figure]:
        """Everything for the drawing script, by the name of its place on the page."""
        named = {
            "trend": trend(
                self.points, self.marks, self.outreach.course if self.outreach else None, self.sent_to, self.published
            ),
            "heat": self.heat.figure,
            "domains": bars.domains([(domain.name, domain.now) for domain in self.domains]),
        }
        if self.vendors:
            named["vendors"] = self.vendors.figure
        return named | {f"at-{item.slug}": item.figure for item in self.multiples}


def placement(client: Client, scope: Scope, accounts: Sequence[Account]) -> Placement:
    """Four queries; one more each where the days of mail, of outreach or of its events don't cover the window before, where an
    account tells what was sent, where events tell to whom, and where a vendor publishes what all its customers have."""
    window, asked = scope.window, scope.filters.mailbox_provider
    span = Window(min(window.before.first, first_monday(window)), window.last)
    vendors = queries.by_vendor_and_day(scope, span)
    days = queries.together(vendors)
    window = replace(window, since=queries.since(scope, days.get(ALL_PROVIDERS, ())))
    # An account that is gone has left its mail; one that never had any is a vendor that measured none of it.
    if len({*vendors, *(account.vendor for account in accounts)}) < 2:
        vendors = {}
    compared = compare(vendors, window)
    headline = days.get(asked or ALL_PROVIDERS, {})
    fall = falls.largest(days, window, asked)
    domains = queries.by_domain(scope, span, fall)
    reached = _reached(client, scope, accounts)
    told = bounced.told(client, scope, accounts)
    course = points(headline, window)
    # What it publishes is of all mailbox providers.
    all_customers = [] if asked else benchmarks.read(account.vendor for account in accounts)
    published = benchmarks.published(all_customers, benchmarks.INBOXING)
    happened = marks(window, span, domains, accounts, acts.changes(scope, window))
    there = bounced.beneath_at(told, asked, course, window)
    return Placement(
        facts=_facts(headline, window, published),
        points=course,
        marks=happened,
        outreach=there or beneath(course, reached, window),
        sent_to=LABELS[asked] if there else "",
        published=published,
        where_bounced=bounced.by_provider(told, days, window),
        story=falls.story(
            fall,
            days,
            window,
            domains,
            happened,
            LABELS,
            _bounces(client, reached, window),
            bounced.at(told, fall.mailbox_provider),
        )
        if fall
        else [],
        multiples=multiples(days, window, vendors, compared),
        unsplit="" if asked else _unsplit(days, window),
        vendors=side_by_side(vendors, compared, window, asked),
        whose=blended(vendors, window, asked or ALL_PROVIDERS),
        heat=heat_map(days, window, vendors, compared),
        domains=domains,
        began=window.began,
        days=list(days.get(ALL_PROVIDERS, {})),
    )


def _reached(client: Client, scope: Scope, accounts: Sequence[Account]) -> dict[date, Reach]:
    """Of both windows. Of one domain's or one tag's mail it would be the wrong outreach."""
    if scope.filters.domain or scope.filters.tag or not any(map(tells, accounts)):
        return {}
    return days_of_client(client, Window(scope.window.before.first, scope.window.last))


def _bounces(client: Client, reached: Mapping[date, Reach], window: Window) -> dict[date, Rate]:
    """To be compared: empty where outreach does not cover the days before."""
    found = bounces(reached)
    first = min((day for day, rate in found.items() if rate.n), default=date.max)
    return {} if first > window.before.first and new_to_outreach([client.pk], window) else found


def _facts(days: Mapping[date, Counts], window: Window, published: Sequence[benchmarks.Published]) -> list[Fact]:
    now = total(days, window)
    moved = change(now.inboxing, total(days, window.before).inboxing, began=window.began)
    sure = {"bad": "bad", "few": "muted", "none": "muted"}.get(now.inboxing.band, "")
    shares = [
        Fact(now.share(name).text, name, sure if sure == "muted" else "", title=now.share(name).title)
        for name in ("primary", "promotions", "spam")
    ]
    missing = f"{now.missing:,} missing where the vendor knows" if now.missing else ""
    return [
        Fact(
            now.inboxing.text,
            f"inboxing, {window.days} days, {day_span(window.first, window.last)}",
            sure,
            delta="" if moved.points is None or now.inboxing.band == "few" else moved.text,
            delta_band=moved.tone,
            note="; ".join(_notes(now, published)),
            title=f"{now.inboxing.title}; {moved.title}",
        ),
        *shares,
        Fact(f"{now.received:,}", "mail received" if now.received == 1 else "mails received", note=missing),
    ]


def _notes(now: Counts, published: Sequence[benchmarks.Published]) -> list[str]:
    few = ["few mails"] if now.inboxing.band == "few" else []
    return few + [f"{one.name}: {one.text}, {one.over}" for one in published]


def _domain_line(domain: Domain, began: date | None) -> Line:
    moved = change(domain.now.inboxing, domain.before.inboxing, began=began)
    return line(domain.name or "(no domain)", domain.now, moved)


def _unsplit(days: Days, window: Window) -> str:
    """Vendors give totals before they give the split: what it does not cover is said, not spread."""
    whole = total(days.get(ALL_PROVIDERS, {}), window).received
    split = sum(total(of, window).received for name, of in days.items() if name != ALL_PROVIDERS)
    return f"The split is known for {split:,} of {mails(whole)} so far." if split < whole * 0.98 else ""
