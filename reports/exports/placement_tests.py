"""`tests` and `test-emails` as CSV: what each sender's mails of a test brought, and each of those mails by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf, Substr
from django.db.models.lookups import Exact, GreaterThan

from clients.models import TestKind, TestRecord, TestStatus
from reports.exports.cells import Moment, words
from reports.exports.rates import rates
from reports.listing import placement_tests as listing
from reports.listing.sorting import Sort, bytewise
from reports.listing.test_states import OVER, standing
from reports.scope import Scope

_OF = ("client", "vendor", "connection", "test_id", "test", "subject", "kind", "status", "made")
_COUNTS = ("received", "primary", "promotions", "spam", "missing")
_RATE = ("inboxing", "low", "high")
_CHECKS = ("spf", "dkim", "dmarc")
TESTS = (
    *_OF, "sender", "domain", "state", "runs", "last_run",
    *_COUNTS, *_RATE, "sent", *(f"{name}_of_sent" for name in _RATE),
)  # fmt: skip
EMAILS = (
    *_OF, "day", "sender", "domain", "recipient", "mailbox_provider", "vendor_says", "region",
    "sent", "received", "outcome", *_CHECKS,
)  # fmt: skip


def tests(scope: Scope) -> list[QuerySet[Any, Any]]:
    """A row per test and sender: its runs of the window, summed."""
    sums = {name: Sum(f"ran__{name}") for name in _COUNTS}
    landed = sums["primary"] + sums["promotions"]
    # Only of runs that are over: what a run under way has sent is not known.
    over = Q(ran__missing__isnull=False)
    undecided = Coalesce(F("ran__undecided"), Value(0))
    sent = Sum(F("ran__received") + undecided + F("ran__missing"), filter=over)
    # As `reports.matrix.of_sent`: of nothing while mails that came may be anywhere.
    told = Case(When(Exact(Sum(undecided, filter=over), Value(0)), then=sent))
    cells: list[Any] = [
        *_which(),
        _state(scope),
        Count("ran__pk"),
        Cast(Max("ran__day"), TextField()),
        *sums.values(),
        *rates(sums["received"], landed),
        sent,
        *rates(told, Sum(F("ran__primary") + F("ran__promotions"), filter=over)),
    ]
    return [_cells(rows, TESTS, cells) for rows in _ordered(scope, _running)]


def emails(scope: Scope) -> list[QuerySet[Any, Any]]:
    """A row per test, run, sender and seed: the mail as it was sent and as it was received are one."""
    under_way = _under_way(scope)
    return [_folded(rows, under_way) for rows in _ordered(scope, _mailing)]


def _which() -> list[Combinable]:
    return [
        words("client__slug"),
        F("test__connection__vendor"),
        words("test__connection__label"),
        *(words(f"test__{name}") for name in ("external_id", "name", "subject")),
        F("test__kind"),
        Case(When(test__gone_at=None, then=words("test__status")), default=Value(listing.GONE), output_field=TextField()),
        Moment("test__created_at"),
        words("email"),
        words("domain"),
    ]


def _state(scope: Scope) -> Case:
    """As the pages have it: nobody is silent in a test of which nothing is known, or while a run is under way. Two queries."""
    open_ = Q(read_at=None) | Q(settled=False) | Q(rows=0)
    asked = list(listing.tests(scope).filter(open_).defer("raw", "senders"))
    figures, found = listing.figures(scope, asked), defaultdict(list)
    for test in asked:
        found[standing(test, figures.get(test.pk, listing.Figures()).last)].append(test.pk)
    return Case(
        *(When(test__in=pks, then=Value(word)) for word, pks in found.items() if word != OVER),
        When(rows=0, then=Value("silent")),
        default=Value("known"),
        output_field=TextField(),
    )


def _ordered(scope: Scope, related: Any) -> list[QuerySet[Any]]:
    """The senders of the list's tests in its order, nobody's last; each with what `related` adds."""
    sort = Sort.read(scope.filters.sort, listing.sorts(scope, "test__"), listing.DEFAULT_SORT)
    sign = "-" if sort.descending else ""
    parts = [replace(scope, sees_unassigned=False)]
    if scope.sees_unassigned:
        parts.append(replace(scope, clients=scope.clients.none()))
    found = [listing.senders(part).filter(test__in=listing.tests(part).values("pk")) for part in parts]
    return [
        related(rows, scope).annotate(sort_key=sort.key).order_by(f"{sign}sort_key", f"{sign}test", bytewise("email"))
        for rows in found
    ]


def _running(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    theirs = Q(test__broadcasts__from_email=F("email"), test__broadcasts__day__range=listing.days(scope))
    kept = Q(test__broadcasts__gone_at=None) | Q(test__gone_at__isnull=False)
    found: QuerySet[Any] = rows.annotate(ran=FilteredRelation("test__broadcasts", condition=theirs & kept))
    return found


def _mailing(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    theirs = FilteredRelation("test__mails", condition=Q(test__mails__sender_email=F("email")))
    # A one-time test is of the day it was made, whenever its mails arrive.
    day = Case(When(test__kind=TestKind.AUTOMATED, then=F("mail__day")))
    found: QuerySet[Any] = rows.annotate(mail=theirs).filter(mail__isnull=False).annotate(run=day)
    return found.filter(Q(run=None) | Q(run__range=listing.days(scope)))


def _under_way(scope: Scope) -> Q:
    """Runs of which nobody knows yet what is missing, as the pages have it: of automated tests a handful at any time."""
    found = Q(test__kind=TestKind.ONCE) & ~Q(test__status=TestStatus.COMPLETED)
    runs = listing.runs(scope).filter(missing=None, test__kind=TestKind.AUTOMATED)
    for test, day in runs.order_by().values_list("test", "day").distinct():
        found |= Q(test=test, run=day)
    return found


def _folded(rows: QuerySet[Any], under_way: Q) -> QuerySet[Any, Any]:
    came = Q(mail__record=TestRecord.RECEIVED)
    landed = came & Q(mail__is_spam__isnull=False)
    number = {
        "came": Count("mail__pk", filter=came),
        "landed": Count("mail__pk", filter=landed),
        "spam": Count("mail__pk", filter=landed & Q(mail__is_spam=True)),
        "promotions": Count("mail__pk", filter=landed & Q(mail__has_category=True)),
    }
    outcome = Case(
        When(spam__gt=0, then=Value("spam")),
        When(promotions__gt=0, then=Value("promotions")),
        When(landed__gt=0, then=Value("primary")),
        # One that came and has no verdict is not missing.
        When(Q(came=0) & ~under_way, then=Value("missing")),
        output_field=TextField(),
    )
    made = Substr(Moment("test__created_at"), 1, 10)
    cells: list[Any] = [
        *_which()[:-2],
        Coalesce(Cast("run", TextField()), made, Cast(Min("mail__day"), TextField()), output_field=TextField()),
        *_which()[-2:],
        words("mail__recipient_email"),
        Min("mail__mailbox_provider"),
        words(Min("mail__provider_raw")),
        words(Min("mail__region")),
        Moment(Min("mail__at", filter=~came)),
        Moment(Min("mail__at", filter=came)),
        outcome,
        *(_check(name, came) for name in _CHECKS),
    ]
    # A mail to a seed that the vendor does not name is folded with no other.
    seed = Coalesce(NullIf("mail__recipient_email", Value("")), "mail__external_id")
    keyed: QuerySet[Any] = rows.annotate(seed=seed).annotate(**number)
    return _cells(keyed.order_by(*rows.query.order_by, "-run", "seed"), EMAILS, cells)


def _cells(rows: QuerySet[Any], columns: Sequence[str], cells: Sequence[Any]) -> QuerySet[Any, Any]:
    """What is summed is summed over the keys that `rows` and the other cells are."""
    named = {f"csv_{column}": cell for column, cell in zip(columns, cells, strict=True)}
    found: QuerySet[Any, Any] = rows.annotate(**named).values_list(*named)
    return found


def _check(name: str, came: Q) -> Case:
    passed, failed = (Count("mail__pk", filter=came & Q(**{f"mail__{name}": value})) for value in (True, False))
    return Case(
        When(GreaterThan(failed, Value(0)), then=Value("fail")),
        When(GreaterThan(passed, Value(0)), then=Value("pass")),
        output_field=TextField(),
    )
