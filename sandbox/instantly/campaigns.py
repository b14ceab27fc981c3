"""Campaigns: read, started and stopped."""

from __future__ import annotations

from sandbox.answers import Answer, Json
from sandbox.instantly import ids
from sandbox.instantly.call import Call, bad, is_uuid, missing
from sandbox.instantly.ids import stamp
from sandbox.instantly.vocabulary import CAMPAIGN_STATUSES
from sandbox.instantly.workspace import Campaign


def listed(call: Call) -> Answer:
    """Newest first."""
    search = call.query.get("search", "").lower()
    status, unwanted = call.number("status", CAMPAIGN_STATUSES), call.number("exclude_status", CAMPAIGN_STATUSES)
    tags, after = call.comma_list("tag_ids"), call.cursor()
    place = ids.read(is_uuid(after, "querystring/starting_after")) if after else None
    if after and (place is None or place.kind != ids.CAMPAIGN):
        raise bad("querystring/starting_after is not valid")
    numbers = [tag.number for tag in call.workspace.tags.values() if tags and tag.id in tags]
    found = [
        one
        for one in reversed(call.workspace.campaigns.values())
        if search in one.name.lower()
        and status in (None, one.status)
        and one.status != unwanted
        and (tags is None or any(number in one.tags for number in numbers))
        and (place is None or one.created < place.ms)
    ]
    return call.listed(iter(found), lambda one: values(call, one), lambda one: one.id)


def one(call: Call) -> Answer:
    return call.one(values(call, the_campaign(call, call.named[0])))


def activate(call: Call) -> Answer:
    found = the_campaign(call, call.named[0])
    if not (found.emails or found.sender_tags) or not found.schedule:
        raise bad("Campaign must have at least one sending account and a schedule")
    return _turned(call, found, 1)


def pause(call: Call) -> Answer:
    return _turned(call, the_campaign(call, call.named[0]), 2)


def the_campaign(call: Call, identity: str) -> Campaign:
    found = call.workspace.campaigns.get(is_uuid(identity, "params/id"))
    if found is None:
        raise missing()
    return found


def values(call: Call, campaign: Campaign) -> dict[str, Json]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "is_evergreen": False,
        "campaign_schedule": campaign.schedule,
        "sequences": [{"steps": [{"type": "email", "delay": 2, "variants": [{"subject": "hi", "body": "<div>hi</div>"}]}]}],
        "timestamp_created": stamp(campaign.created),
        "timestamp_updated": stamp(campaign.updated or campaign.created),
        "email_list": list(campaign.emails),
        "email_tag_list": [tag.id for tag in call.workspace.tags.values() if tag.number in campaign.sender_tags],
        "daily_limit": campaign.daily_limit,
        "open_tracking": campaign.tracks,
        "link_tracking": campaign.tracks or None,
        "stop_on_reply": True,
        "not_sending_status": campaign.not_sending if campaign.status == 1 else None,
        "organization": call.workspace.id,
    }


def _turned(call: Call, campaign: Campaign, status: int) -> Answer:
    campaign.status, campaign.updated = status, call.now
    return call.one(values(call, campaign))
