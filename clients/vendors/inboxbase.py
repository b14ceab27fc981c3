"""InboxBase, which sends mail by its API. Reference: https://docs.12m.ai/api-reference/introduction

Names and words of its wire stand in `inboxbase_wire`. One key opens one org with all of its identities, each known by its handle.
No call lists them: a handle is what a person types.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from clients.vendors import inboxbase_receipts as receipts
from clients.vendors import inboxbase_wire as wire
from clients.vendors.base import CredentialField, Vendor
from clients.vendors.bodies import loads
from clients.vendors.errors import Rejected, StaleCursor, UnexpectedAnswer
from clients.vendors.inboxbase_hooks import HOOKS
from clients.vendors.inboxbase_talks import Talks
from clients.vendors.inboxbase_wire import CURSOR, KEY, LIMIT, MOST_ROWS, NOBODY, PATHS, SINCE, WAIT, WITH
from clients.vendors.mails import Letter, Receipt, Stream, Talk
from clients.vendors.records import Page, SenderRecord
from clients.vendors.rows import readable

_UNKNOWN = 404


class InboxBase(Talks, Vendor):
    slug = "inboxbase"
    label = "InboxBase"
    fields = (
        CredentialField(
            "api_key",
            "API key",
            "In InboxBase under Developers (inboxbase.ai/app/developers). It begins with sk_ and opens the whole org: name below "
            "which of its identities are this client's.",
        ),
    )
    key_field = "api_key"
    address = "https://api.inboxbase.ai"
    demo_keys = ("sk_sandbox_",)
    free_demo_key = "sk_sandbox_tidal_000000000000000000000002"
    free_demo_part = "crew.tidal@inboxbase.ai"
    calls_a_second = 5.0  # nothing is documented
    feeds = ("identities", "conversations", "streams")
    can = frozenset({"sending"})
    scopes = ("handle",)
    tells_recipients = True
    hooks = HOOKS

    #: Rows that share a millisecond at a page's edge, as a cursor names them.
    _PARTED: ClassVar[str] = ":"

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {secrets['api_key']}"}

    def check(self) -> None:
        """Reference: 'Errors'. No call is the key's own: a good one is told that its org has no such identity."""
        try:
            self._get("events", NOBODY, {LIMIT: 1})
        except Rejected as refusal:
            if refusal.status != _UNKNOWN or wire.NO_IDENTITY not in refusal.said.lower():
                raise

    def identity(self, handle: str) -> SenderRecord:
        """Reference: 'List conversations'. What an identity is called, may and does, no call tells; its newest conversation does
        when it was last heard of."""
        try:
            content = self._get("conversations", handle, {LIMIT: 1})
        except Rejected as refusal:
            raise (_no_such(handle) if refusal.status == _UNKNOWN else refusal) from None
        rows, _ = readable(_rows(content, "conversations"), wire.talk, "conversation")
        last = rows[0].last_at if rows else None
        return SenderRecord(
            external_id=handle, email=handle, name="", domain=handle.partition("@")[2], status="", last_activity_at=last
        )

    def send(self, identity: str, letter: Letter, key: str) -> Receipt:
        """Reference: 'Send'."""
        path, headers = PATHS["send"].format(handle=_quoted(identity)), {KEY: key}
        answer = self.http.exchange("POST", path, receipts.body(letter), headers, means=receipts.is_receipt)
        content = loads(answer.body, self.label)
        if not isinstance(content, dict):
            raise UnexpectedAnswer(f"{self.label} answered a mail with something else than an object.", receipts.ROWS[0])
        return receipts.receipt(content, letter, replayed=answer.headers.get(wire.REPLAYED, "").lower() == "true")

    def talks(self, identity: str, cursor: str | None, *, peer: str = "", since: datetime | None = None) -> Page[Talk]:
        """Reference: 'List conversations', newest first. Its cursor is a bare time, behind which rows of the same millisecond
        get lost: the next page is asked for from that very millisecond, less what was seen of it."""
        before, _, seen = (cursor or "").partition(self._PARTED)
        known = set(filter(None, seen.split(",")))
        asked: dict[str, Any] = {LIMIT: MOST_ROWS, **({WITH: peer} if peer else {})}
        asked |= ({CURSOR: before} if before else {}) | ({SINCE: wire.as_millis(since)} if since else {})
        try:
            content = self._get("conversations", identity, asked)
        except Rejected as refusal:
            if cursor and refusal.status == 400:
                raise StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") from None
            raise
        rows, aside = readable(_rows(content, "conversations"), wire.talk, "conversation")
        fresh = {row.external_id: row for row in rows if row.external_id not in known}
        return Page(tuple(fresh.values()), self._next(content, rows, known), tuple(aside))

    def stream(self, identity: str, since: int, wait: float = 0) -> Stream:
        """Reference: 'Events'. Those after `since`; where there are none, waits up to `wait` seconds for one."""
        content = self._get("events", identity, {SINCE: since, LIMIT: MOST_ROWS, **({WAIT: int(wait * 1000)} if wait else {})})
        events, aside = readable(_rows(content, "events"), wire.happening, "event")
        last = max([since, *(event.seq for event in events)])
        cursor = content.get(CURSOR)
        if isinstance(cursor, int) and not isinstance(cursor, bool):
            last = max(last, cursor)  # where the page's last row could not be read
        return Stream(tuple(events), last, content.get("hasMore") is True, tuple(aside))

    def _get(self, resource: str, handle: str, asked: dict[str, Any]) -> dict[str, Any]:
        def decoded(body: bytes) -> dict[str, Any]:
            content = loads(body, self.label)
            _rows(content, resource)
            return dict(content)

        return self.http.get(PATHS[resource].format(handle=_quoted(handle)), asked, decode=decoded)

    def _next(self, content: dict[str, Any], rows: list[Talk], known: set[str]) -> str | None:
        told = content.get("nextCursor")
        if told is None:
            return None
        if isinstance(told, bool) or not isinstance(told, int | str) or not str(told).isdigit():
            raise UnexpectedAnswer(f"{self.label} sent a 'nextCursor' that is no time.", "nextCursor")
        edge = [row.external_id for row in rows if wire.as_exact_millis(row.last_at) == int(told)]
        if rows and len(edge) == len(rows):
            # A whole page of one millisecond: there is no way to see more of it.
            return str(told)
        return f"{int(told) + 1}{self._PARTED}{','.join(edge)}"


def _rows(content: Any, name: str) -> list[Any]:
    """Raises `UnexpectedAnswer`."""
    rows = content.get(name) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise UnexpectedAnswer(f"{InboxBase.label} sent an answer without '{name}'.", name)
    return rows


def _no_such(handle: str) -> Rejected:
    return Rejected(f"{InboxBase.label} knows no identity ‘{handle}’ in this key's org.", _UNKNOWN)


def _quoted(handle: str) -> str:
    return quote(handle, safe="@.")
