"""What a vendor may be read for: it has the lists that its `feeds` name, and is never asked for the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Self

from clients.vendors.conversations import ConversationRecord, LabelRecord
from clients.vendors.hooks import EventRecord
from clients.vendors.records import (
    ActivityRecord,
    BenchmarkRecord,
    BroadcastRecord,
    CampaignRecord,
    MailRecord,
    Page,
    PlacementRecord,
    PlacementTestRecord,
    ReportRecord,
    SeedRecord,
    SenderRecord,
    TotalsRecord,
    WarmupRecord,
    WorkspaceRecord,
)


class Reads:
    #: The mailbox providers that a list of broadcasts can be narrowed to; one pass each.
    split_providers: ClassVar[tuple[str, ...]] = ()
    #: The passes a complete list of senders takes (a vendor may list active and inactive ones apart).
    sender_passes: ClassVar[tuple[str, ...]] = ("",)
    cursors_promise: ClassVar[bool] = True  # that there are more rows; else the last page may lead to an empty one
    #: The passes a complete list of conversations takes (a vendor may list archived ones apart).
    conversation_passes: ClassVar[tuple[str, ...]] = ("",)
    label_kinds: ClassVar[tuple[str, ...]] = ()  # of a vendor with conversations: the kinds of labels it lists
    trailing_days: ClassVar[int] = 7  # for so long after its day a broadcast's counts may grow
    #: Of outreach, beside its days: 'totals' since each campaign began, 'warmup' of each sender and day.
    tells: ClassVar[frozenset[str]] = frozenset({"totals", "warmup"})
    activity_range: ClassVar[int] = 31  # days that one question about daily activity may span
    activity_senders: ClassVar[int] = 100  # and senders that it may name

    def seeds(self, cursor: str | None) -> Page[SeedRecord]:
        raise NotImplementedError

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """`which` is one of `sender_passes`."""
        raise NotImplementedError

    def broadcasts(self, cursor: str | None) -> Page[BroadcastRecord]:
        """Newest first."""
        raise NotImplementedError

    def placements(self, cursor: str | None, mailbox_provider: str) -> tuple[Page[PlacementRecord], date | None]:
        """The list narrowed to one of `split_providers`, and the newest day on the page: the walk ends when it is too old."""
        raise NotImplementedError

    def detail(self, external_id: str) -> Sequence[PlacementRecord]:
        """One broadcast's split. Empty when the vendor gives none in its detail; `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def workspaces(self, cursor: str | None) -> Page[WorkspaceRecord]:
        """Those that `acting_for` takes, and those that have not joined. Empty for a key that has none but its own."""
        raise NotImplementedError

    def acting_for(self, workspace: str) -> Self:
        """The same account's other workspace, over the same connection; the key's own for ''."""
        return self

    def tests(self, cursor: str | None) -> Page[PlacementTestRecord]:
        raise NotImplementedError

    def test_mails(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[MailRecord]:
        """Of one test, those of `since` and later days. `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def test_reports(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[ReportRecord]:
        raise NotImplementedError

    # Days of outreach are asked for as a range, both ends included; a day without mail may be left out of the answer.

    def campaigns(self, cursor: str | None) -> Page[CampaignRecord]:
        raise NotImplementedError

    def campaign_totals(self) -> Page[TotalsRecord]:
        """Of all campaigns, since each began."""
        raise NotImplementedError

    def campaign_days(self, external_id: str, first: date, last: date) -> Page[ActivityRecord]:
        """`Rejected(404)` when it is gone."""
        raise NotImplementedError

    def sender_days(self, emails: Sequence[str], first: date, last: date) -> Page[ActivityRecord]:
        """Of at most `activity_senders` senders and `activity_range` days."""
        raise NotImplementedError

    def lead_statuses(self, campaign: str, cursor: str | None) -> tuple[list[str], str | None]:
        """One page of a campaign's leads, of each only its status, and the next cursor. `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def benchmark(self) -> BenchmarkRecord:
        """What all customers of the vendor have in common, to compare with."""
        raise NotImplementedError

    def warmup_days(self, emails: Sequence[str]) -> Page[WarmupRecord]:
        """Of the last days; which ones is the vendor's to say."""
        raise NotImplementedError

    def events(self, cursor: str | None) -> Page[EventRecord]:
        """Those after `cursor`, oldest first; all that are still kept for None. A cursor is an event's `seq`."""
        raise NotImplementedError

    def conversations(self, cursor: str | None, which: str = "") -> Page[ConversationRecord]:
        """`which` is one of `conversation_passes`."""
        raise NotImplementedError

    def labels(self, kind: str, cursor: str | None) -> Page[LabelRecord]:
        """`kind` is one of `label_kinds`."""
        raise NotImplementedError
