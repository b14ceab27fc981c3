"""imail. Reference: https://imail.now/api-docs

Names and words of its wire stand in `imail_wire`. A key opens one workspace; a test key opens its ledger of made-up mail. Leads
are people whom our pages don't show: what is read of them is counted by status and not kept. Those that are brought from here
are told by their addresses (`imail_leads`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from clients.vendors import imail_wire as wire
from clients.vendors.base import CredentialField
from clients.vendors.bodies import Listing, loads
from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.imail_hooks import HOOKS
from clients.vendors.imail_inboxes import Inboxes
from clients.vendors.imail_lists import LABEL
from clients.vendors.imail_wire import PATHS
from clients.vendors.records import ActivityRecord, BenchmarkRecord, CampaignRecord, Page, SenderRecord
from clients.vendors.rows import readable


class Imail(Inboxes):
    slug = "imail"
    label = LABEL
    fields = (
        CredentialField(
            "api_key",
            "API key",
            f"In imail under Settings → API: {wire.LIVE}… for real mail, {wire.TEST}… for its test ledger. "
            "The API needs the tier Surge or a higher one.",
        ),
    )
    key_field = "api_key"
    address = "https://api.imail.now"
    published_days = wire.METRIC_DAYS
    demo_keys = (f"{wire.LIVE}sandbox", f"{wire.TEST}sandbox")
    free_demo_key = "imk_live_sandboxTidal0000000000004"
    test_keys = wire.TEST
    calls_a_second = 0.8  # of 100 a minute on its smallest tier with an API; rate headers slow it down further
    feeds = ("senders", "campaigns", "outreach", "leads", "benchmark")
    scopes = ("all", "domain")
    tells = frozenset[str]()
    tells_recipients = True
    hooks = HOOKS
    activity_range = 8  # the trailing days and today, in one question
    activity_senders = 1000

    @classmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {secrets['api_key']}"}

    @classmethod
    def sender_id(cls, external_id: str, raw: Mapping[str, Any]) -> str:
        """We know an inbox by its address, which may be in two workspaces."""
        return str(raw.get("id") or external_id)

    def check(self) -> None:
        """Reference: 'Campaigns', one row of it: the docs name no call for the key alone."""
        self._list("campaigns", None, {}, most=1)

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """Reference: 'Inboxes'."""
        listing = self._list("inboxes", cursor, {})
        found, aside = readable(listing.loose, wire.sender, "inbox")
        return _page({record.external_id: record for record in found}, listing, aside)

    def campaigns(self, cursor: str | None) -> Page[CampaignRecord]:
        """Reference: 'Campaigns'."""
        listing = self._list("campaigns", cursor, {})
        found, aside = readable(listing.loose, lambda row: wire.campaign(row, self._addresses), "campaign")
        return _page({record.external_id: record for record in found}, listing, aside)

    def campaign_days(self, external_id: str, first: date, last: date) -> Page[ActivityRecord]:
        """Reference: 'Analytics', raw counts per day."""
        asked = {wire.GROUP: wire.BY_DAY, wire.CAMPAIGN: external_id, **wire.span(first, last)}
        return self._days(asked, wire.campaign_day)

    def sender_days(self, emails: Sequence[str], first: date, last: date) -> Page[ActivityRecord]:
        """Reference: 'Analytics', raw counts per inbox. It tells of all inboxes at once; those not asked about are left out."""
        asked = {wire.GROUP: wire.BY_INBOX, **wire.span(first, last)}
        page, wanted = self._days(asked, lambda row: wire.inbox_day(row, self._addresses)), set(map(str.lower, emails))
        return Page(tuple(record for record in page.records if record.ref in wanted), None, page.set_aside)

    def lead_statuses(self, campaign: str, cursor: str | None) -> tuple[list[str], str | None]:
        """Reference: 'Leads'. Nothing else of them is read here."""
        listing = self._list("leads", cursor, {wire.CAMPAIGN: campaign})
        return readable(listing.loose, wire.lead_status, "lead")[0], listing.cursor

    def benchmark(self) -> BenchmarkRecord:
        """Reference: 'Public metrics': of everybody together. Asked without the key, which it does not want."""
        return self.http.get(PATHS["metrics"], decode=_benchmark, headers={"Authorization": None})

    def _days(self, asked: dict[str, str], read: Callable[[dict[str, Any]], ActivityRecord | None]) -> Page[ActivityRecord]:
        found: dict[tuple[str, date], ActivityRecord] = {}
        aside: list[str] = []
        for listing in self._all("analytics", asked):
            rows, odd = readable(listing.loose, read, "day")
            found |= {(row.ref, row.day): row for row in rows if row}
            aside += odd
        return Page(tuple(found.values()), None, tuple(aside))


def _benchmark(body: bytes) -> BenchmarkRecord:
    content = loads(body, Imail.label)
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{Imail.label} sent something else than its public metrics.", "metrics")
    return wire.benchmark(content)


def _page[R: (SenderRecord, CampaignRecord)](records: dict[str, R], listing: Listing[Any], aside: list[str]) -> Page[R]:
    return Page(tuple(records.values()), listing.cursor, tuple(aside))
