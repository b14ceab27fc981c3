"""One placement test as one client may see it: its own senders' mails, by run, mailbox provider and region.

Inboxing comes from the broadcasts that the test was worked out into, the same counts as everywhere; what a broadcast does not
know (region, authentication, headers) from the mails themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Concat, Greatest

from clients.models import (
    Broadcast,
    Client,
    MailboxProvider,
    PlacementTest,
    TestKind,
    TestMail,
    TestRecord,
    TestReport,
    TestSender,
)
from reports.exports.cells import Joined
from reports.listing.sorting import bytewise
from reports.stats import Counts, Rate

CHECKS = ("spf", "dkim", "dmarc")
#: Sender → mailbox provider as the vendor calls it → counts.
type Named = dict[str, dict[str, Counts]]

AT_MOST = 200  # failing mails looked at, of which a few are shown with their headers


def senders(test: PlacementTest, client: Client) -> dict[str, int]:
    """The client's own in the test, by address, and how many rows there are of each. One query."""
    return dict(_senders(test, client).order_by("email").values_list("email", "rows"))


def runs(test: PlacementTest, client: Client) -> dict[date, Counts]:
    """The days on which it ran, the newest first, and what each brought. One query."""
    sums = {f"n_{name}": Sum(name) for name in Counts._fields}
    rows = _broadcasts(test, client).order_by("-day").values_list("day").annotate(**sums)
    return {day: Counts(*counts) for day, *counts in rows}


def placed(test: PlacementTest, client: Client, day: date) -> dict[str, dict[str, Counts]]:
    """Sender → mailbox provider → counts of that day's run. One query."""
    found: dict[str, dict[str, Counts]] = {}
    columns = [f"placements__{name}" for name in ("mailbox_provider", *Counts._fields)]
    for email, provider, *counts in _broadcasts(test, client).filter(day=day).values_list("from_email", *columns):
        at = found.setdefault(email, {})
        if provider is not None:
            at[provider] = Counts(*counts)
    return found


def unknown(test: PlacementTest, client: Client, day: date, placed: Mapping[str, Mapping[str, Counts]]) -> Named:
    """Of those among `placed` that are 'other', the same by the vendor's own name of the mailbox provider. One query."""
    came = Q(record=TestRecord.RECEIVED)
    landed = came & Q(is_spam__isnull=False)
    rows = _mails(test, client, day).filter(mailbox_provider=MailboxProvider.OTHER).order_by()
    counted = rows.values_list("sender_email", "provider_raw").annotate(
        seeds=Greatest(Count("pk", filter=~came), Count("recipient_email", distinct=True)),
        came=Count("pk", filter=came),
        received=Count("pk", filter=landed),
        promotions=Count("pk", filter=landed & Q(is_spam=False, has_category=True)),
        spam=Count("pk", filter=landed & Q(is_spam=True)),
    )
    found: Named = {}
    for email, name, seeds, came_in, received, promotions, spam in counted:
        if whole := placed.get(email, {}).get(MailboxProvider.OTHER):
            missing = None if whole.missing is None else max(0, seeds - came_in)
            counts = Counts(received, received - promotions - spam, promotions, spam, missing)
            found.setdefault(email, {})[name] = counts
    return found


@dataclass(frozen=True, slots=True)
class Region:
    """Where seeds stand. `seeds` are those that anything is known of, each counted once for each sender; of `came` some may
    have no verdict, and no place in `counts`."""

    name: str
    counts: Counts
    seeds: int
    came: int
    checks: Mapping[str, Rate]  # of the mails received: passed, of those that say


def regions(test: PlacementTest, client: Client, day: date) -> list[Region]:
    """Most mails first. One query."""
    came = Q(record=TestRecord.RECEIVED)
    landed = came & Q(is_spam__isnull=False)
    checks = {name: Count("pk", filter=came & Q(**{name: True})) for name in CHECKS}
    said = {f"{name}_said": Count("pk", filter=came & Q(**{f"{name}__isnull": False})) for name in CHECKS}
    rows = (
        _mails(test, client, day)
        .order_by()
        .values("region")
        .annotate(
            came=Count("pk", filter=came),
            received=Count("pk", filter=landed),
            promotions=Count("pk", filter=landed & Q(is_spam=False, has_category=True)),
            spam_=Count("pk", filter=landed & Q(is_spam=True)),
            seeds=Count(Concat("sender_email", Value(" "), "recipient_email"), distinct=True),
            **{f"{name}_passed": passed for name, passed in checks.items()},
            **said,
        )
    )
    return sorted((_region(row) for row in rows), key=lambda region: (-region.seeds, region.name))


def _region(row: Mapping[str, Any]) -> Region:
    primary = row["received"] - row["promotions"] - row["spam_"]
    undecided = max(0, row["came"] - row["received"])
    counts = Counts(row["received"], primary, row["promotions"], row["spam_"], undecided=undecided)
    checks = {name: Rate(row[f"{name}_passed"], row[f"{name}_said"]) for name in CHECKS}
    return Region(row["region"], counts, row["seeds"], row["came"], checks)


def failing(test: PlacementTest, client: Client, day: date) -> list[TestMail]:
    """Received mails that failed a check, at most so many. One query."""
    failed = Q(spf=False) | Q(dkim=False) | Q(dmarc=False)
    rows = _mails(test, client, day).filter(failed, record=TestRecord.RECEIVED)
    return list(rows.order_by("sender_email", "mailbox_provider", "recipient_email", "pk")[:AT_MOST])


def reports(test: PlacementTest, domains: Collection[str], day: date | None, next_day: date | None) -> list[TestReport]:
    """Of each domain the newest, of an automated test that of the run of `day`. One query."""
    rows = TestReport.objects.filter(test=test, domain__in=domains)
    if test.kind == TestKind.AUTOMATED and day:
        rows = rows.filter(day__gte=day, **({"day__lt": next_day} if next_day else {}))
    newest = {report.domain: report for report in rows.order_by("at", "pk")}
    return [newest[domain] for domain in sorted(newest)]


def naming_foreign(tests: QuerySet[PlacementTest]) -> QuerySet[Any]:
    """Each test with `foreign_names`: the senders of rows that are none of its own, joined by '|'; no query more."""
    in_it = TestSender.objects.filter(test=OuterRef("test"), email=OuterRef("sender_email"))
    rows = TestMail.objects.filter(~Exists(in_it), test=OuterRef("pk")).order_by(bytewise("sender_email")).distinct()
    named: QuerySet[Any] = tests.annotate(foreign_names=Case(When(foreign__gt=0, then=Joined(rows, "sender_email"))))
    return named


def _senders(test: PlacementTest, client: Client) -> QuerySet[TestSender]:
    return TestSender.objects.filter(test=test, client=client)


def _broadcasts(test: PlacementTest, client: Client) -> QuerySet[Broadcast]:
    rows = Broadcast.objects.filter(test=test, client=client)
    # With a test that the vendor no longer lists all of them are gone, and shown as they were.
    return rows if test.gone_at else rows.filter(gone_at=None)


def _mails(test: PlacementTest, client: Client, day: date) -> QuerySet[TestMail]:
    rows = TestMail.objects.filter(test=test, sender_email__in=_senders(test, client).values("email"))
    # A one-time test is of the day it was made, whenever its mails arrive.
    return rows.filter(day=day) if test.kind == TestKind.AUTOMATED else rows
