"""Instantly. Reference: https://developer.instantly.ai/api-reference

Names and words of its wire stand in `instantly_wire`. One key opens one workspace; an agency's key may act for those of its
group that have accepted, which each have mailboxes and tests of their own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, ClassVar, Self

import msgspec

from clients.vendors import instantly_wire as wire
from clients.vendors.base import CredentialField
from clients.vendors.bodies import Envelope, ListDecoder, Listing, loads
from clients.vendors.errors import AccessDenied, Rejected, ScopeLacks, StaleCursor, UnexpectedAnswer, VendorError
from clients.vendors.instantly_wire import CURSOR, LIMIT, PATHS, SCOPES, SINCE, TEST, MailRow
from clients.vendors.instantly_writes import InstantlyWrites
from clients.vendors.records import (
    MailRecord,
    Page,
    PlacementTestRecord,
    Record,
    ReportRecord,
    SenderRecord,
    WorkspaceRecord,
)
from clients.vendors.rows import FIRST_DAY, LAST_DAY, readable

_ENVELOPE = Envelope((wire.ROWS,), (wire.NEXT,))


class Instantly(InstantlyWrites):
    slug = "instantly"
    label = "Instantly"
    fields = (
        CredentialField(
            "api_key",
            "API key",
            "In Instantly under Settings → Integrations → API keys, with the scope all:read, or all:all to pause, "
            "resume and warm up from here. An agency's key reads the workspaces of its group too.",
        ),
    )
    key_field = "api_key"
    address = "https://api.instantly.ai"
    calls_a_second = 10.0  # of 100 that a workspace is allowed for all who ask it together
    feeds = ("workspaces", "senders", "tests")
    scopes = ("all", "domain", "tag", "workspace")
    cursors_promise = False

    _plain: ListDecoder[msgspec.Struct] = ListDecoder(_ENVELOPE, None, label)
    _mails = ListDecoder(_ENVELOPE, MailRow, label)
    _as: ClassVar[dict[str, str]] = {}  # of the key's own workspace

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {secrets['api_key']}"}

    def acting_for(self, workspace: str) -> Self:
        """Reference: 'Workspace group'."""
        other = copy.copy(self)
        other._as = {wire.ACT_FOR: workspace} if workspace else {}  # type: ignore[misc]
        return other

    def check(self) -> None:
        """Reference: 'Get workspace': whose key it is. It costs nothing and needs no plan but a paid one."""
        try:
            self.http.get(PATHS["workspace"], decode=_object, headers=self._as)
        except AccessDenied as refusal:
            hint = f"A key without the scope {SCOPES['workspace']} is refused here too."
            raise AccessDenied(f"{refusal.text} {hint}", refusal.said) from None

    def workspaces(self, cursor: str | None) -> Page[WorkspaceRecord]:
        """Reference: 'List workspace group member'. Who leads no group is refused: then there are none."""
        try:
            listing = self._list("workspaces", self._plain, cursor, {})
        except ScopeLacks:
            return Page((), None, notes=("The key leads no group of workspaces, or may not list it: it reads its own.",))
        rows, aside = readable(listing.loose, wire.workspace, "workspace")
        return _page((record for record, accepted in rows if accepted), listing, aside)

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """Reference: 'List account'."""
        listing = self._list("senders", self._plain, cursor, {wire.TAGS: "true"})
        return _page(*_read(listing, wire.sender, "account"))

    def sender(self, external_id: str) -> SenderRecord:
        """Reference: 'List account', searched by the address: 'Get account' does not tell the tags."""
        listing = self._list("senders", self._plain, None, {wire.TAGS: "true", wire.SEARCH: external_id})
        records, aside = readable(listing.loose, wire.sender, "account")
        for record in records:
            if record.external_id.lower() == external_id.lower():
                return record
        if aside:
            raise UnexpectedAnswer(f"{self.label} sent an account that can't be read: {aside[0]}.", "email")
        raise Rejected(f"{self.label} has no account {external_id}.", 404)

    def tests(self, cursor: str | None) -> Page[PlacementTestRecord]:
        """Reference: 'List inbox placement test'."""
        listing = self._list("tests", self._plain, cursor, {})
        return _page(*_read(listing, wire.placement_test, "test"))

    def test_mails(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[MailRecord]:
        """Reference: 'List inbox placement analytics'."""
        listing = self._list("mails", self._mails, cursor, _of(external_id, since))
        if listing.typed is None:
            rows, aside = readable(listing.loose, wire.mail_row, "row")
        else:
            rows = [row for row in listing.typed if FIRST_DAY <= row.at.date() <= LAST_DAY]
            aside = ["A row's time is out of range"] * (len(listing.typed) - len(rows))
        return _page(map(wire.mail, rows), listing, aside)

    def test_reports(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[ReportRecord]:
        """Reference: 'List inbox placement blacklist and SpamAssassin report'."""
        listing = self._list("reports", self._plain, cursor, _of(external_id, since))
        return _page(*_read(listing, wire.report, "report"))

    def _list[R: msgspec.Struct](
        self, resource: str, decode: ListDecoder[R], cursor: str | None, params: dict[str, str]
    ) -> Listing[R]:
        asked: dict[str, Any] = {**params, LIMIT: wire.MOST_ROWS, **({CURSOR: cursor} if cursor else {})}
        try:
            listing = self.http.get(PATHS[resource], asked, decode=decode, headers=self._as)
        except AccessDenied as refusal:
            scope = SCOPES[resource]
            said = f"The key may not read {wire.NAMES[resource]} ({refusal.said}): it lacks the scope {scope}."
            lacks = f"{said} Make a key in {self.label} that has it, or all:read, and put it in here."
            problem: VendorError = self.told_apart(refusal, lacks)
        except Rejected as refusal:
            stale = bool(cursor) and refusal.status == 400
            problem = StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") if stale else refusal
        else:
            # Where a page is empty there is nothing after it, whatever its cursor promises.
            return listing if listing.typed or listing.loose else Listing(None, listing.typed, listing.loose)
        raise problem from None

    def told_apart(self, refusal: AccessDenied, lacks: str) -> VendorError:
        """A key that is refused, one that lacks a scope and one that may not act for a workspace get the same answer. Our own
        workspace, which every good key may read, tells them apart."""
        try:
            self.acting_for("").check()
            if self._as:
                self._refused_there()
        except VendorError as error:
            return error
        return ScopeLacks(lacks)

    def _refused_there(self) -> None:
        try:
            self.check()
        except AccessDenied as refusal:
            raise ScopeLacks(
                f"{self.label} does not let the key act for this workspace ({refusal.said}): has it left the group?"
            ) from None


def _of(external_id: str, since: date | None) -> dict[str, str]:
    return {TEST: external_id, **({SINCE: wire.day(since)} if since else {})}


def _read[R: Record](
    listing: Listing[Any], read: Callable[[dict[str, Any]], R], what: str
) -> tuple[list[R], Listing[Any], list[str]]:
    records, aside = readable(listing.loose, read, what)
    return records, listing, aside


def _page[R: Record](records: Iterable[R], listing: Listing[Any], aside: list[str]) -> Page[R]:
    # A row can come twice in one page; the last one is the newest.
    unique = {getattr(record, "external_id"): record for record in records}  # noqa: B009
    return Page(tuple(unique.values()), listing.cursor, tuple(aside))


def _object(body: bytes) -> dict[str, Any]:
    content = loads(body, Instantly.label)
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{Instantly.label} sent something else than a workspace.", "workspace")
    return content
