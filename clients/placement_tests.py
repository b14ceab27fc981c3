"""Placement tests into rows: what the list says of each, their mails, their reports. Inside the caller's transaction, which
holds the connection's lock, as in `clients.storing`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from clients import bulk
from clients.models import Broadcast, Connection, PlacementTest, TestMail, TestReport, TestSender, TestStatus, sender_ref
from clients.scoping import Resolver
from clients.storing import Stored, mark_gone
from clients.vendors.records import MailRecord, PlacementTestRecord, ReportRecord

#: Nothing new for so long: a test's rows come within hours, and a run that brings none in a day brings none at all.
QUIET = timedelta(days=1)

TEST = (
    "name", "subject", "kind", "status", "not_sending", "senders", "seeds", "expected", "created_at", "next_run_at", "raw",
)  # fmt: skip


def store_tests(
    connection: Connection, records: Sequence[PlacementTestRecord], pass_id: int, resolver: Resolver, workspace: str = ""
) -> Stored:
    """What the list says of each test; those that changed, or whose next run has begun, are to be read again."""
    batch = bulk.latest(records, lambda record: record.external_id)
    kept = {test.external_id: test for test in PlacementTest.objects.filter(connection=connection, external_id__in=list(batch))}
    now = timezone.now()
    fresh, changed, mixed = [], [], []
    for external_id, record in batch.items():
        test = kept.get(external_id)
        was = None if test is None else _values(test)
        if test is None:
            test = PlacementTest(connection=connection, external_id=external_id, first_seen=now)
        begun = test.next_run_at is not None and test.next_run_at <= now
        _describe(test, record, workspace)
        if was is None:
            test.stirred_at = (record.created_at or now) if record.status == TestStatus.COMPLETED else now
            fresh.append(test)
        elif _stirred(was, test) or (begun and test.status == TestStatus.ACTIVE) or test.gone_at:
            test.settled, test.gone_at, test.stirred_at = False, None, now
            changed.append(test)
        elif was != _values(test):
            changed.append(test)
        if was is None or was[TEST.index("senders")] != test.senders:
            mixed.append(test)
        test.seen_run = pass_id
    PlacementTest.objects.bulk_create(fresh)
    PlacementTest.objects.bulk_update(changed, ("settled", "gone_at", "stirred_at", *TEST))
    PlacementTest.objects.filter(connection=connection, external_id__in=list(batch)).update(seen_run=pass_id)
    for test in mixed:
        _store_senders(test, resolver)
    return Stored(len(batch), len(fresh), len(changed))


def let_go(connection: Connection, rows: QuerySet[PlacementTest]) -> int:
    """The vendor has them no more. A test takes its broadcasts with it."""
    ids = list(rows.values_list("pk", flat=True))
    mark_gone(Broadcast.objects.filter(test__in=ids, gone_at=None), connection)
    return PlacementTest.objects.filter(pk__in=ids).update(gone_at=timezone.now())


def _describe(test: PlacementTest, record: PlacementTestRecord, workspace: str) -> None:
    for name in TEST:
        if name not in ("senders", "expected"):
            setattr(test, name, getattr(record, name))
    test.workspace, test.senders = workspace, list(record.senders)
    test.expected = record.seeds * len(record.senders)


def _values(test: PlacementTest) -> tuple[Any, ...]:
    return tuple(getattr(test, name) for name in TEST)


def _stirred(was: tuple[Any, ...], test: PlacementTest) -> bool:
    """Whether what changed may bring rows, or other figures from those there are."""
    return any(was[TEST.index(name)] != getattr(test, name) for name in ("kind", "status", "senders", "next_run_at"))


def _store_senders(test: PlacementTest, resolver: Resolver) -> None:
    kept = set(TestSender.objects.filter(test=test).values_list("email", flat=True))
    TestSender.objects.filter(test=test).exclude(email__in=test.senders).delete()
    rows = []
    for email in dict.fromkeys(test.senders):
        if email not in kept:
            ref, domain = sender_ref(test.workspace, email), email.rpartition("@")[2][:255]
            owner = resolver.broadcast_owner(ref, email, domain, test.workspace)
            rows.append((test.pk, email, ref, domain, owner.client_id, 0))
    bulk.insert(TestSender, ("test_id", "email", "sender_ref", "domain", "client_id", "rows"), rows)


MAIL = (
    "record", "at", "sender_email", "recipient_email", "mailbox_provider", "provider_raw", "region",
    "is_spam", "has_category", "spf", "dkim", "dmarc", "headers",
)  # fmt: skip
_MAIL = attrgetter(*MAIL)
_AT = 2 + MAIL.index("at")  # in what is found of a row


def store_mails(test_id: int, records: Iterable[MailRecord]) -> Stored:
    """The last reading stands. `day` is that of the row; which run it belongs to is worked out when all are there
    (`clients.derived`), and stays as long as the row's time does."""
    batch = bulk.latest(records, lambda record: record.external_id)
    found = bulk.found(TestMail, ("test_id", test_id), "external_id", list(batch), ("external_id", "id", "day", *MAIL))
    kept = {row[0]: row[1:] for row in found}
    fresh, changed = [], []
    for external_id, record in batch.items():
        was = kept.get(external_id)
        if was is None:
            fresh.append((test_id, external_id, record.at.date(), *_MAIL(record)))
        elif _said(was[2:]) != (new := _MAIL(record)):
            changed.append((was[0], was[1] if was[_AT] == record.at else record.at.date(), *new))
    bulk.insert(TestMail, ("test_id", "external_id", "day", *MAIL), fresh)
    bulk.update(TestMail, ("id", "day", *MAIL), changed)
    return Stored(len(batch), len(fresh), len(changed))


def _said(was: Sequence[Any]) -> tuple[Any, ...]:
    """As kept; PostgreSQL's driver gives JSON as text."""
    *rest, headers = was
    return (*rest, json.loads(headers) if isinstance(headers, str) else headers)


REPORT = ("at", "day", "domain", "ip", "domain_blacklists", "ip_blacklists", "spam_score", "details")


def store_reports(test_id: int, records: Iterable[ReportRecord]) -> Stored:
    batch = bulk.latest(records, lambda record: record.external_id)
    kept = {row.external_id: row for row in TestReport.objects.filter(test=test_id, external_id__in=list(batch))}
    fresh, changed = [], []
    for external_id, record in batch.items():
        said = {name: getattr(record, name) for name in REPORT if name != "day"} | {
            "day": record.at.date() if record.at else None
        }
        report = kept.get(external_id)
        if report is None:
            fresh.append(TestReport(test_id=test_id, external_id=external_id, **said))
        elif any(getattr(report, name) != value for name, value in said.items()):
            for name, value in said.items():
                setattr(report, name, value)
            changed.append(report)
    TestReport.objects.bulk_create(fresh)
    TestReport.objects.bulk_update(changed, REPORT)
    return Stored(len(batch), len(fresh), len(changed))
