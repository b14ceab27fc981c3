"""Outreach into rows: campaigns, what they have sent in all, and the days of campaigns, senders and warmup. Inside the caller's
transaction, which holds the connection's lock, as in `clients.storing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from clients import bulk, campaign_owners, outreach_days
from clients.models import ActivityDay, Campaign, Connection, Grain, WarmupDay, sender_ref
from clients.scoping import Resolver
from clients.storing import Stored
from clients.vendors.records import ActivityRecord, CampaignRecord, TotalsRecord, WarmupRecord

CAMPAIGN = (
    "client", "conflict", "workspace", "name", "status", "not_sending", "daily_limit", "senders", "sender_tags", "tags",
    "schedule", "raw", "created_at",
)  # fmt: skip
_SAID = ("name", "status", "not_sending", "daily_limit", "schedule", "raw", "created_at")
_CAMPAIGN = attrgetter("client_id", *CAMPAIGN[1:])


def store_campaigns(
    connection: Connection, records: Sequence[CampaignRecord], pass_id: int, resolver: Resolver, workspace: str = ""
) -> Stored:
    batch = bulk.latest(records, lambda record: record.external_id)
    kept = {one.external_id: one for one in Campaign.objects.filter(connection=connection, external_id__in=list(batch))}
    owners, told = campaign_owners.Owners(connection, resolver), "totals" in connection.vendor_class.tells
    fresh, changed = [], []
    for external_id, record in batch.items():
        campaign = kept.get(external_id)
        was = _CAMPAIGN(campaign) if campaign else None
        campaign = campaign or Campaign(connection=connection, external_id=external_id)
        for name in _SAID:
            setattr(campaign, name, getattr(record, name))
        campaign.workspace, campaign.senders = workspace, list(record.senders)
        # What can't be read now stays as it was.
        campaign.tags = campaign.tags if record.tags is None else list(record.tags)
        campaign.sender_tags = campaign.sender_tags if record.sender_tags is None else list(record.sender_tags)
        moved = campaign_owners.give(campaign, owners.of(campaign))
        if was is None:
            fresh.append(campaign)
        elif campaign.gone_at or was != _CAMPAIGN(campaign):
            campaign.gone_at = None
            campaign.days_stale = campaign.days_stale or not told
            changed.append(campaign)
            if moved:
                campaign_owners.give_days([campaign])
        campaign.seen_run = pass_id
    Campaign.objects.bulk_create(fresh)
    Campaign.objects.bulk_update(changed, ("gone_at", "days_stale", *CAMPAIGN), batch_size=200)
    Campaign.objects.filter(connection=connection, external_id__in=list(batch)).update(seen_run=pass_id)
    return Stored(len(batch), len(fresh), len(changed))


def store_totals(connection: Connection, records: Sequence[TotalsRecord]) -> Stored:
    """Of campaigns that we have. A campaign whose totals moved has days to be read again."""
    batch = bulk.latest(records, lambda record: record.external_id)
    changed = []
    for campaign in Campaign.objects.filter(connection=connection, external_id__among=list(batch)):
        counts = batch[campaign.external_id].counts
        counts = {name: count for name, count in counts.items() if count or _sees(campaign, name)}
        if campaign.totals != counts:
            campaign.totals, campaign.days_stale = counts, True
            changed.append(campaign)
    Campaign.objects.bulk_update(changed, ("totals", "days_stale"), batch_size=500)
    return Stored(len(batch), 0, len(changed))


DAY = (
    "client_id", "domain", "workspace", "sent", "delivered", "opened", "clicked", "replied", "replied_auto", "positive",
    "bounced", "bounced_hard", "bounced_soft", "unsubscribed",
)  # fmt: skip
COUNTS = DAY[3:]
_COUNTS = attrgetter(*COUNTS)


def store_campaign_days(
    campaign: Campaign, records: Iterable[ActivityRecord], first: date, last: date, totals: Mapping[str, int]
) -> Stored:
    """All that the vendor says of those days. `totals`: what they were when it was asked; where they moved since, the days are
    still to be read again."""
    found: dict[Any, tuple[Any, ...]] = {}
    for record in records:
        counts = zip(COUNTS, _COUNTS(record), strict=True)
        seen = (count if count or _sees(campaign, name) else None for name, count in counts)
        found["", record.day] = (campaign.client_id, "", campaign.workspace, *seen)
    stored = _store_days(campaign.connection_id, days_of_campaign(campaign, first, last), found, Grain.CAMPAIGN, campaign.pk)
    if campaign.days_stale and campaign.totals == totals:
        Campaign.objects.filter(pk=campaign.pk).update(days_stale=False)
    return stored


def store_sender_days(
    connection: Connection,
    records: Iterable[ActivityRecord],
    emails: Sequence[str],
    first: date,
    last: date,
    resolver: Resolver,
    workspace: str = "",
) -> Stored:
    """All that the vendor says of those senders on those days, and of nobody on them."""
    asked = {email.lower(): email for email in (*emails, "")}
    found: dict[Any, tuple[Any, ...]] = {}
    for record in records:
        email = asked.get(record.ref.lower())
        if email is None or not first <= record.day <= last:
            continue
        ref, domain = sender_ref(workspace, email), email.rpartition("@")[2].lower()[:255]
        owner = resolver.broadcast_owner(ref, email, domain, workspace).client_id
        found[ref, record.day] = (owner, domain, workspace, *_COUNTS(record))
    named = [*emails, ""] if any(ref == sender_ref(workspace, "") for ref, _ in found) else emails
    rows = days_of_senders(connection, named, first, last, workspace)
    return _store_days(connection.pk, rows, found, Grain.SENDER)


def days_of_campaign(campaign: Campaign, first: date, last: date) -> QuerySet[ActivityDay]:
    return ActivityDay.objects.filter(campaign=campaign, grain=Grain.CAMPAIGN, day__range=(first, last))


def days_of_senders(
    connection: Connection, emails: Iterable[str], first: date, last: date, workspace: str = ""
) -> QuerySet[ActivityDay]:
    refs = [sender_ref(workspace, email) for email in emails]
    rows = ActivityDay.objects.filter(connection=connection, campaign=None, grain=Grain.SENDER, day__range=(first, last))
    return rows.filter(sender_ref__among=refs)


def _store_days(
    connection_id: int, rows: Any, found: Mapping[Any, tuple[Any, ...]], grain: Grain, campaign_id: int | None = None
) -> Stored:
    """`rows` are those that the answer was about: one that it does not have is gone."""
    kept = {row[:2]: row[2:] for row in rows.values_list("sender_ref", "day", "id", "gone_at", *DAY)}
    fresh = {key: values for key, values in found.items() if key not in kept}
    changed = {key: found[key] for key, was in kept.items() if key in found and (was[1] is not None or was[2:] != found[key])}
    gone = {key: was[0] for key, was in kept.items() if key not in found and was[1] is None}
    columns = ("connection_id", "grain", "campaign_id", "sender_ref", "day", *DAY)
    bulk.insert(ActivityDay, columns, [(connection_id, grain.value, campaign_id, *key, *fresh[key]) for key in fresh])
    bulk.update(ActivityDay, ("id", "gone_at", *DAY), [(kept[key][0], None, *changed[key]) for key in changed])
    if gone:
        ActivityDay.objects.filter(pk__among=list(gone.values())).update(gone_at=timezone.now())
    if grain == Grain.SENDER:
        touched = {*fresh, *changed, *gone}
        owners = {kept[key][2] for key in touched & kept.keys()} | {found[key][0] for key in touched & found.keys()}
        outreach_days.roll_up(connection_id, owners, {day for _, day in touched})
    return Stored(len(found), len(fresh), len(changed))


WARMUP = ("sent", "received", "inbox", "spam")


def store_warmup(connection: Connection, records: Iterable[WarmupRecord], emails: Sequence[str], workspace: str = "") -> Stored:
    asked = {email.lower(): sender_ref(workspace, email) for email in emails}
    batch = {(asked[one.ref.lower()], one.day): one for one in records if one.ref.lower() in asked}
    rows = WarmupDay.objects.filter(connection=connection, sender_ref__among=list(asked.values()))
    rows = rows.filter(day__in={day for _, day in batch})
    kept = {row[:2]: row[2:] for row in rows.values_list("sender_ref", "day", "id", *WARMUP)}
    fresh, changed = [], []
    for key, record in batch.items():
        was, values = kept.get(key), tuple(getattr(record, name) for name in WARMUP)
        if was is None:
            fresh.append((connection.pk, *key, *values))
        elif was[1:] != values:
            changed.append((was[0], *values))
    bulk.insert(WarmupDay, ("connection_id", "sender_ref", "day", *WARMUP), fresh)
    bulk.update(WarmupDay, ("id", *WARMUP), changed)
    return Stored(len(batch), len(fresh), len(changed))


_TRACKED = {"opened": "tracks_opens", "clicked": "tracks_clicks"}


def _sees(campaign: Campaign, count: str) -> bool:
    """A 0 of what a campaign does not track was not measured."""
    return count not in _TRACKED or campaign.raw.get(_TRACKED[count]) is not False
