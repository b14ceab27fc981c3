"""InboxAlly's shuffles. Reference: 'Seeds' of https://docs.inboxally.com/integrations/inboxally-api-overview-and-getting-started"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import msgspec

from clients.vendors import inboxally_wire as wire
from clients.vendors.base import Vendor
from clients.vendors.bodies import Envelope, ListDecoder, loads
from clients.vendors.errors import Rejected, StaleCursor, UnexpectedAnswer
from clients.vendors.inboxally_wire import CURSOR, FILTERS, LIMIT, PATHS
from clients.vendors.records import Page
from clients.vendors.rows import MOST, BadField, Row, readable
from clients.vendors.shuffles import BY_PROVIDER, COMPLETED, CUSTOM, FAILED, IN_PLACE, PENDING, Cooldown, Order, ShuffleRecord

LABEL = "InboxAlly"


class Shuffling(Vendor):
    """The part of InboxAlly that swaps seeds."""

    shuffle_methods = (IN_PLACE, BY_PROVIDER, CUSTOM)
    _shuffles: ClassVar[ListDecoder[msgspec.Struct]] = ListDecoder(Envelope(("shuffles", *wire.ROWS), wire.NEXT), None, LABEL)

    def cooldown(self) -> Cooldown:
        return self.http.get(PATHS["shuffle_status"], decode=_cooldown)

    def last_shuffle(self) -> ShuffleRecord | None:
        """What an account without any shuffle answers is not said: 404, null and {} are taken for 'none'."""
        try:
            return self.http.get(PATHS["shuffle_last"], decode=_last)
        except Rejected as refusal:
            if refusal.status == 404:
                return None
            raise

    def shuffles(self, cursor: str | None) -> Page[ShuffleRecord]:
        try:
            listing = self.http.get(
                PATHS["shuffle_history"], {LIMIT: 100, **({CURSOR: cursor} if cursor else {})}, decode=self._shuffles
            )
        except Rejected as refusal:
            if cursor and refusal.status in (400, 422):
                raise StaleCursor(f"{LABEL} no longer takes the place in the list where we stopped.") from None
            raise
        records, aside = readable(listing.loose, _record, "shuffle")
        return Page(tuple(records), listing.cursor, tuple(aside))

    def shuffle(self, order: Order) -> ShuffleRecord:
        answer = self.http.send("POST", PATHS["shuffle"], _body(order))
        found = _last(answer)
        if found is None:
            raise UnexpectedAnswer(f"{LABEL} took the shuffle and said nothing of it.", "shuffle")
        return found


def _body(order: Order) -> dict[str, Any]:
    told: dict[str, Any] = {wire.SHUFFLE["method"][0]: order.method}
    if order.method == IN_PLACE:
        return told | {wire.SHUFFLE["percentage"][0]: order.percentage}
    shares = {FILTERS[provider]: share for provider, share in order.shares.items()}
    return told | {wire.SHUFFLE["percentages" if order.method == BY_PROVIDER else "mix"][0]: shares}


def _cooldown(body: bytes) -> Cooldown:
    content = loads(body, LABEL)
    row = Row(content if isinstance(content, dict) else {}, wire.COOLDOWN)
    allowed = row.raw("allowed")
    if not isinstance(allowed, bool):
        raise UnexpectedAnswer(f"{LABEL} does not say whether a shuffle is allowed.", wire.COOLDOWN["allowed"][0])
    last = row.time("last_at")
    following = row.time("next_allowed_at")
    if following is None and last is not None:
        following = last + timedelta(days=row.number("days", 400) or wire.COOLDOWN_DAYS)
    return Cooldown(allowed, last, following)


def _last(body: bytes) -> ShuffleRecord | None:
    content = loads(body, LABEL)
    for name in wire.ONE_SHUFFLE:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if not content:
        return None
    try:
        return _record(content)
    except (BadField, AttributeError):
        raise UnexpectedAnswer(f"{LABEL} tells of a shuffle that can't be read.", "shuffle") from None


def _record(content: dict[str, Any]) -> ShuffleRecord:
    row = Row(content, wire.SHUFFLE)
    method, at = row.text("method", 40).lower(), row.time("at")
    following = row.time("next_allowed_at")
    return ShuffleRecord(
        external_id=row.key("id"),
        method=method,
        state=_state(row.text("status", 40).lower()),
        at=at,
        percentage=row.number("percentage", 100),
        shares=_shares(row.raw("mix" if method == CUSTOM else "percentages")),
        replaced=row.number("replaced", MOST),
        next_allowed_at=following,
    )


def _state(word: str) -> str:
    """Told of without a word it has happened; a word that nobody knows is no end, and is asked again."""
    return word if word in (COMPLETED, FAILED) else PENDING if word else COMPLETED


def _shares(found: Any) -> dict[str, int]:
    if not isinstance(found, dict):
        return {}
    sums: dict[str, int] = {}
    for name, share in found.items():
        if isinstance(share, int) and not isinstance(share, bool) and 0 <= share <= 100:
            provider = wire.mailbox_provider(name)
            sums[provider] = sums.get(provider, 0) + share
    return sums
