"""Campaigns as a list shows them: every figure already words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from clients.campaigning import limits
from clients.models import Campaign, CampaignStatus, Client
from reports.listing.campaigns import GONE
from reports.listing.heads import Column
from reports.outreach import bounced_in_all
from reports.queries.outreach import NOTHING, Reach
from reports.stats import UNMEASURED, Cell

COLUMNS = [
    Column("Campaign", "name"),
    Column("Status", "status"),
    Column("Daily limit", "limit", number=True, best_first=True, title="Mails a day, as set at the vendor"),
    Column("Senders", number=True, title="Named by the campaign, or by a tag that it sends with"),
    Column("Sent", "sent", number=True, best_first=True),
    Column(
        "Opened", "opened", number=True, best_first=True,
        title="Indicative: machines open mail as well, and some people's readers never tell",
    ),
    Column("Clicked", "clicked", number=True, best_first=True),
    Column("Replied", "replied", number=True, best_first=True, title="By people; automatic replies are not among them"),
    Column("Bounced", number=True, title="In the window where its vendor counts them by day, else since the campaign began"),
]  # fmt: skip

TONES = {
    "active": "good", "subsequences": "good", "paused": "look", "unhealthy": "bad", "bounce_protect": "bad", "suspended": "bad",
}  # fmt: skip
_WORDS = {**{str(value): str(label) for value, label in CampaignStatus.choices}, GONE: "Gone"}


@dataclass(frozen=True, slots=True)
class Line:
    uuid: UUID
    may_change: bool
    url: str
    name: str
    vendor: str  # empty where all are of one
    tags: list[str]
    status: str
    tone: str
    held: str  # why an active one does not send
    limit: str
    senders: str
    by_tag: str
    sent: str
    opened: Cell
    clicked: Cell
    replied: Cell
    bounced: Cell


def lines(client: Client, rows: Sequence[Campaign], reach: Mapping[int, Reach], window: int) -> list[Line]:
    """`rows` come with their connection. `window`: its days, which go along to a campaign's own page."""
    several = len({row.connection.vendor for row in rows}) > 1
    return [_line(client, row, reach.get(row.pk, NOTHING), window, several=several) for row in rows]


def status(word: str) -> str:
    """A number that we have no word for is said to be one."""
    return _WORDS.get(word) or (f"Status {word}" if word else UNMEASURED)


def may_change(campaign: Campaign) -> bool:
    """Whether its vendor lets anything of it be changed."""
    return bool(campaign.connection.vendor_class.campaign_acts) and campaign.gone_at is None


def may_turn(campaign: Campaign) -> bool:
    """Whether it can be paused or resumed as it stands: a draft can be neither."""
    vendor, status = campaign.connection.vendor_class, campaign.status
    asked = vendor.campaign_acts.get("status", ())
    return may_change(campaign) and any(("status", to, status) not in vendor.campaign_bars and to != status for to in asked)


def held(campaign: Campaign) -> str:
    """Of one that would send, why it does not."""
    return campaign.not_sending if campaign.status == CampaignStatus.ACTIVE and campaign.gone_at is None else ""


def _line(client: Client, row: Campaign, reach: Reach, window: int, *, several: bool) -> Line:
    word: str = row.shown_status  # type: ignore[attr-defined]
    return Line(
        row.uuid,
        may_change(row),
        f"{reverse('campaign', args=[client.slug, row.uuid])}?window={window}",
        str(row),
        row.connection.vendor_class.label if several else "",
        row.tags,
        status(word),
        TONES.get(word, ""),
        held(row),
        _limit(row),
        f"{len(row.senders):,}" if row.senders or not row.sender_tags else "",
        ", ".join(f"tag {tag}" for tag in row.sender_tags),
        reach.text("sent") if reach["sent"] is not None or row.days_stale else "0",
        reach.cell("opened"),
        reach.cell("clicked"),
        reach.cell("replied"),
        reach.cell("bounced") if reach["bounced"] is not None else bounced_in_all(row.totals),
    )


def _limit(row: Campaign) -> str:
    if row.daily_limit is None:
        return UNMEASURED
    return f"{row.daily_limit:,}, the vendor’s most" if limits.is_most(row) else f"{row.daily_limit:,}"
