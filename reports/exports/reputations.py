"""`test-blacklists` and `test-rules` as CSV: what blacklists and SpamAssassin said of the senders' domains, test by test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.db.models import Exists, Min, OuterRef, QuerySet

from clients.models import Client, TestKind, TestReport, TestSender
from reports.exports.making import Row, harmless, moment
from reports.listing import placement_tests as listing
from reports.scope import Scope

_OF = ("client", "vendor", "connection", "test_id", "test", "at", "domain", "ip")
BLACKLISTS = (*_OF, "kind", "blacklist", "listed")
RULES = (*_OF, "score", "rule", "weight", "description")
_AT_ONCE = 500


def blacklists(scope: Scope) -> Iterator[Row]:
    """A row for each list that was asked."""
    for report, of in _reports(scope):
        for one in _details(report, "lists"):
            kind = "ip" if one.get("kind") == "ip" else "domain"
            yield *of, kind, harmless(str(one.get("blacklist") or "")), "yes" if one.get("listed") else "no"


def rules(scope: Scope) -> Iterator[Row]:
    """A row for each rule that matched, the heaviest first."""
    for report, of in _reports(scope):
        score = "" if report.spam_score is None else report.spam_score
        found = [(one.get("score"), one) for one in _details(report, "rules")]
        for weight, one in sorted(found, key=lambda pair: -(pair[0] or 0.0)):
            words = (harmless(str(one.get(name) or "")) for name in ("name", "description"))
            name, description = words
            yield *of, score, name, "" if weight is None else weight, description


def _reports(scope: Scope) -> Iterator[tuple[TestReport, Row]]:
    """Of the tests listed, and of the scope's own domains in them, the newest test first."""
    own = listing.senders(scope).filter(test=OuterRef("test"), domain=OuterRef("domain"))
    rows = TestReport.objects.filter(Exists(own), test__in=listing.tests(scope).values("pk"))
    rows = _of_the_run(rows, scope).order_by("-test__created_at", "-test", "-at", "domain", "-pk")
    for some in batched(rows.select_related("test__connection").iterator(chunk_size=_AT_ONCE), _AT_ONCE):
        whose = _whose(scope, {report.test_id for report in some})
        for report in some:
            test = report.test
            yield (
                report,
                (
                    harmless("|".join(sorted(whose.get((test.pk, report.domain), ())))),
                    test.connection.vendor,
                    harmless(test.connection.label),
                    harmless(test.external_id),
                    harmless(test.name),
                    moment(report.at) if report.at else "",
                    harmless(report.domain),
                    report.ip,
                ),
            )


def _of_the_run(rows: QuerySet[TestReport], scope: Scope) -> QuerySet[TestReport]:
    """Where one run of an automated test is asked for, what came from its day to the next run's."""
    day = listing.day_of(scope.filters.day)
    if not day or not rows.filter(test__kind=TestKind.AUTOMATED).exists():
        return rows
    whole = listing.runs(scope.narrowed(day=""))
    until = whole.filter(day__gt=day).aggregate(day=Min("day"))["day"]
    return rows.filter(day__gte=day, **({"day__lt": until} if until else {}))


def _whose(scope: Scope, tests: set[int]) -> dict[tuple[int, str], set[str]]:
    """(test, domain) → short names of the clients that have a sender there, of those the reader may know."""
    slugs = dict(Client.objects.filter(pk__in=scope.clients.values("pk")).values_list("pk", "slug"))
    found: dict[tuple[int, str], set[str]] = {}
    parts = TestSender.objects.filter(test__in=tests, client__in=slugs).order_by()
    for test, domain, client in parts.values_list("test", "domain", "client").distinct():
        found.setdefault((test, domain), set()).add(slugs[client])
    return found


def _details(report: TestReport, name: str) -> list[dict[str, Any]]:
    found = report.details.get(name) if isinstance(report.details, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
