"""One of InboxBase's conversations as somebody looks at it. An answer goes as a mail, which has a key of its own.

Reference: https://docs.12m.ai/api-reference/get-conversation
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from clients.vendors import inboxbase_wire as wire
from clients.vendors.acting import Acts
from clients.vendors.bodies import loads
from clients.vendors.conversations import ConversationRecord, MessageRecord, Ref
from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.http import Http
from clients.vendors.mails import Line
from clients.vendors.records import Page
from clients.vendors.rows import BadField, readable

LABEL = "InboxBase"


class Talks(Acts):
    http: Http

    conversation_acts: ClassVar = frozenset({"read"})
    _looked_at: tuple[Ref, dict[str, Any]] | None = None

    def conversation(self, ref: Ref) -> ConversationRecord | None:
        return wire.standing(self._one(ref), ref.sender, ref.external_id)

    def messages(self, ref: Ref, cursor: str | None) -> Page[MessageRecord]:
        """All of them are in one answer."""
        content = self._one(ref)
        good, aside = readable(wire.said(content), wire.line, "message")
        newest_first = tuple(_message(one, ref.external_id) for one in reversed(good))
        return Page(newest_first, None, tuple(aside), wire.timers(content))

    def lines(self, identity: str, external_id: str) -> tuple[Line, ...]:
        """Raises `Rejected(404)` when it is gone."""
        try:
            return tuple(wire.line(one) for one in wire.said(self._one(Ref(identity, external_id))))
        except BadField as bad:
            raise UnexpectedAnswer(f"{LABEL} sent a message whose '{bad.field}' {bad.why}.", bad.field) from None

    def _one(self, ref: Ref) -> dict[str, Any]:
        """Asked for once by one caller, who wants both what it is and what was said in it."""
        if self._looked_at is None or self._looked_at[0] != ref:
            handle, named = quote(ref.sender, safe="@."), quote(ref.external_id, safe="")
            path = wire.PATHS["conversation"].format(handle=handle, id=named)
            self._looked_at = ref, self.http.get(path, decode=lambda body: wire.conversation(loads(body, LABEL)))
        return self._looked_at[1]


def _message(line: Line, conversation: str) -> MessageRecord:
    return MessageRecord(line.external_id, conversation, line.text, line.at, line.inbound)
