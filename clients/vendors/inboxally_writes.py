"""What InboxAlly lets us change: sender profiles and their engagement rules. Each such call is sent once.

Reference: https://docs.inboxally.com/integrations/inboxally-api-overview-and-getting-started, 'Senders'; paths and bodies are
assumed (`inboxally_wire`). Answers to changes are not believed, so they are not read: who wants the truth reads the sender.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from clients.vendors import inboxally_wire as wire
from clients.vendors.base import Vendor
from clients.vendors.bodies import Envelope, ListDecoder, loads
from clients.vendors.errors import AccessDenied, PlanLacks, Rejected, UnexpectedAnswer
from clients.vendors.records import NewSender, Page, Rules, SenderRecord, What
from clients.vendors.rows import BadField, readable

DUPLICATE = 409


class InboxAllyWrites(Vendor):
    _listed: ListDecoder[msgspec.Struct] = ListDecoder(Envelope(("senders", *wire.ROWS), wire.NEXT), None, "InboxAlly")

    def sender(self, external_id: str) -> SenderRecord:
        return self.http.get(_one(external_id), decode=self._sender)

    def selected(self, kind: str, value: str, cursor: str | None) -> Page[SenderRecord]:
        """Active and inactive ones are taken to be listed together, without a status."""
        asked: dict[str, Any] = {wire.LIMIT: 100, **({wire.CURSOR: cursor} if cursor else {})}
        listing = self.http.get(_all(kind, value), asked, decode=self._listed)
        records, aside = readable(listing.loose, wire.sender, "sender")
        return Page(tuple({record.external_id: record for record in records}.values()), listing.cursor, tuple(aside))

    def edit(self, external_id: str, what: What) -> None:
        self._set(_one(external_id), what)

    def edit_all(self, kind: str, value: str, what: What) -> None:
        self._set(_all(kind, value), what)

    def create_sender(self, new: NewSender) -> SenderRecord:
        try:
            answer = self.http.send(wire.CREATE, wire.PATHS["senders"], wire.new_sender_body(new))
        except Rejected as refusal:
            named = wire.ours(refusal.fields)
            if refusal.status == DUPLICATE:
                named.setdefault("email", refusal.said)
            raise Rejected(refusal.text, refusal.status, named, refusal.said) from None
        except AccessDenied as refusal:
            # A plan that is full is refused like a bad key; who may read has a good one.
            self.check()
            raise PlanLacks(f"The {self.label} plan does not allow another sender profile ({refusal.said}).") from None
        return self._sender(answer)

    def describe(self, external_id: str, name: str, tags: Sequence[str]) -> None:
        try:
            self.http.send(wire.DESCRIBE, _one(external_id), {"name": name, "tags": list(tags)})
        except Rejected as refusal:
            raise Rejected(refusal.text, refusal.status, wire.ours(refusal.fields), refusal.said) from None

    def _set(self, path: str, what: What) -> None:
        if isinstance(what, Rules):
            self.http.send(wire.SET, path + wire.RULES_OF, wire.rules_body(what))
        else:
            self.http.send(wire.SET, path + wire.STATUS_OF, {wire.STATUS: what})

    def _sender(self, body: bytes) -> SenderRecord:
        content = loads(body, self.label)
        for name in wire.ONE_SENDER:
            if isinstance(content, dict) and isinstance(content.get(name), dict):
                content = content[name]
        if not isinstance(content, dict):
            raise UnexpectedAnswer(f"{self.label} sent something else than a sender.", "sender")
        try:
            return wire.sender(content)
        except BadField as bad:
            raise UnexpectedAnswer(f"{self.label} sent a sender whose '{bad.field}' {bad.why}.", bad.field) from None


def _one(external_id: str) -> str:
    return wire.PATHS["sender"].format(id=quote(external_id, safe=""))


def _all(kind: str, value: str) -> str:
    return wire.SELECTED[kind].format(value=quote(value, safe=""))
