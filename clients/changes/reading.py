"""What the vendor says now of one connection's senders or campaigns, brought home as it comes: plans and results rest on nothing
older. Of a key that acts for several workspaces each is read, and changed, by itself."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from msgspec import structs

from clients import storing
from clients.calling import open_vendor
from clients.changes import payloads
from clients.models import Campaign, Connection, Sender, sender_ref
from clients.scoping import Resolver
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.records import Page, SenderRecord
from clients.walking import Walk

#: Rows that one page of a list is taken to bring, when it is worked out which way costs fewer calls.
PAGE = 100

type Beat = Callable[[], None]


@dataclass(frozen=True)
class Part:
    """What is read and changed together: one workspace of a connection ('' for the key's own), its senders or its campaigns."""

    connection: Connection
    workspace: str = ""
    campaigns: bool = False

    def open(self) -> Vendor:
        """To be used in a `with`. Raises `VendorError` and `agency.secrets.Unreadable`."""
        return open_vendor(self.connection).acting_for(self.workspace)

    def own(self, key: str) -> str:
        """The vendor's id for ours, which tells the workspace too."""
        return key.removeprefix(f"{self.workspace}:") if self.workspace else key

    def ours(self, record: SenderRecord) -> SenderRecord:
        if not self.workspace:
            return record
        return structs.replace(record, external_id=sender_ref(self.workspace, record.external_id))


@dataclass
class Reading:
    """By our external ids. `whole`: no other sender is on the account."""

    records: dict[str, SenderRecord] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)  # their statuses
    whole: bool = False

    def state(self, key: str) -> dict[str, Any] | None:
        """As of `payloads`; None for what is gone."""
        if key in self.campaigns:
            return {payloads.STATUS: self.campaigns[key]}
        record = self.records.get(key)
        return payloads.state_of(record) if record else None


def read(part: Part, vendor: Vendor, wanted: Collection[str], beat: Beat, *, whole: bool = False) -> Reading:
    """At least what is wanted, what is gone missing from it; by the whole list, or one by one where that takes fewer calls.
    What is read is kept in our rows. Raises `VendorError`."""
    if part.campaigns:
        return _campaigns(part, vendor, wanted, beat)
    if whole or len(wanted) >= _pages(part):
        found = _list(part, vendor, beat)
        _one_by_one(part, vendor, [one for one in wanted if one not in found.records][:PAGE], found, beat)
    else:
        found = Reading()
        _one_by_one(part, vendor, wanted, found, beat)
    keep(part.connection, found.records.values(), part.workspace)
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


def keep(connection: Connection, records: Iterable[SenderRecord], workspace: str = "") -> None:
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
            storing.store_senders(locked, group, pass_id, resolver, workspace)


def _list(part: Part, vendor: Vendor, beat: Beat) -> Reading:
    found, whole = Reading(), True
    for which in vendor.sender_passes:
        for batch in Walk(partial(_page, vendor, which), None, beat).batches():
            for page in batch:
                found.records |= {record.external_id: record for record in map(part.ours, page.records)}
                whole = whole and not page.set_aside
    found.whole = whole
    return found


def _page(vendor: Vendor, which: str, cursor: str | None) -> Page[SenderRecord]:
    return vendor.senders(cursor, which)


def _one_by_one(part: Part, vendor: Vendor, wanted: Iterable[str], found: Reading, beat: Beat) -> None:
    for key in wanted:
        beat()
        try:
            found.records[key] = part.ours(vendor.sender(part.own(key)))
        except Rejected as refusal:
            if refusal.status != 404:
                raise


def _campaigns(part: Part, vendor: Vendor, wanted: Iterable[str], beat: Beat) -> Reading:
    found = Reading()
    for key in wanted:
        beat()
        try:
            found.campaigns[key] = vendor.campaign_status(key)
        except Rejected as refusal:
            if refusal.status != 404:
                raise
    for status in set(found.campaigns.values()):
        keys = [key for key, known in found.campaigns.items() if known == status]
        rows = Campaign.objects.filter(connection=part.connection, external_id__among=keys)
        rows.exclude(status=status).update(status=status)
    return found


def _pages(part: Part) -> int:
    """What the whole list takes, by what we know of it."""
    known = Sender.objects.filter(connection=part.connection, workspace=part.workspace, gone_at=None).count()
    return len(part.connection.vendor_class.sender_passes) + math.floor(known / PAGE)
