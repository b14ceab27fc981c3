"""A test that was made or changed from here, into our row of it at once, without waiting for a sync."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clients import placement_tests
from clients.models import Connection, PlacementTest
from clients.scoping import Resolver
from clients.vendors.records import PlacementTestRecord


def keep(connection: Connection, record: PlacementTestRecord, workspace: str) -> PlacementTest:
    """Which pass of a sync has seen the row stays as it is: that pass may still be under way."""
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        rows = PlacementTest.objects.filter(connection=locked, external_id=record.external_id)
        seen = rows.values_list("seen_run", flat=True).first() or 0
        placement_tests.store_tests(locked, [record], seen, Resolver(locked), workspace)
        # Of one just made there is nothing to read yet, and that is known.
        rows.filter(seen_run=0, read_at=None).update(read_at=timezone.now())
        return rows.get()


def forget(test: PlacementTest) -> None:
    """The vendor has deleted it."""
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=test.connection_id)
        placement_tests.let_go(locked, PlacementTest.objects.filter(pk=test.pk, gone_at=None))
