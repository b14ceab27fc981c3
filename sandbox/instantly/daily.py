"""Figures of each day: of mailboxes, of campaigns, and of warmup mail. They follow from the mailbox and the day."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.clock import epoch
from sandbox.instantly import jobs
from sandbox.instantly.call import Call, bad, dates, is_uuid
from sandbox.instantly.campaigns import the_campaign
from sandbox.instantly.ids import mixed
from sandbox.instantly.mailboxes import Mailbox
from sandbox.instantly.vocabulary import CAMPAIGN_STATUSES
from sandbox.instantly.workspace import DAY, Campaign, Workspace

MOST = 200
RANGE = 31
_RESTS = {2: 60, 3: 60, -2: 12}
"""Status of a campaign -> the days since which it has sent nothing."""
COUNTS = (
    "sent", "contacted", "new_leads_contacted", "opened", "unique_opened", "replies", "unique_replies",
    "replies_automatic", "unique_replies_automatic", "clicks", "unique_clicks",
)  # fmt: skip


def accounts(call: Call) -> Answer:
    emails = call.all_of("emails")
    if len(emails) > MOST:
        raise bad(f"querystring/emails must NOT have more than {MOST} items")
    start, end = dates(call, RANGE - 1, RANGE)
    if not emails and not call.switches.daily_without_emails:
        raise RefusedError(
            413,
            "Analytics request is too large for this workspace. Add an emails filter or request a smaller date range.",
        )
    boxes = call.workspace.mailboxes
    wanted = [box for box in map(boxes.find, dict.fromkeys(emails)) if box] if emails else list(boxes.newest_first())
    rows: list[dict[str, Json]] = []
    for day in _days(start, end):
        for box in wanted:
            counts = sent_on(call.workspace, box, day)
            if counts["sent"]:
                rows.append(_row(day, box.email, counts))
        if call.switches.unattributed_rows:
            rows.append(_row(day, "", Counter({"sent": 2, "contacted": 2})))
    return ok(rows)


def warmup(call: Call) -> Answer:
    """Of the last seven days. Mailboxes of nobody are just not there."""
    emails = call.json().get("emails")
    if not isinstance(emails, list):
        raise bad("body must have required property 'emails'" if emails is None else "body/emails must be array")
    if not emails:
        raise bad("body/emails must NOT have fewer than 1 items")
    if len(emails) > 100:
        raise bad("body/emails must NOT have more than 100 items")
    jobs.settle(call)
    days: dict[str, Json] = {}
    sums: dict[str, Json] = {}
    for email in emails:
        box = call.workspace.mailboxes.find(email)
        if box is None or box.warmup_status != 1:
            continue
        whole: Counter[str] = Counter()
        days[box.email] = {}
        for day in _days(call.clock.today() - timedelta(days=7), call.clock.today() - timedelta(days=1)):
            luck = _luck(box, day) >> 8
            spam = sum((luck >> bit * 7 & 127) * 100 >= box.score * 128 for bit in range(7))
            counts = {"sent": 10, "received": 9 + luck % 3, "landed_inbox": 10 - min(spam, 9), "landed_spam": min(spam, 9)}
            whole.update(counts)
            days[box.email][day.isoformat()] = {name: number for name, number in counts.items() if number}
        health = round(100 * whole["landed_inbox"] / whole["sent"])
        sums[box.email] = {
            **{name: number for name, number in whole.items() if number},
            "health_score": health,
            "health_score_label": f"{health}%",
        }
    return ok({"email_date_data": days, "aggregate_data": sums} if sums else {})


def campaigns(call: Call) -> Answer:
    """One array, never paged."""
    ids = [is_uuid(identity, "querystring/ids") for identity in (*call.all_of("id"), *call.all_of("ids"))]
    start, end = dates(call, 120)
    teams = _teams(call.workspace)
    rows = []
    for campaign in call.workspace.campaigns.values():
        if ids and campaign.id not in ids:
            continue
        whole: Counter[str] = Counter()
        for day in _days(start, end):
            whole.update(_campaign_on(call.workspace, campaign, day, teams))
        leads = {} if call.query.get("exclude_total_leads_count") == "true" else {"leads_count": 900 + 40 * campaign.number}
        rows.append(
            {
                "campaign_id": campaign.id,
                "campaign_name": campaign.name,
                "campaign_status": campaign.status,
                "campaign_is_evergreen": False,
                **leads,
                "contacted_count": whole["contacted"],
                "emails_sent_count": whole["sent"],
                "new_leads_contacted_count": whole["new_leads_contacted"],
                "open_count": whole["opened"],
                "open_count_unique": whole["unique_opened"],
                "reply_count": whole["replies"],
                "reply_count_unique": whole["unique_replies"],
                "reply_count_automatic": whole["replies_automatic"],
                "link_click_count": whole["clicks"],
                "link_click_count_unique": whole["unique_clicks"],
                "bounced_count": whole["bounced"],
                "unsubscribed_count": whole["replies"] // 6,
                "completed_count": whole["new_leads_contacted"] // 2,
                "total_opportunities": whole["opportunities"],
                "total_opportunity_value": 1000 * whole["opportunities"],
            }
        )
    return ok(rows)


def campaign_days(call: Call) -> Answer:
    identity, status = call.uuid("campaign_id"), call.number("campaign_status", CAMPAIGN_STATUSES)
    start, end = dates(call, 30)
    chosen = [the_campaign(call, identity)] if identity else list(call.workspace.campaigns.values())
    teams = _teams(call.workspace)
    rows = []
    for day in _days(start, end):
        whole: Counter[str] = Counter()
        for campaign in chosen:
            if status in (None, campaign.status):
                whole.update(_campaign_on(call.workspace, campaign, day, teams))
        if whole["sent"]:
            opportunities = {"opportunities": whole["opportunities"], "unique_opportunities": whole["opportunities"]}
            rows.append({"date": day.isoformat(), **{name: whole[name] for name in COUNTS}, **opportunities})
    return ok(rows)


def sent_on(workspace: Workspace, box: Mailbox, day: date) -> Counter[str]:
    """Campaign mail of one mailbox on one day: none at weekends, before the stories, or while it does not send."""
    ago = (workspace.anchor - day).days
    if day.weekday() > 4 or not 0 <= ago < 120 or box.status_at(epoch(day) * 1000 + DAY // 2) != 1:
        return Counter()
    luck = _luck(box, day)
    sent = box.daily_limit - luck % 6
    bounced = (luck >> 8) % 40 // 39 + (2 if workspace.listed.get(box.domain, 1 << 50) <= epoch(day) * 1000 else 0)
    replies = (luck >> 16) % 5 // 2
    automatic = (luck >> 24) % 3 // 2
    return Counter(
        {
            "sent": sent, "bounced": bounced, "contacted": sent - bounced, "new_leads_contacted": sent // 3,
            "opened": 0, "unique_opened": 0, "replies": replies, "unique_replies": replies,
            "replies_automatic": automatic, "unique_replies_automatic": automatic, "clicks": 0, "unique_clicks": 0,
            "opportunities": replies // 2,
        }
    )  # fmt: skip


def _campaign_on(workspace: Workspace, campaign: Campaign, day: date, teams: Mapping[str, frozenset[str]]) -> Counter[str]:
    """Its part of what its mailboxes sent: those of several campaigns that send on that day give each an equal one."""
    found: Counter[str] = Counter()
    at_it = [one.id for one in workspace.campaigns.values() if _sends(workspace, one, day)]
    if campaign.id not in at_it:
        return found
    for email in sorted(teams[campaign.id]):
        box = workspace.mailboxes.find(email)
        if box:
            theirs = [one for one in at_it if email in teams[one]]
            place = theirs.index(campaign.id)
            found.update({name: (n + place) // len(theirs) for name, n in sent_on(workspace, box, day).items()})
    if campaign.tracks:
        opens = found["contacted"] * (44 + day.toordinal() % 9) // 100
        found.update({"opened": opens + opens // 3, "unique_opened": opens, "clicks": opens // 11, "unique_clicks": opens // 12})
    return found


def _sends(workspace: Workspace, campaign: Campaign, day: date) -> bool:
    ago = (workspace.anchor - day).days
    return campaign.status != 0 and epoch(day) * 1000 >= campaign.created and ago >= _RESTS.get(campaign.status, 0)


def _teams(workspace: Workspace) -> dict[str, frozenset[str]]:
    """By campaign: whom it sends from."""
    return {one.id: frozenset({*one.emails, *_tagged(workspace, one)}) for one in workspace.campaigns.values()}


def _tagged(workspace: Workspace, campaign: Campaign) -> Iterator[str]:
    if campaign.sender_tags:
        for box in workspace.mailboxes.newest_first():
            if not set(campaign.sender_tags).isdisjoint(box.tags):
                yield box.email


def _row(day: date, email: str, counts: Counter[str]) -> dict[str, Json]:
    return {
        "date": day.isoformat(),
        "email_account": email,
        "bounced": counts["bounced"],
        **{name: counts[name] for name in COUNTS},
    }


def _days(start: date, end: date) -> Iterator[date]:
    for offset in range((end - start).days + 1):
        yield start + timedelta(days=offset)


def _luck(box: Mailbox, day: date) -> int:
    return mixed(zlib.crc32(box.email.encode()) << 20 ^ day.toordinal())
