"""What Inbox lets us read and do in one conversation. Each call that changes something is sent once: version 1 has no key that
would make a second one harmless.

Reference: https://docs.inboxapp.com, 'Threads', 'Messages', 'Prospects'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import quote

from clients.vendors import inbox_wire as wire
from clients.vendors.acting import Acts
from clients.vendors.bodies import loads
from clients.vendors.conversations import ConversationRecord, Edit, MessageRecord, ProspectRecord, Ref
from clients.vendors.errors import Rejected, StaleCursor, UnexpectedAnswer
from clients.vendors.http import Http
from clients.vendors.inbox_wire import CURSOR, EXTERNAL, NAMED, PLATFORM, USERNAME
from clients.vendors.records import Page
from clients.vendors.rows import BadField, readable
from clients.vendors.text import clean

LABEL = "Inbox"
BETWEEN = " "  # the two halves of a cursor, in one text
_GONE = 404


class Talks(Acts):
    http: Http

    conversation_acts: ClassVar = frozenset(
        {"read", "reply", "begin", "done", "assignee", "status", "tags", "notes", "valuation"}
    )
    person_kinds: ClassVar = {
        USERNAME: "User name on X, of somebody spoken with before",
        PLATFORM: "Number on X (platform id)",
        EXTERNAL: "Inbox's own id (external id)",
    }
    known_kinds = frozenset({USERNAME})
    signed_out = frozenset({"offline"})
    sends_a_minute = 8.0  # of 10 that an account link is taken to be allowed

    def conversation(self, ref: Ref) -> ConversationRecord | None:
        """Reference: 'Get thread', 'Lookup thread', 'Lookup threads by username'."""
        if ref.external_id:
            return _thread(self.http.get(_path(wire.CONVERSATION, ref.external_id), decode=_json))
        if ref.kind == USERNAME:
            asked = {"username": ref.person.lstrip("@"), "accountLinkIds": ref.sender}
            found = self.http.get(wire.BY_NAME, asked, decode=_json)
            rows = [_thread(one) for one in found] if isinstance(found, list) else []
            return next((row for row in rows if row.sender_ref == ref.sender), None)
        asked = {"accountLinkId": ref.sender, NAMED[ref.kind]: ref.person}
        found = self.http.get(wire.LOOKUP, asked, decode=_json)
        return None if found is None else _thread(found)

    def messages(self, ref: Ref, cursor: str | None) -> Page[MessageRecord]:
        """Reference: 'List messages'."""
        halves = dict(zip(CURSOR, cursor.split(BETWEEN, 1), strict=False)) if cursor else {}
        try:
            content = self.http.get(
                _path(wire.MESSAGES, ref.external_id), {wire.LIMIT: wire.MOST_MESSAGES, **halves}, decode=_json
            )
        except Rejected as refusal:
            if cursor and refusal.status == 400:
                raise StaleCursor(f"{LABEL} no longer takes the place in the list where we stopped.") from None
            raise
        rows = content.get("messages") if isinstance(content, dict) else None
        if not isinstance(rows, list):
            raise UnexpectedAnswer(f"{LABEL} sent an answer without a list of 'messages'.", "messages")
        good, aside = readable(rows, lambda row: wire.message(row, ref.sender, ref.external_id, wire.LONGEST), "message")
        unique = {record.external_id: record for record in good}
        notes = (f"{LABEL} is still bringing older messages in.",) if content.get("isSyncing") is True else ()
        return Page(tuple(unique.values()), cursor_of(content) if rows else None, tuple(aside), notes)

    def reply(self, ref: Ref, text: str) -> MessageRecord:
        """Reference: 'Send message'."""
        sent = loads(self.http.send("POST", _path(wire.MESSAGES, ref.external_id), {"content": text}), LABEL)
        return _understood(sent, lambda content: wire.message(content, ref.sender, ref.external_id, wire.LONGEST), "message")

    def begin(self, ref: Ref, text: str) -> MessageRecord:
        """Reference: 'Quick send message'."""
        body = {"accountLinkId": ref.sender, NAMED[ref.kind]: ref.person, "content": text}
        sent = loads(self.http.send("POST", wire.FIRST, body), LABEL)
        said, thread = (sent.get("message"), sent.get("thread")) if isinstance(sent, dict) else (None, None)
        named = thread.get("id") if isinstance(thread, dict) else None
        if not isinstance(named, str) or not named:
            raise UnexpectedAnswer(f"{LABEL} took a message without saying into which thread.", "thread")
        return _understood(said, lambda content: wire.message(content, ref.sender, named, wire.LONGEST), "message")

    def person(self, ref: Ref) -> ProspectRecord | None:
        """Reference: 'Lookup prospect', 'Get prospect'."""
        if ref.kind == EXTERNAL:
            try:
                found = self.http.get(_path(wire.CONTEXT.removesuffix("/context"), ref.person), decode=_json)
            except Rejected as refusal:
                if refusal.status == _GONE:
                    return None
                raise
        else:
            found = self.http.get(wire.PERSON, {"platformId": ref.person}, decode=_json)
        return None if found is None else _understood(found, wire.prospect, "prospect")

    def edit_conversation(self, ref: Ref, edit: Edit) -> ConversationRecord:
        """Reference: 'Update prospect context', 'Update thread': one call each, where there is something for it."""
        if context := _context(edit):
            self.http.send("PATCH", _path(wire.CONTEXT, ref.person), context)
        said = {theirs: getattr(edit, ours) for ours, theirs in wire.EDITED.items() if getattr(edit, ours) is not None}
        if not said:
            found = self.conversation(Ref(ref.sender, ref.external_id))
            assert found is not None  # noqa: S101  (asked for by its id it is there, or a 404)
            return found
        told = {name: None if value == "" else value for name, value in said.items()}
        return _thread(loads(self.http.send("PATCH", _path(wire.CONVERSATION, ref.external_id), told), LABEL))


def cursor_of(content: dict[str, Any]) -> str | None:
    found = content.get("nextCursor")
    if found is None:
        return None
    halves = (found.get("id"), found.get("timestamp")) if isinstance(found, dict) else (None, None)
    if not all(isinstance(half, str) and half for half in halves):
        raise UnexpectedAnswer(f"{LABEL} sent a 'nextCursor' without an id and a timestamp.", "nextCursor")
    return clean(BETWEEN.join(map(str, halves)), 4000)


def _context(edit: Edit) -> dict[str, Any]:
    said: dict[str, Any] = {
        theirs: value or None for ours, theirs in wire.OF_PROSPECT.items() if (value := getattr(edit, ours)) is not None
    }
    if edit.valuation is not None or edit.no_valuation:
        said["valuation"] = None if edit.valuation is None else float(edit.valuation)
    if edit.add_tags:
        said["addTags"] = list(edit.add_tags)
    if edit.remove_tags:
        said["removeTags"] = list(edit.remove_tags)
    return said


def _thread(content: Any) -> ConversationRecord:
    return _understood(content, wire.conversation, "thread")


def _understood[R](content: Any, read: Callable[[dict[str, Any]], R], what: str) -> R:
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{LABEL} sent something else than a {what}.", what)
    try:
        return read(content)
    except BadField as bad:
        raise UnexpectedAnswer(f"{LABEL} sent a {what} whose '{bad.field}' {bad.why}.", bad.field) from None


def _json(body: bytes) -> Any:
    return loads(body, LABEL)


def _path(pattern: str, named: str) -> str:
    return pattern.format(quote(named, safe=""))
