"""Instantly's campaigns, and what became of their mail. Reference: 'Campaign', 'Account', 'Custom tag' and 'Custom tag mapping'
of https://developer.instantly.ai/api-reference"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import batched
from typing import Any

from msgspec import structs

from clients.vendors import instantly_outreach_wire as wire
from clients.vendors.bodies import Listing, loads
from clients.vendors.errors import PlanLacks, Rejected, UnexpectedAnswer
from clients.vendors.instantly_lists import LABEL, Lists, page, read
from clients.vendors.instantly_wire import PATHS
from clients.vendors.records import ActivityRecord, CampaignRecord, Page, TotalsRecord, WarmupRecord
from clients.vendors.rows import readable

TOO_MUCH = (413, 414)  # the answer, or the question


class Outreach(Lists):
    """The part of Instantly that writes to strangers."""

    #: 200 are allowed, and 100 of warmup. The address of a question that names 100 stays below 8 kB.
    activity_senders = 100

    def campaigns(self, cursor: str | None) -> Page[CampaignRecord]:
        """Reference: 'List campaign'. Without the scopes for tags it comes without them."""
        listing = self._list("campaigns", self._plain, cursor, {})
        found, aside = readable(listing.loose, wire.campaign, "campaign")
        notes: tuple[str, ...] = ()
        try:
            found = self._tagged(found)
        except PlanLacks as refusal:
            found, notes = [structs.replace(one, sender_tags=None) for one in found], (f"Without tags: {refusal}",)
        return structs.replace(page(found, listing, aside), notes=notes)

    def campaign_totals(self) -> Page[TotalsRecord]:
        """Reference: 'Get campaigns analytics'. Never paged."""
        listing = self._array("campaign_totals", {wire.NO_LEADS: "true"})
        return page(*read(listing, wire.totals, "campaign"))

    def campaign_days(self, external_id: str, first: date, last: date) -> Page[ActivityRecord]:
        """Reference: 'Get daily campaign analytics'. It counts no bounces."""
        listing = self._array("campaign_days", {wire.CAMPAIGN: external_id, **wire.span(first, last)})
        return _days(*readable(listing.loose, wire.campaign_day, "day"))

    def sender_days(self, emails: Sequence[str], first: date, last: date) -> Page[ActivityRecord]:
        """Reference: 'Get daily account analytics'. What is too much at once is asked for in halves."""
        try:
            listing = self._array("sender_days", {wire.EMAILS: list(emails), **wire.span(first, last)})
        except Rejected as refusal:
            if refusal.status not in TOO_MUCH or (len(emails) == 1 and first == last):
                raise
            return _joined(self.sender_days(*half) for half in _halves(emails, first, last))
        return _days(*readable(listing.loose, wire.sender_day, "day"))

    def warmup_days(self, emails: Sequence[str]) -> Page[WarmupRecord]:
        """Reference: 'Get warmup analytics'. Mailboxes that it knows nothing of are not in the answer."""
        ask = {wire.EMAILS: list(emails)}
        found = self._allowed("warmup", lambda: self.http.look(PATHS["warmup"], ask, decode=_warmup, headers=self._as))
        return Page(tuple(wire.warmup(found)), None)

    def _tagged(self, found: Sequence[CampaignRecord]) -> list[CampaignRecord]:
        """Names in place of ids. One that is no longer there is left out."""
        carried: dict[str, list[str]] = {one.external_id: [] for one in found}
        if carried:
            for tag, carrier in self._all("tag_mappings", {wire.IDS: ",".join(carried)}, wire.mapping):
                if carrier in carried:
                    carried[carrier].append(tag)
        wanted = sorted({tag for one in found for tag in (*carried[one.external_id], *(one.sender_tags or ()))})
        names: dict[str, str] = {}
        for some in batched(wanted, 100):
            names |= dict(self._all("tags", {wire.TAG_IDS: ",".join(some)}, wire.tag))
        return [
            structs.replace(one, tags=_names(carried[one.external_id], names), sender_tags=_names(one.sender_tags or (), names))
            for one in found
        ]

    def _all[R](self, resource: str, params: dict[str, str], row: Callable[[dict[str, Any]], R]) -> Iterable[R]:
        """Every page of a short list."""
        cursor, seen = None, set[str]()
        while True:
            listing = self._list(resource, self._plain, cursor, params)
            yield from readable(listing.loose, row, resource)[0]
            cursor = listing.cursor
            if cursor is None:
                return
            if cursor in seen:
                raise UnexpectedAnswer(f"{LABEL}'s list goes in a circle: a cursor came back.", "next_starting_after")
            seen.add(cursor)

    def _array(self, resource: str, params: dict[str, Any]) -> Listing[Any]:
        path = PATHS[resource]
        return self._allowed(resource, lambda: self.http.get(path, params, decode=self._plain, headers=self._as))


def _halves(emails: Sequence[str], first: date, last: date) -> list[tuple[Sequence[str], date, date]]:
    """Of the mailboxes; of the days where there is but one mailbox."""
    if len(emails) > 1:
        half = len(emails) // 2
        return [(emails[:half], first, last), (emails[half:], first, last)]
    middle = first + (last - first) // 2
    return [(emails, first, middle), (emails, middle + timedelta(days=1), last)]


def _days(records: list[ActivityRecord], aside: list[str]) -> Page[ActivityRecord]:
    return Page(tuple({(record.ref, record.day): record for record in records}.values()), None, tuple(aside))


def _joined(pages: Iterable[Page[ActivityRecord]]) -> Page[ActivityRecord]:
    found = list(pages)
    return _days([record for one in found for record in one.records], [text for one in found for text in one.set_aside])


def _names(tags: Iterable[str], names: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted({names[tag] for tag in tags if tag in names}))


def _warmup(body: bytes) -> Any:
    content = loads(body, LABEL)
    if not isinstance(content, dict) or not isinstance(content.get(wire.WARMUP_DAYS, {}), dict):
        raise UnexpectedAnswer(f"{LABEL} sent something else than figures of warmup.", wire.WARMUP_DAYS)
    return content.get(wire.WARMUP_DAYS)
