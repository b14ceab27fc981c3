"""The sums of clients' outreach that pages read equal the days of their senders, whatever is stored, gone or moved."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agency.models import Agency
from clients import outreach, outreach_days, rollups, scoping
from clients.models import ActivityDay, Client, Connection, Grain, OutreachDay
from clients.vendors.records import ActivityRecord
from tests.cast import Cast
from tests.placing import account
from tests.reaching import campaign, sender, sender_day, sent

DAY = date(2026, 9, 1)
EMAILS = ("ann@a.example", "bob@a.example", "cat@b.example")
_numbers = itertools.count()

_COUNT = st.one_of(st.none(), st.integers(0, 9))
ROW = st.tuples(st.sampled_from(EMAILS), st.integers(0, 2), _COUNT, _COUNT)  # who, day, replied, bounced
WHICH = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("store"), WHICH, st.lists(ROW, max_size=4)),
    st.tuples(st.just("scope"), WHICH, st.tuples(st.sampled_from(["all", "a.example", "b.example"]), st.integers(0, 2))),
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=8))
def test_sums_kept_are_sums_rebuilt_after_any_sequence(steps: list[Any]) -> None:
    agency = Agency.objects.create(name="Any", slug=f"reached-{next(_numbers)}")
    clients = [Client.objects.create(agency=agency, name=name, slug=name) for name in ("one", "two")]
    pair = [account(agency, clients[0], key=f"a key of some length {n}", label=f"n{n}") for n in range(2)]
    for step, which, what in steps:
        _DOES[step](pair[which], what, clients)
    kept = _rows(pair)
    assert kept == _said_once_more(pair)
    for connection in pair:
        assert rollups.check(connection) == 0
        rollups.rebuild(connection)
    assert _rows(pair) == kept


def _store(connection: Connection, rows: list[Any], clients: list[Client]) -> None:
    """All that the vendor says of those three days: what it said before and says no more is gone."""
    records = [
        ActivityRecord(ref=email, day=DAY + timedelta(days=at), sent=10, replied=replied, bounced=bounced)
        for email, at, replied, bounced in rows
    ]
    with transaction.atomic():
        resolver = scoping.Resolver(connection)
        outreach.store_sender_days(connection, records, EMAILS, DAY, DAY + timedelta(days=2), resolver)


def _scope(connection: Connection, scope: tuple[str, int], clients: list[Client]) -> None:
    value, which = scope
    kind, value = ("all", "") if value == "all" else ("domain", value)
    connection.scopes.filter(kind=kind, value=value).delete()
    if which < 2:
        connection.scopes.create(client=clients[which], kind=kind, value=value)
    scoping.reassign(connection)


_DOES = {"store": _store, "scope": _scope}


def _rows(pair: list[Connection]) -> list[Any]:
    names = ("connection_id", "client_id", "day", "sent", "replied", "replied_of", "bounced", "bounced_of")
    return sorted(OutreachDay.objects.filter(connection__in=pair).values_list(*names), key=str)


def _said_once_more(pair: list[Connection]) -> list[Any]:
    """Without the code that sums."""
    groups: dict[Any, list[ActivityDay]] = {}
    for row in ActivityDay.objects.filter(connection__in=pair, gone_at=None, client__isnull=False):
        groups.setdefault((row.connection_id, row.client_id, row.day), []).append(row)
    sums = []
    for key, rows in groups.items():
        told = {name: [row for row in rows if getattr(row, name) is not None] for name in ("replied", "bounced")}
        parts = [
            part
            for name, some in told.items()
            for part in ((sum(getattr(row, name) for row in some), 10 * len(some)) if some else (None, None))
        ]
        sums.append((*key, 10 * len(rows), *parts))
    return sorted(sums, key=str)


def test_days_of_campaigns_and_of_nobody_count_for_no_client(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    sent(campaign(connection), 1, 500)
    sender_day(sender(connection, "who@elsewhere.example", client_id=None), 1, 7)
    sender_day(sender(connection), 1, 50, bounced=1)
    rollups.rebuild(connection)
    assert list(OutreachDay.objects.values_list("client", "sent", "bounced", "bounced_of", "replied", "replied_of")) == [
        (cast.acme.pk, 50, 1, 50, None, None)
    ]


def test_a_sum_that_is_off_is_found_and_mended_by_the_command(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    sender_day(sender(connection), 1, 50)
    assert outreach_days.check(connection.pk) == rollups.check(connection) == 1
    call_command("rebuildrollups")
    assert OutreachDay.objects.get().sent == 50
    assert rollups.check(connection) == 0
    ActivityDay.objects.filter(grain=Grain.SENDER).delete()
    assert rollups.check(connection) == 1


def test_a_deleted_client_s_sums_go_with_it(cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    sender_day(sender(connection), 1, 50)
    rollups.rebuild(connection)
    cast.acme.delete()
    assert rollups.check(connection) == 0
    assert not OutreachDay.objects.exists()
