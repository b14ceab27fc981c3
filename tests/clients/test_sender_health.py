"""How a sender stands, in one word, by what was noted of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import sender_health
from clients.models import Broadcast, Connection, Sender
from reports import stats
from tests import reaching
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail
from tests.reaching import account, sender, sender_day

ANN = "ann@acme.example"
LONG_AGO = timezone.now() - timedelta(days=60)


def note(connection: Connection) -> None:
    for step in sender_health.noting(connection):
        step()


def words(connection: Connection) -> dict[str, str]:
    rows = sender_health.annotated(Sender.objects.filter(connection=connection))
    return dict(rows.values_list("email", "health"))


def word(connection: Connection) -> str:
    note(connection)
    return words(connection)[ANN]


@pytest.mark.parametrize(
    ("landed", "on", "said"),
    [
        ((15, 1, 4), 1, "healthy"),
        ((14, 1, 5), 1, "problem"),
        ((16, 0, 3), 1, "few mails"),
        ((20, 0, 0), 13, "healthy"),
        ((20, 0, 0), 15, "idle"),
        ((0, 0, 20), 15, "idle"),
    ],
)
def test_by_its_mail_at_seeds(cast: Cast, landed: tuple[int, int, int], on: int, said: str) -> None:
    one = sender(account(cast.north, cast.acme), ANN, first_seen=LONG_AGO, raw={"warmup_status": "off"})
    mail(one.connection, cast.acme, days_ago(on), {"gmail": landed}, sender_ref=ANN)
    assert word(one.connection) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "warming"),
        ({"raw": {"warmup_status": "paused"}}, "idle"),
        ({"raw": {"warmup_status": None}}, "idle"),
        ({"raw": {"warmup_status": "off"}, "first_seen": timezone.now()}, "not known"),
        ({"status": "paused"}, "not known"),
        ({"status": "soft bounce error"}, "problem"),
        ({"status": "disconnected"}, "problem"),
        ({"gone_at": timezone.now()}, ""),
    ],
)
def test_without_any_mail(cast: Cast, fields: Any, said: str) -> None:
    one = sender(account(cast.north, cast.acme), ANN, **{"first_seen": LONG_AGO, **fields})
    assert word(one.connection) == said


def test_who_writes_for_campaigns_is_not_idle_and_no_seed_says_how_its_mail_lands(cast: Cast) -> None:
    one = sender(account(cast.north, cast.acme), ANN, first_seen=LONG_AGO)
    sender_day(one, 9, 30)
    sender_day(one, 3, 0)
    assert word(one.connection) == "not known"
    one.refresh_from_db()
    assert one.last_activity_at.date() == days_ago(9)


def test_mail_that_no_seed_found_is_a_problem(cast: Cast) -> None:
    one = sender(account(cast.north, cast.acme), ANN, first_seen=LONG_AGO)
    mail(one.connection, cast.acme, days_ago(2), {"gmail": (0, 0, 0)}, sender_ref=ANN, missing=9)
    assert word(one.connection) == "problem"


def test_mail_of_a_vendor_that_names_no_sender_is_found_by_its_address(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12)
    SenderFactory(connection=connection, email=ANN, external_id="1", status="active")
    SenderFactory(connection=connection, email="bob@acme.example", external_id="2", status="active")
    mail(connection, cast.acme, days_ago(1), {"gmail": (30, 0, 0)}, from_email="Ann@acme.example")
    note(connection)
    assert words(connection) == {ANN: "healthy", "bob@acme.example": "not known"}


def test_what_was_noted_goes_with_the_mail(cast: Cast) -> None:
    one = sender(account(cast.north, cast.acme), ANN, first_seen=LONG_AGO)
    mail(one.connection, cast.acme, days_ago(2), {"gmail": (30, 0, 0)}, sender_ref=ANN)
    assert word(one.connection) == "healthy"
    Broadcast.objects.update(gone_at=timezone.now())
    assert word(one.connection) == "not known"


def test_a_step_costs_as_many_queries_for_many_senders_as_for_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_health, "BATCH", 10)
    one = account(cast.north, cast.acme)
    for n in range(25):
        mail(one, cast.acme, days_ago(1), {"gmail": (1, 0, 0)}, sender_ref=reaching.sender(one, f"s{n}@acme.example").external_id)
    counts = []
    for step in sender_health.noting(one):
        with CaptureQueriesContext(database) as queries:
            step()
        counts.append(len([query for query in queries if query["sql"].startswith("SELECT")]))
    assert counts == [2, 2, 2]
    assert set(words(one).values()) == {"few mails"}


def test_the_bars_are_those_of_every_rate_and_the_words_are_written_down() -> None:
    assert (sender_health.FEW, sender_health.BAR) == (stats.FEW, stats.GOOD * 100)
    told = Path("docs/csv.md").read_text()
    assert all(f"- `{said}`: {meaning}.\n" in told for said, meaning in sender_health.MEANINGS.items())
