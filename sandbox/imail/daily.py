"""What a campaign sent from an inbox on a day, and what became of it. Today's grow with the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from sandbox.imail.ids import chance
from sandbox.imail.workspace import Campaign, Inbox, Ledger, days

METRICS = (
    "sent", "delivered", "opened", "clicked", "bounced_hard", "bounced_soft", "replied", "replies_positive", "unsubscribed",
)  # fmt: skip
SOFT, OPENS, CLICKS, REPLIES, POSITIVE, GONE = 0.015, 0.46, 0.07, 0.05, 0.3, 0.004


def cells(
    ledger: Ledger, now: datetime, first: date, last: date, campaign_id: str | None = None, inbox_id: str | None = None
) -> Iterator[tuple[date, Campaign, Inbox, Counter[str]]]:
    """Of each day, campaign and inbox with mail, the oldest first."""
    for day in days(max(first, ledger.anchor.replace(year=ledger.anchor.year - 1)), min(last, now.date())):
        for campaign in ledger.campaigns.values():
            if campaign_id not in (None, campaign.id) or not campaign.sends_on(day):
                continue
            for identity in campaign.inbox_ids:
                inbox = ledger.inboxes.get(identity)
                if inbox is None or inbox_id not in (None, inbox.id) or not inbox.sends_on(day):
                    continue
                if found := counts(ledger, campaign, inbox, day, now):
                    yield day, campaign, inbox, found


def counts(ledger: Ledger, campaign: Campaign, inbox: Inbox, day: date, now: datetime) -> Counter[str] | None:
    """None where nothing was sent: at weekends, and before the day's window opens."""
    if day.weekday() >= 5:
        return None
    key = (campaign.id, inbox.id, day)
    whole = campaign.daily_limit / len(campaign.inbox_ids) * (0.7 + 0.3 * chance("sent", *key))
    sent = int(whole * _share(day, now))
    if not sent:
        return None

    def part(what: str, of: int, rate: float) -> int:
        return min(of, int(of * rate + chance(what, *key)))

    hard = part("hard", sent, ledger.hard((day - ledger.anchor).days))
    soft = part("soft", sent - hard, SOFT)
    delivered = sent - hard - soft
    opened = part("opened", delivered, OPENS) if campaign.track_opens else 0
    replied = part("replied", delivered, REPLIES)
    return Counter(
        sent=sent, delivered=delivered, opened=opened, bounced_hard=hard, bounced_soft=soft, replied=replied,
        clicked=part("clicked", opened, CLICKS) if campaign.track_clicks else 0,
        replies_positive=part("positive", replied, POSITIVE), unsubscribed=part("gone", delivered, GONE),
    )  # fmt: skip


def _share(day: date, now: datetime) -> float:
    """Of the day's mail that is out by now: it leaves between 9 and 17 o'clock."""
    if day < now.date():
        return 1.0
    return min(1.0, max(0.0, (now.hour + now.minute / 60 - 9) / 8))
