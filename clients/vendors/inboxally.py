"""InboxAlly. Reference: https://docs.inboxally.com/integrations/inboxally-api-overview-and-getting-started

Names and words of its wire stand in `inboxally_wire`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from clients.vendors import inboxally_wire as wire
from clients.vendors.base import CredentialField
from clients.vendors.bodies import Envelope, ListDecoder, Listing, loads
from clients.vendors.errors import Rejected, StaleCursor, UnexpectedAnswer
from clients.vendors.inboxally_shuffles import Shuffling
from clients.vendors.inboxally_wire import CURSOR, FILTERS, LIMIT, PATHS, PROVIDER, SPLIT, STATUS, BroadcastRow, SeedRow
from clients.vendors.inboxally_writes import InboxAllyWrites
from clients.vendors.records import BroadcastRecord, Page, PlacementRecord, Record, SeedRecord, SenderRecord
from clients.vendors.rows import FIRST_DAY, LAST_DAY, readable


def _envelope(resource: str) -> Envelope:
    return Envelope((resource, *wire.ROWS), wire.NEXT)


class InboxAlly(InboxAllyWrites, Shuffling):
    slug = "inboxally"
    label = "InboxAlly"
    fields = (CredentialField("api_key", "API key", "In InboxAlly under My Account → API."),)
    key_field = "api_key"
    free_demo_key = "sandbox-tidal-0000000000000000000008"
    address = "https://api.inboxally.com"
    calls_a_second = 4.0
    feeds = ("seeds", "senders", "broadcasts")
    can = frozenset({"engagement", "shuffle"})
    sender_acts: ClassVar = {
        "preset": ("default", "warmup", "repair", "boost", "protect", "custom"),
        "status": ("active", "inactive"),
    }
    selects = frozenset({"domain", "tag"})
    split_providers = tuple(FILTERS)
    sender_passes = ("active", "inactive")
    #: Rows asked for at once: what the vendor is assumed to allow. A bench may ask its own server for more.
    page_size: ClassVar[int] = 100

    _seeds = ListDecoder(_envelope("seeds"), SeedRow, label)
    _senders: ListDecoder[msgspec.Struct] = ListDecoder(_envelope("senders"), None, label)
    _broadcasts = ListDecoder(_envelope("broadcasts"), BroadcastRow, label)

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"X-API-KEY": secrets["api_key"]}

    def check(self) -> None:
        """Reference: 'Authentication' and 'Make your first request'; any list will do."""
        self.http.get(PATHS["seeds"], {LIMIT: 1}, decode=self._seeds)

    def seeds(self, cursor: str | None) -> Page[SeedRecord]:
        """Reference: 'Seeds', filtered by status. Which seeds come without the filter is not said, so it is always sent."""
        listing = self._list("seeds", self._seeds, cursor, {STATUS: "all"})
        rows, aside = (listing.typed, []) if listing.typed is not None else readable(listing.loose, wire.seed_row, "seed")
        return _page(map(wire.seed, rows), listing, aside, key=lambda record: record.email)

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """Reference: 'Senders', filtered by status; both values are documented, whether 'all' is one is not."""
        listing = self._list("senders", self._senders, cursor, {STATUS: which} if which else {})
        records, aside = readable(listing.loose, wire.sender, "sender")
        return _page(records, listing, aside, key=lambda record: record.external_id)

    def broadcasts(self, cursor: str | None) -> Page[BroadcastRecord]:
        """Reference: 'Broadcasts': the recent ones. There is no date filter; newest first is assumed."""
        listing, rows, aside = self._broadcast_rows(cursor, {})
        records = map(wire.broadcast, rows)
        return _page(records, listing, aside, key=lambda record: record.external_id, notes=wire.oddities(rows))

    def placements(self, cursor: str | None, mailbox_provider: str) -> tuple[Page[PlacementRecord], date | None]:
        """Reference: 'Broadcasts', filtered by provider: assumed to keep the ids and to count that provider's mails only."""
        listing, rows, aside = self._broadcast_rows(cursor, {PROVIDER: FILTERS[mailbox_provider]})
        records = (wire.placement(row.external_id, mailbox_provider, row) for row in rows)
        page = _page(records, listing, aside, key=lambda record: record.external_id, notes=wire.oddities(rows))
        return page, max((row.day for row in rows), default=None)

    def detail(self, external_id: str) -> Sequence[PlacementRecord]:
        """Reference: 'Broadcasts', one by its id. That it carries the split is assumed.

        Raises `UnexpectedAnswer` where it carries one that can't be read whole: half a split would look like a drop.
        """
        path = PATHS["broadcast"].format(id=quote(external_id, safe=""))
        content = self.http.get(path, decode=_one)
        split = content.get(SPLIT)
        if split is None:
            return ()
        if not isinstance(split, list):
            raise UnexpectedAnswer(f"{self.label} sent a split that is no list.", SPLIT)
        rows, aside = readable(split, wire.split_row, "split")
        if aside:
            raise UnexpectedAnswer(f"{self.label} sent a split that can't be read: {aside[0]}.", SPLIT)
        return wire.folded(external_id, rows)

    def _broadcast_rows(
        self, cursor: str | None, params: dict[str, str]
    ) -> tuple[Listing[BroadcastRow], list[BroadcastRow], list[str]]:
        listing = self._list("broadcasts", self._broadcasts, cursor, params)
        if listing.typed is None:
            return listing, *readable(listing.loose, wire.broadcast_row, "broadcast")
        rows = [row for row in listing.typed if FIRST_DAY <= row.day <= LAST_DAY]
        wrong = [row for row in listing.typed if not FIRST_DAY <= row.day <= LAST_DAY] if len(rows) < len(listing.typed) else []
        return listing, rows, [f"broadcast {row.external_id[:60]}: 'date' is a date out of range" for row in wrong]

    def _list[R: msgspec.Struct](
        self, resource: str, decode: ListDecoder[R], cursor: str | None, params: dict[str, str]
    ) -> Listing[R]:
        asked: dict[str, Any] = {**params, LIMIT: self.page_size, **({CURSOR: cursor} if cursor else {})}
        try:
            return self.http.get(PATHS[resource], asked, decode=decode)
        except Rejected as refusal:
            if cursor and refusal.status in (400, 422):
                raise StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") from None
            if refusal.status == 404:
                raise Rejected(f"{self.label} offers no list of {resource} at {PATHS[resource]}.", 404) from None
            raise


def _page[R: Record](
    records: Iterable[R], listing: Listing[Any], aside: list[str], *, key: Callable[[R], str], notes: tuple[str, ...] = ()
) -> Page[R]:
    # A row can come twice in one page; the last one is the newest.
    unique = {key(record): record for record in records}
    return Page(tuple(unique.values()), listing.cursor, tuple(aside), notes)


def _one(body: bytes) -> dict[str, Any]:
    content = loads(body, InboxAlly.label)
    for name in wire.ONE:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{InboxAlly.label} sent something else than a broadcast.", "broadcast")
    return content
