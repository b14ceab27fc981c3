"""Instantly. Reference: https://developer.instantly.ai/api-reference

Names and words of its wire stand in `instantly_wire`. One key opens one workspace; an agency's key may act for those of its
group that have accepted, which each have mailboxes and tests of their own.
"""

from __future__ import annotations

from datetime import date

from clients.vendors import instantly_tests_wire as tests_wire
from clients.vendors import instantly_wire as wire
from clients.vendors.base import CredentialField
from clients.vendors.bodies import ListDecoder
from clients.vendors.errors import AccessDenied, Rejected, ScopeLacks, UnexpectedAnswer
from clients.vendors.instantly_lists import ENVELOPE, LABEL, page, read
from clients.vendors.instantly_outreach import Outreach
from clients.vendors.instantly_tests import InstantlyTests
from clients.vendors.instantly_tests_wire import MailRow
from clients.vendors.instantly_wire import SINCE, TEST
from clients.vendors.instantly_writes import InstantlyWrites
from clients.vendors.records import (
    MailRecord,
    Page,
    PlacementTestRecord,
    ReportRecord,
    SenderRecord,
    WorkspaceRecord,
)
from clients.vendors.rows import FIRST_DAY, LAST_DAY, readable


class Instantly(Outreach, InstantlyTests, InstantlyWrites):
    slug = "instantly"
    label = LABEL
    fields = (
        CredentialField(
            "api_key",
            "API key",
            "In Instantly under Settings → Integrations → API keys, with the scope all:read, or all:all to make "
            "tests, pause, resume and warm up from here. An agency's key reads the workspaces of its group too.",
        ),
    )
    key_field = "api_key"
    free_demo_key = "sandbox-instantly-tidal-000000000000000000003"
    address = "https://api.instantly.ai"
    calls_a_second = 10.0  # of 100 that a workspace is allowed for all who ask it together
    feeds = ("workspaces", "senders", "tests", "campaigns", "outreach")
    can = frozenset({"tests"})
    scopes = ("all", "domain", "tag", "workspace")
    cursors_promise = False

    _mails = ListDecoder(ENVELOPE, MailRow, label)

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {secrets['api_key']}"}

    def workspaces(self, cursor: str | None) -> Page[WorkspaceRecord]:
        """Reference: 'List workspace group member'. Who leads no group is refused: then there are none. So is a key that is none;
        whatever is asked for next says so, and here one call is enough."""
        try:
            listing = self._list("workspaces", self._plain, cursor, {}, may_be_denied=cursor is None)
        except (AccessDenied, ScopeLacks):
            return Page((), None, notes=("The key leads no group of workspaces, or may not list it: it reads its own.",))
        return page(*read(listing, wire.workspace, "workspace"))

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """Reference: 'List account'."""
        listing = self._list("senders", self._plain, cursor, {wire.TAGS: "true"})
        return page(*read(listing, wire.sender, "account"))

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
        return page(*read(listing, tests_wire.placement_test, "test"))

    def test_mails(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[MailRecord]:
        """Reference: 'List inbox placement analytics'."""
        listing = self._list("mails", self._mails, cursor, _of(external_id, since))
        if listing.typed is None:
            rows, aside = readable(listing.loose, tests_wire.mail_row, "row")
        else:
            rows = [row for row in listing.typed if FIRST_DAY <= row.at.date() <= LAST_DAY]
            aside = ["A row's time is out of range"] * (len(listing.typed) - len(rows))
        return page(map(tests_wire.mail, rows), listing, aside, tests_wire.odd(rows))

    def test_reports(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[ReportRecord]:
        """Reference: 'List inbox placement blacklist and SpamAssassin report'."""
        listing = self._list("reports", self._plain, cursor, _of(external_id, since))
        return page(*read(listing, tests_wire.report, "report"))


def _of(external_id: str, since: date | None) -> dict[str, str]:
    return {TEST: external_id, **({SINCE: wire.day(since)} if since else {})}
