"""Placement tests as a sync would have stored them: mails from a few letters, broadcasts worked out by the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from agency.models import Agency
from clients import derived
from clients.models import Client, Connection, Feed, PlacementTest, TestMail, TestReport, TestSender
from clients.scoping import Resolver
from clients.vendors import VENDORS
from tests.cast import connect
from tests.factories import days_ago

_numbers = count(1)

#: A vendor that tests placement.
VENDOR = next(slug for slug, vendor in VENDORS.items() if "tests" in vendor.feeds)
LABEL = VENDORS[VENDOR].label

#: Sender → mailbox provider → a letter for each seed there: P primary, C a category, S spam, M missing, U undecided, F like P
#: with failed authentication. A sender without any is silent.
type Landed = Mapping[str, Mapping[str, str]]

HEADERS = {"received_spf": "fail (domain of <news@acme.example> does not designate 203.0.113.9)", "dkim_signature": "none"}


def account(
    agency: Agency, client: Client | None = None, *, key: str = "t" * 12, label: str = "Tests", read: bool = True
) -> Connection:
    connection = connect(agency, key=key, label=label, client=client, vendor=VENDOR)
    if read:
        now = datetime.now(UTC)
        Feed.objects.filter(connection=connection).update(last_ok_at=now, next_at=now + timedelta(hours=1))
    return connection


def placement_test(
    connection: Connection, landed: Landed, *, on: date | None = None, foreign: Landed | None = None, **fields: Any
) -> PlacementTest:
    """Made on the day `on`, with these mails; all in and settled unless `fields` say otherwise."""
    made = datetime.combine(on or days_ago(3), time(6), UTC)
    seeds = max((sum(map(len, at.values())) for at in landed.values()), default=0)
    settled, resolver = fields.pop("settled", True), Resolver(connection)
    seeds = fields.pop("seeds", seeds)
    test = PlacementTest.objects.create(
        connection=connection,
        external_id=f"test-{next(_numbers)}",
        senders=list(landed),
        seeds=seeds,
        expected=seeds * len(landed),
        created_at=made,
        stirred_at=made,
        **{"name": "Weekly", "subject": "A question", "kind": "once", "status": "completed", **fields},
    )
    for email in landed:
        domain = email.partition("@")[2]
        owner = resolver.broadcast_owner(email, email, domain).client_id
        TestSender.objects.create(test=test, email=email, sender_ref=email, domain=domain, client_id=owner)
    run(test, {**landed, **(foreign or {})}, on=made.date(), settled=settled)
    return test


def run(test: PlacementTest, landed: Landed, *, on: date, settled: bool = True) -> None:
    """More mails of the test, of the day `on`."""
    TestMail.objects.bulk_create(_mails(test, landed, on))
    with transaction.atomic():
        derived.end(test.connection, test, 1, Resolver(test.connection), changed=not settled)
    if test.settled != settled:
        test.settled = settled
        test.save(update_fields=["settled"])


def report(test: PlacementTest, domain: str, *, score: float | None = 1.2, **fields: Any) -> TestReport:
    """`rules` and `lists` go into its details."""
    details = {"rules": fields.pop("rules", []), "lists": fields.pop("lists", []), "is_spam": None}
    return TestReport.objects.create(
        test=test,
        external_id=f"report-{next(_numbers)}",
        domain=domain,
        ip=fields.pop("ip", "203.0.113.9"),
        spam_score=score,
        details=details,
        at=test.created_at,
        day=fields.pop("day", test.created_at.date()),
        **fields,
    )


def _mails(test: PlacementTest, landed: Landed, on: date) -> Iterator[TestMail]:
    at = datetime.combine(on, time(6), UTC)
    for sender, placed in landed.items():
        for provider, letters in placed.items():
            for number, letter in enumerate(letters):
                known = {
                    "sender_email": sender,
                    "recipient_email": f"seed{number}@{provider}.seeds.example",
                    "mailbox_provider": provider,
                    "provider_raw": provider.capitalize(),
                    "region": "Germany" if provider in ("web_de", "outlook") else "United States",
                }
                yield TestMail(test=test, external_id=f"mail-{next(_numbers)}", record="sent", at=at, day=on, **known)
                if letter != "M":
                    later = at + timedelta(minutes=30)
                    verdict = _verdict(letter)
                    yield TestMail(
                        test=test, external_id=f"mail-{next(_numbers)}", record="received", at=later, day=on, **known, **verdict
                    )


def _verdict(letter: str) -> dict[str, Any]:
    if letter == "U":
        return {}
    good = letter != "F"
    return {
        "is_spam": letter == "S",
        "has_category": letter == "C",
        "spf": good,
        "dkim": good,
        "dmarc": True,
        "headers": None if good else HEADERS,
    }
