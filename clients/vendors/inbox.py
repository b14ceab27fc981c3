"""Inbox: conversations on X. Reference: https://docs.inboxapp.com

Names and words of its wire stand in `inbox_wire`. One token opens one team; an account link is what a team writes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clients.vendors import inbox_wire as wire
from clients.vendors.base import CredentialField, Vendor
from clients.vendors.bodies import loads
from clients.vendors.conversations import CURRENCY, ConversationRecord, LabelRecord
from clients.vendors.errors import Rejected, StaleCursor, UnexpectedAnswer
from clients.vendors.hooks import EventRecord
from clients.vendors.inbox_talks import BETWEEN, LABEL, Talks, cursor_of
from clients.vendors.inbox_wire import CURSOR, HOOKS, INBOX, INBOXES, LIMIT, MOST_EVENTS, MOST_THREADS, PATHS
from clients.vendors.records import Page, Record, SenderRecord
from clients.vendors.rows import readable


class Inbox(Talks, Vendor):
    slug = "inbox"
    label = LABEL
    fields = (CredentialField("api_key", "API token", "In Inbox under Settings → API. It is shown once, when it is made."),)
    key_field = "api_key"
    free_demo_key = "sandbox-inbox-quiet-00000000000000000003"
    address = "https://inboxapp.com"
    calls_a_second = 2.5  # of 5 that a team is allowed for all its tokens together
    feeds = ("events", "senders", "labels", "conversations")
    scopes = ("all", "handle")
    lists_handles = True
    label_kinds = ("tag", "status", "member", "currency")
    conversation_passes = INBOXES
    hooks = HOOKS

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {secrets['api_key']}"}

    def check(self) -> None:
        """Reference: 'Get team'."""
        self.http.get(PATHS["team"], decode=_object)

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """Reference: 'List account links'."""
        rows = self.http.get(PATHS["senders"], decode=_array)
        return _page(*readable(rows, wire.sender, "account link"))

    def labels(self, kind: str, cursor: str | None) -> Page[LabelRecord]:
        """Reference: 'List tags', 'List statuses', 'List members', 'Get team'."""
        if kind == CURRENCY:
            said = wire.currency(self.http.get(PATHS[kind], decode=_object))
            return _page([said] if said.external_id else [], ())
        rows = self.http.get(PATHS[kind], decode=_array)
        return _page(*readable(rows, wire.label(kind), kind))

    def conversations(self, cursor: str | None, which: str = "") -> Page[ConversationRecord]:
        """Reference: 'List threads'. Its cursor has two halves, which go together."""
        halves = dict(zip(CURSOR, cursor.split(BETWEEN, 1), strict=False)) if cursor else {}
        content = self._listed("conversations", "threads", {INBOX: which or INBOXES[0], LIMIT: MOST_THREADS}, halves)
        good, aside = readable(content["threads"], wire.conversation, "thread")
        # Where a page is empty there is nothing after it, whatever its cursor promises.
        return _page(good, aside, cursor_of(content) if content["threads"] else None)

    def events(self, cursor: str | None) -> Page[EventRecord]:
        """Reference: 'List events': 7 days are kept."""
        content = self._listed("events", "events", {LIMIT: MOST_EVENTS}, {wire.AFTER: cursor} if cursor else {})
        good, aside = readable(content["events"], wire.event, "event")
        last = content.get("lastSeq")
        if not content.get("hasMore"):
            return _page(good, aside)
        if isinstance(last, bool) or not isinstance(last, int):
            raise UnexpectedAnswer(f"{self.label} promises more events, and does not say after which.", "lastSeq")
        return _page(good, aside, str(last))

    def _listed(self, resource: str, rows: str, params: dict[str, Any], cursor: dict[str, str]) -> dict[str, Any]:
        """An answer whose `rows` are a list."""

        def decode(body: bytes) -> dict[str, Any]:
            content = _object(body)
            if not isinstance(content.get(rows), list):
                raise UnexpectedAnswer(f"{self.label} sent an answer without a list of '{rows}'.", rows)
            return content

        try:
            return self.http.get(PATHS[resource], {**params, **cursor}, decode=decode)
        except Rejected as refusal:
            if cursor and refusal.status == 400:
                raise StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") from None
            raise


def _page[R: Record](records: Iterable[R], aside: Iterable[str], cursor: str | None = None) -> Page[R]:
    # A row can come twice in one page; the last one is the newest.
    unique = {getattr(record, "external_id"): record for record in records}  # noqa: B009
    return Page(tuple(unique.values()), cursor, tuple(aside))


def _object(body: bytes) -> dict[str, Any]:
    content = loads(body, Inbox.label)
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{Inbox.label} sent something else than an object.", "body")
    return content


def _array(body: bytes) -> list[Any]:
    content = loads(body, Inbox.label)
    if not isinstance(content, list):
        raise UnexpectedAnswer(f"{Inbox.label} sent something else than a list.", "body")
    return content
