"""Campaigns, and the days of outreach: two feeds, since a list is read in seconds and its days take a call for each campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clients import outreach, sender_health
from clients.models import ActivityDay, Campaign, CampaignStatus, Feed, Grain, Sender
from clients.passes.base import Checkpoint
from clients.passes.workspaces import LeftOut, OfEachWorkspace
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.records import Page, Record

LIST, TOTALS = "list", "totals"


class CampaignPass(OfEachWorkspace):
    model = Campaign

    @classmethod
    def names(cls, vendor: type[Vendor]) -> Sequence[str]:
        return (LIST, TOTALS) if TOTALS in vendor.tells else (LIST,)

    def read_of(self, name: str, workspace: str, cursor: str | None) -> Page[Any]:
        if name == LIST:
            return self.of_workspace(workspace, lambda vendor: vendor.campaigns(cursor))
        # Without them the list is still worth having.
        page = self.of_workspace(workspace, lambda vendor: vendor.campaign_totals(), besides="totals of campaigns")
        return _part_left_out(page, workspace, name) if _is_left_out(page) else page

    def store_of(self, name: str, workspace: str, records: Sequence[Any]) -> Stored:
        if name == LIST:
            return outreach.store_campaigns(self.connection, records, self.at.pass_id, self.resolver, workspace)
        return outreach.store_totals(self.connection, records)


CAMPAIGNS, SENDERS, WARMUP = "campaign days", "sender days", "warmup"
_SAID = {CAMPAIGNS: "daily figures of campaigns", SENDERS: "daily figures of mailboxes", WARMUP: "figures of warmup"}
NO_DAYS = "{}aily figures of {} – {} came back empty although there were some before: they are kept."
#: What follows names mailboxes and campaigns, which may be another client's.
WHOSE = " They are of "
NAMED, TOLD = 3, 5  # mailboxes in such a sentence; sentences about one workspace


EVER = datetime(1990, 1, 1, tzinfo=UTC)


class _Days(Record, frozen=True):
    """One answer, and what it is about. `place` tells it from every other."""

    place: str
    first: date
    last: date
    rows: tuple[Any, ...]
    campaign: int = 0
    totals: dict[str, int] = {}  # noqa: RUF012  (msgspec copies it)
    emails: tuple[str, ...] = ()


class OutreachPass(OfEachWorkspace):
    """The days of campaigns whose totals moved, of all senders, and of their warmup. Cursors are our own row numbers."""

    model = Campaign
    FAR = timedelta(days=92)  # how far back a first reading goes

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        at = super().begin(feed, pass_id)
        if feed.watermark:
            days = feed.connection.vendor_class.trailing_days
            # By our clock, as with broadcasts.
            at.since = (min(feed.watermark, timezone.now()).date() - timedelta(days=days)).isoformat()
            at.known = feed.watermark.isoformat()
        return at

    @classmethod
    def names(cls, vendor: type[Vendor]) -> Sequence[str]:
        return (CAMPAIGNS, SENDERS, WARMUP) if WARMUP in vendor.tells else (CAMPAIGNS, SENDERS)

    def read_of(self, name: str, workspace: str, cursor: str | None) -> Page[Any]:
        read = {CAMPAIGNS: self._campaign, SENDERS: self._senders, WARMUP: self._warmup}[name]
        page = self.of_workspace(workspace, lambda vendor: read(vendor, workspace, cursor or ""), besides=_SAID[name])
        if _is_left_out(page):
            # Of the others something can still be read: each phase says by itself what it may not.
            return _part_left_out(page, workspace, name)
        return page

    def store_of(self, name: str, workspace: str, records: Sequence[Any]) -> Stored:
        store: Callable[[_Days, str], Stored] = {
            CAMPAIGNS: self._store_campaign,
            SENDERS: self._store_senders,
            WARMUP: self._store_warmup,
        }[name]
        sums = Stored()
        for answer in records:
            stored = store(answer, workspace)
            sums = Stored(sums.rows + stored.rows, sums.new + stored.new, sums.changed + stored.changed)
        return sums

    def doubt(self, *, first: bool) -> str:
        return ""

    def afterwards(self) -> Iterator[Callable[[], None]]:
        return sender_health.noting(self.connection)

    def finish(self) -> tuple[int, str]:
        self._name_those_who_left()
        return 0, " ".join(dict.fromkeys(self.at.skipped.values()))

    def _campaign(self, vendor: Vendor, workspace: str, cursor: str) -> Page[Any]:
        rows = Campaign.objects.filter(connection=self.connection, workspace=workspace, gone_at=None)
        rows = rows.filter(Q(days_stale=True) if TOTALS in vendor.tells else self._may_have_moved())
        campaign = rows.filter(pk__gt=int(cursor or 0)).order_by("pk").first()
        if campaign is None:
            return Page((), None)
        first, last = self._since(campaign.first_seen), _today()
        try:
            page = vendor.campaign_days(campaign.external_id, first, last)
        except Rejected as error:
            if error.status != 404:
                raise
            return Page((), str(campaign.pk))  # deleted since the list was read; the next list says so
        found = _Days(f"c{campaign.pk}", first, last, page.records, campaign=campaign.pk, totals=campaign.totals)
        return Page((found,), str(campaign.pk), page.set_aside, page.notes)

    def _may_have_moved(self) -> Q:
        """Where no totals tell: those that send, that were changed, and whose last mails may still come to something."""
        lately = ActivityDay.objects.filter(campaign=OuterRef("pk"), grain=Grain.CAMPAIGN, day__gte=self._since(EVER))
        return Q(days_stale=True) | Q(status=CampaignStatus.ACTIVE) | Q(Exists(lately))

    def _store_campaign(self, answer: _Days, workspace: str) -> Stored:
        campaign, span = Campaign.objects.get(pk=answer.campaign), (answer.first, answer.last)
        if not answer.rows and self._hollow(outreach.days_of_campaign(campaign, *span), workspace, answer, [str(campaign)]):
            return Stored()
        return outreach.store_campaign_days(campaign, answer.rows, *span, answer.totals)

    def _senders(self, vendor: Vendor, workspace: str, cursor: str) -> Page[Any]:
        """A range of days of so many senders, then the range before it."""
        after, _, back = cursor.partition("|")
        some = self._some(vendor, workspace, after)
        if not some:
            return Page((), None)
        start = self._since(max(seen for _, _, seen in some))
        last = date.fromisoformat(back) if back else _today()
        first = max(start, last - timedelta(days=vendor.activity_range - 1))
        emails = tuple(email for _, email, _ in some)
        page = vendor.sender_days(emails, first, last)
        more = f"{after}|{first - timedelta(days=1)}" if first > start else f"{some[-1][0]}|"
        return Page((_Days(f"s{cursor}", first, last, page.records, emails=emails),), more, page.set_aside, page.notes)

    def _store_senders(self, answer: _Days, workspace: str) -> Stored:
        asked = answer.emails, answer.first, answer.last
        known = outreach.days_of_senders(self.connection, *asked, workspace)
        if not answer.rows and self._hollow(known, workspace, answer, answer.emails):
            return Stored()
        return outreach.store_sender_days(self.connection, answer.rows, *asked, self.resolver, workspace)

    def _hollow(self, rows: Any, workspace: str, answer: _Days, whose: Sequence[str]) -> bool:
        """An answer without a day, about days that it had: they stay."""
        known = bool(rows.filter(gone_at=None).exists())
        if known and sum(place.startswith(f"{workspace}/days ") for place in self.at.skipped) < TOLD:
            of = f"{self._named(workspace)}: d" if workspace else "D"
            more = f" and {len(whose) - NAMED} more" if len(whose) > NAMED else ""
            why = NO_DAYS.format(of, f"{answer.first:%-d %b}", f"{answer.last:%-d %b}")
            said = f"{why}{WHOSE}{', '.join(whose[:NAMED])}{more}."
            self.at.skipped = {**self.at.skipped, f"{workspace}/days {answer.place}": said}
        return known

    def _warmup(self, vendor: Vendor, workspace: str, cursor: str) -> Page[Any]:
        some = self._some(vendor, workspace, cursor)
        if not some:
            return Page((), None)
        emails = tuple(email for _, email, _ in some)
        page = vendor.warmup_days(emails)
        found = _Days(f"w{some[-1][0]}", _today(), _today(), page.records, emails=emails)
        return Page((found,), str(some[-1][0]), page.set_aside, page.notes)

    def _store_warmup(self, answer: _Days, workspace: str) -> Stored:
        return outreach.store_warmup(self.connection, answer.rows, answer.emails, workspace)

    def _some(self, vendor: Vendor, workspace: str, after: str) -> list[Any]:
        rows = Sender.objects.filter(connection=self.connection, workspace=workspace, gone_at=None, pk__gt=int(after or 0))
        return list(rows.order_by("pk").values_list("pk", "email", "first_seen")[: vendor.activity_senders])

    def _since(self, first_seen: datetime) -> date:
        """What came since the last pass began has all of its past before it."""
        far = _today() - self.FAR
        known = bool(self.at.known) and first_seen < datetime.fromisoformat(self.at.known)
        return max(far, date.fromisoformat(self.at.since)) if known else far


def _today() -> date:
    return timezone.now().date()


def _part_left_out(page: Page[Any], workspace: str, part: str) -> Page[Any]:
    return Page((LeftOut(f"{workspace}/{part}", page.records[0].why),), None, notes=page.notes)


def _is_left_out(page: Page[Any]) -> bool:
    return bool(page.records) and isinstance(page.records[0], LeftOut)
