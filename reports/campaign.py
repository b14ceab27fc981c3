"""A campaign's page: what became of its mail, who sends it, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from clients.campaigning import limits
from clients.models import Campaign, Client, Sender, sender_ref
from reports.outreach import LABELS, Course, bounces, course, facts
from reports.queries import outreach as queries
from reports.scope import Window
from reports.sender_facts import Line, lines

SENDERS = 100  # on a page
RATES = ("opened", "clicked", "replied", "positive")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Shown:
    facts: list[Any]
    course: Course
    senders: list[Line]
    page: Page[Any]
    schedule: list[str]
    leads: str
    too_much: str  # of its daily limit; where all its senders stand on the page


def shown(campaign: Campaign, client: Client, window: Window, page: Any, *, nobodys: bool) -> Shown:
    """At most four queries. `nobodys`: whether the reader may see senders that are no client's."""
    at = course(queries.days_of_campaign(campaign, window), window, tuple(LABELS))
    senders = Paginator(_senders(campaign, client, nobodys=nobodys), SENDERS).get_page(page)
    some = list(senders)
    return Shown(
        facts=[*facts(at.whole, _rates(at), window), bounces(at.whole, campaign.totals, window)],
        course=at,
        senders=lines(client, some, queries.of_senders(some, window), window),
        page=senders,
        schedule=schedule(campaign.schedule),
        leads=leads(campaign.leads),
        too_much=limits.too_much(campaign, some),
    )


def _rates(at: Course) -> tuple[str, ...]:
    return ("delivered", *RATES) if "delivered" in at.names else RATES


def leads(counts: dict[str, int]) -> str:
    """'340: 102 queued, 30 in sequence', the most first; '' where they were not counted."""
    named = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in named)
    return f"{sum(counts.values()):,}: {parts}" if counts else ""


def schedule(kept: dict[str, Any]) -> list[str]:
    """'Monday to Friday, 09:00 to 17:00 (America/Chicago)', one for each of its spans; then its first and last day."""
    found = [_hours(one) for one in kept.get("hours", [])]
    ends = " ".join(f"{word} {kept[name]}" for name, word in (("first", "from"), ("last", "until")) if kept.get(name))
    return [*found, ends.capitalize()] if ends else found


def _hours(one: dict[str, Any]) -> str:
    times = f"{one['from']} to {one['to']}" if one["from"] and one["to"] else ""
    zone = f" ({one['timezone']})" if one["timezone"] else ""
    return ", ".join(filter(None, (_weekdays(one["weekdays"]), times))) + zone


def _weekdays(days: Sequence[int]) -> str:
    if len(days) == 7:
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0] - 1]} to {WEEKDAYS[days[-1] - 1]}"
    return ", ".join(WEEKDAYS[day - 1] for day in days) or "on no day"


def _senders(campaign: Campaign, client: Client, *, nobodys: bool) -> Any:
    """Those it names and those that carry one of its tags, as far as the account has them."""
    named = Q(external_id__among=[sender_ref(campaign.workspace, email) for email in campaign.senders])
    if campaign.sender_tags:
        tagged = Sender.objects.filter(connection=campaign.connection_id, tags__name__in=campaign.sender_tags)
        named |= Q(pk__in=tagged.values("pk"))
    theirs = Q(client=client) | Q(client=None) if nobodys else Q(client=client)
    rows = Sender.objects.filter(named, theirs, connection=campaign.connection_id, workspace=campaign.workspace)
    return rows.order_by("email", "pk")
