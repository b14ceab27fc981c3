"""How imail's lists are asked for. Reference: https://imail.now/api-docs, 'Pagination' and 'Errors'."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import msgspec

from clients.vendors import imail_wire as wire
from clients.vendors.base import Vendor
from clients.vendors.bodies import Envelope, ListDecoder, Listing
from clients.vendors.errors import AccessDenied, PlanLacks, Rejected, StaleCursor, UnexpectedAnswer, VendorError
from clients.vendors.imail_wire import CURSOR, LIMIT, PATHS, PINNED
from clients.vendors.rows import readable

LABEL = "imail"
_ENVELOPE = Envelope((wire.ROWS,), (wire.NEXT,), inside=wire.PAGES, more=wire.MORE)


class Lists(Vendor):
    label = LABEL

    _plain: ListDecoder[msgspec.Struct] = ListDecoder(_ENVELOPE, None, LABEL)

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """Of all inboxes, by their ids: campaigns and figures name them by these."""
        found: dict[str, str] = {}
        for listing in self._all("inboxes", {}):
            found |= dict(readable(listing.loose, wire.inbox, "inbox")[0])
        return found

    def _all(self, resource: str, params: dict[str, str]) -> Iterable[Listing[Any]]:
        """Every page of a list that is not worth a pass of its own."""
        cursor, seen = None, set[str]()
        while True:
            listing = self._list(resource, cursor, params)
            yield listing
            cursor = listing.cursor
            if cursor is None:
                return
            if cursor in seen or not listing.loose:
                raise UnexpectedAnswer(f"{self.label}'s list leads nowhere.", wire.NEXT)
            seen.add(cursor)

    def _list(self, resource: str, cursor: str | None, params: dict[str, str], most: int = wire.MOST_ROWS) -> Listing[Any]:
        asked: dict[str, Any] = {**params, LIMIT: most, **({CURSOR: cursor} if cursor else {})}
        try:
            return self.http.get(PATHS[resource], asked, decode=self._plain, headers=PINNED)
        except AccessDenied as refusal:
            problem = self.explained(refusal)
        except Rejected as refusal:
            stale = bool(cursor) and refusal.status == 400
            problem = StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") if stale else refusal
        raise problem from None

    @staticmethod
    def explained(refusal: AccessDenied) -> VendorError:
        """A 403 is about the tier, where it says so."""
        if refusal.code != wire.TIER:
            return refusal
        return PlanLacks(f"The {LABEL} tier does not include this ({refusal.said}).")
