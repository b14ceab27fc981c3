"""Custom tags, and what carries them: campaigns first, then mailboxes, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from sandbox.answers import Answer, Json, ok
from sandbox.instantly import ids
from sandbox.instantly.call import Call, bad, is_uuid, missing
from sandbox.instantly.ids import stamp
from sandbox.instantly.workspace import Tag

ACCOUNT, CAMPAIGN = 1, 2
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
_SETS_OFF = 1000
"""A mapping is made a second after its resource, and each further one a millisecond later."""


def listed(call: Call) -> Answer:
    """Newest first."""
    search, wanted = call.query.get("search", "").lower(), call.comma_list("tag_ids")
    resources, after = call.comma_list("resource_ids"), call.cursor()
    place = ids.read(is_uuid(after, "querystring/starting_after")) if after else None
    if after and (place is None or place.kind != ids.TAG):
        raise bad("querystring/starting_after is not valid")
    carried = {number for resource in resources or () for number in _numbers(call, resource)}
    found = [
        tag
        for tag in reversed(call.workspace.tags.values())
        if search in tag.label.lower()
        and (wanted is None or tag.id in wanted)
        and (resources is None or tag.number in carried)
        and (place is None or tag.created < place.ms)
    ]
    return call.listed(iter(found), lambda tag: _values(call, tag), lambda tag: tag.id)


def one(call: Call) -> Answer:
    return call.one(_values(call, _the_tag(call, call.named[0], "params/id")))


def mappings(call: Call) -> Answer:
    resources, after = call.comma_list("resource_ids"), call.cursor()
    if after and not _TIME.match(after):
        raise bad("querystring/starting_after is not valid")
    before = round(datetime.fromisoformat(after).timestamp() * 1000) if after else None
    found = (
        row
        for row in _mappings(call, before)
        if (before is None or row[0] < before) and (resources is None or row[2] in resources)
    )
    return call.listed(found, lambda row: _mapping(call, *row), lambda row: stamp(row[0]))


def toggle(call: Call) -> Answer:
    body = call.json()
    for name in ("tag_ids", "resource_type", "assign"):
        if name not in body:
            raise bad(f"body must have required property '{name}'")
    if body["resource_type"] not in (ACCOUNT, CAMPAIGN):
        raise bad("body/resource_type must be equal to one of the allowed values")
    if not isinstance(body["tag_ids"], list) or not isinstance(body.get("resource_ids"), list) or not body["tag_ids"]:
        raise bad("body/resource_ids must be array")
    tags = [_the_tag(call, identity, f"body/tag_ids/{place}") for place, identity in enumerate(body["tag_ids"])]
    carriers: list[list[int]] = []
    unknown = 0
    for resource in body["resource_ids"]:
        found = call.workspace.mailboxes.find(resource) if body["resource_type"] == ACCOUNT else None
        campaign = call.workspace.campaigns.get(resource) if body["resource_type"] == CAMPAIGN else None
        if found:
            carriers.append(call.workspace.mailboxes.change(found).tags)
        elif campaign:
            carriers.append(campaign.tags)
        else:
            unknown += 1
    if unknown:
        raise missing(f"{unknown} {'account' if body['resource_type'] == ACCOUNT else 'campaign'}(s) not found")
    for carried in carriers:
        for tag in tags:
            if body["assign"] and tag.number not in carried:
                carried.append(tag.number)
            elif not body["assign"] and tag.number in carried:
                carried.remove(tag.number)
    return ok({"success": True})


def _mappings(call: Call, before: int | None) -> Iterator[tuple[int, int, str, int, int]]:
    """(time, number of the tag, resource, its type, its number)."""
    for campaign in reversed(call.workspace.campaigns.values()):
        for number in sorted(campaign.tags, reverse=True):
            yield campaign.created + _SETS_OFF + number, number, campaign.id, CAMPAIGN, campaign.number
    for mailbox in call.workspace.mailboxes.newest_first(before):
        for number in sorted(mailbox.tags, reverse=True):
            yield mailbox.created + _SETS_OFF + number, number, mailbox.email, ACCOUNT, mailbox.index


def _mapping(call: Call, created: int, number: int, resource: str, kind: int, index: int) -> dict[str, Json]:
    tag = next(tag for tag in call.workspace.tags.values() if tag.number == number)
    return {
        "id": call.workspace.id_of(ids.MAPPING, created, number, kind, index),
        "tag_id": tag.id,
        "resource_id": resource,
        "resource_type": kind,
        "timestamp_created": stamp(created),
        "organization_id": call.workspace.id,
    }


def _values(call: Call, tag: Tag) -> dict[str, Json]:
    return {
        "id": tag.id,
        "timestamp_created": stamp(tag.created),
        "timestamp_updated": stamp(tag.updated),
        "organization_id": call.workspace.id,
        "label": tag.label,
        "description": tag.description,
    }


def _the_tag(call: Call, identity: Json, where: str) -> Tag:
    found = call.workspace.tags.get(is_uuid(identity, where))
    if found is None:
        raise missing()
    return found


def _numbers(call: Call, resource: str) -> list[int]:
    campaign, mailbox = call.workspace.campaigns.get(resource), call.workspace.mailboxes.find(resource)
    return campaign.tags if campaign else mailbox.tags if mailbox else []
