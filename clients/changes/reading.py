"""What the vendor says now of one connection's senders, brought home as it comes: plans and results rest on nothing older."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from clients import storing
from clients.models import Connection, Sender
from clients.scoping import Resolver
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.records import Page, SenderRecord
from clients.walking import Walk

#: Rows that one page of a list is taken to bring, when it is worked out which way costs fewer calls.
PAGE = 100

type Beat = Callable[[], None]


@dataclass
class Reading:
    """By the vendor's ids. `whole`: nothing else is on the account."""

    records: dict[str, SenderRecord] = field(default_factory=dict)
    whole: bool = False


def read(connection: Connection, vendor: Vendor, wanted: Collection[str], beat: Beat, *, whole: bool = False) -> Reading:
    """At least the wanted senders, those that are gone missing from it; by the whole list, or one by one where that takes
    fewer calls. What is read is kept in our rows. Raises `VendorError`."""
    if whole or len(wanted) >= _pages(connection):
        found = _list(vendor, beat)
        _one_by_one(vendor, [one for one in wanted if one not in found.records][:PAGE], found, beat)
    else:
        found = Reading()
        _one_by_one(vendor, wanted, found, beat)
    keep(connection, found.records.values())
    return found


def selected(vendor: Vendor, kind: str, value: str, beat: Beat) -> set[str] | None:
    """The ids of what one call to this domain or tag would touch, by the vendor's own word; None where it won't say."""
    try:
        pages = [page for batch in Walk(partial(vendor.selected, kind, value), None, beat).batches() for page in batch]
    except Rejected:
        return None
    if any(page.set_aside for page in pages):
        return None
    return {record.external_id for page in pages for record in page.records}


def keep(connection: Connection, records: Iterable[SenderRecord]) -> None:
    """Into our rows. Which pass of a sync has seen a row stays as it is: that pass may still be under way."""
    records = list(records)
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        known = Sender.objects.filter(connection=locked, external_id__among=[record.external_id for record in records])
        passes = dict(known.values_list("external_id", "seen_run"))
        groups: dict[int, list[SenderRecord]] = defaultdict(list)
        for record in records:
            groups[passes.get(record.external_id, 0)].append(record)
        resolver = Resolver(locked)
        for pass_id, group in groups.items():
            storing.store_senders(locked, group, pass_id, resolver)


def _list(vendor: Vendor, beat: Beat) -> Reading:
    found, whole = Reading(), True
    for which in vendor.sender_passes:
        for batch in Walk(partial(_page, vendor, which), None, beat).batches():
            for page in batch:
                found.records |= {record.external_id: record for record in page.records}
                whole = whole and not page.set_aside
    found.whole = whole
    return found


def _page(vendor: Vendor, which: str, cursor: str | None) -> Page[SenderRecord]:
    return vendor.senders(cursor, which)


def _one_by_one(vendor: Vendor, wanted: Iterable[str], found: Reading, beat: Beat) -> None:
    for external_id in wanted:
        beat()
        try:
            found.records[external_id] = vendor.sender(external_id)
        except Rejected as refusal:
            if refusal.status != 404:
                raise


def _pages(connection: Connection) -> int:
    """What the whole list takes, by what we know of it."""
    known = Sender.objects.filter(connection=connection, gone_at=None).count()
    return len(connection.vendor_class.sender_passes) + math.floor(known / PAGE)
