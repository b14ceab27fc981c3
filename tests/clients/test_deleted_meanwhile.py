"""Broadcasts have no constraint on their client or connection: their day's roll-up has, and fails for both."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from clients import rollups, scoping, storing
from clients.models import Broadcast, Client, Connection, PlacementDay
from clients.vendors.records import BroadcastRecord
from tests.cast import connect, make_cast

BROADCAST = BroadcastRecord(
    external_id="b1", subject="Hello", from_email="a@a.example", domain="a.example", sender_ref="", day=date(2026, 9, 1),
    received=10, primary=9, promotions=0, spam=1, missing=None,
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", [Client, Connection])
def test_what_is_stored_for_somebody_deleted_meanwhile_fails_as_a_whole(gone: type[Client | Connection]) -> None:
    cast = make_cast()
    connection = connect(cast.north, key="a key of some length", label="North", client=cast.acme)
    resolver = scoping.Resolver(connection)
    pk = {Client: cast.acme.pk, Connection: connection.pk}[gone]
    gone.objects.get(pk=pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        storing.store_broadcasts(connection, [BROADCAST], 1, resolver)
    assert not Broadcast.objects.exists()
    assert not PlacementDay.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["row", "rows", "agency"])
def test_what_a_deleted_client_had_is_nobodys_and_the_sums_say_so(by: str) -> None:
    cast = make_cast()
    connection = connect(cast.north, key="a key of some length", label="North", client=cast.acme)
    storing.store_broadcasts(connection, [BROADCAST], 1, scoping.Resolver(connection))
    if by == "agency":
        cast.north.delete()
        assert not PlacementDay.objects.exists()
        return
    (cast.acme if by == "row" else Client.objects.filter(pk=cast.acme.pk)).delete()
    assert Broadcast.objects.get().client is None
    assert list(PlacementDay.objects.values_list("client", "received")) == [(None, 10)]
    assert rollups.check(connection) == 0
