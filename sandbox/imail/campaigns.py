"""Campaigns: made, changed, started and stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sandbox.answers import Answer, Json
from sandbox.clock import iso
from sandbox.imail.call import Call, invalid, lacking, missing, refused
from sandbox.imail.daily import cells
from sandbox.imail.workspace import STATUSES, WINDOW, Campaign

MOST_STEPS = 20
EVENTS = ("opened", "clicked", "replied", "no_reply", "bounced")
FIELDS = ("name", "inbox_ids", "steps", "daily_limit", "send_window", "track_opens", "track_clicks")
Check = Callable[[Call, Json], None]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def listed(call: Call) -> Answer:
    """Without a status all but archived ones."""
    status, inbox = call.query.get("status"), call.query.get("inbox_id")
    if status is not None and status not in STATUSES:
        raise invalid("status", f"status must be one of {', '.join(STATUSES)}")
    found = [
        one
        for one in call.ledger.campaigns.values()
        if (one.status == status if status else one.status != "archived") and (inbox is None or inbox in one.inbox_ids)
    ]
    return call.listed(found, lambda one: values(call, one), lambda one: one.number)


def one(call: Call) -> Answer:
    return call.one(values(call, the_campaign(call)))


def create(call: Call) -> Answer:
    body = call.json()
    for name in ("name", "inbox_ids", "steps"):
        if name not in body:
            raise lacking(name)
    number, ledger = call.ledger.new_number(), call.ledger
    made = Campaign(
        ledger.new_id("cmp", number), number, "", "draft", [], [], ledger.tier.daily_limit, call.now, call.now
    )  # fmt: skip
    _set(call, made, body)
    ledger.campaigns[made.id] = made
    return call.one(values(call, made), 201)


def edit(call: Call) -> Answer:
    found, body = the_campaign(call), call.json()
    status = body.pop("status", None)
    _set(call, found, body)
    if status is not None:
        _turn(call, found, status)
    found.updated = call.now
    return call.one(values(call, found))


def delete(call: Call) -> Answer:
    the_campaign(call).turn("archived", call.now)
    return Answer(204, b"")


def start(call: Call) -> Answer:
    return _act(call, "active", ("draft",))


def pause(call: Call) -> Answer:
    return _act(call, "paused", ("active",))


def resume(call: Call) -> Answer:
    return _act(call, "active", ("paused",))


def the_campaign(call: Call, identity: str | None = None) -> Campaign:
    found = call.ledger.campaigns.get(call.named[0] if identity is None else identity)
    if found is None:
        raise missing("campaign")
    return found


def values(call: Call, campaign: Campaign) -> dict[str, Json]:
    today = call.now.date()
    week = list(cells(call.ledger, call.now, today - timedelta(days=6), today, campaign.id))
    delivered = sum(counts["delivered"] for *_, counts in week)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "sent_today": sum(counts["sent"] for day, _, _, counts in week if day == today),
        "reply_rate_7d": round(sum(counts["replied"] for *_, counts in week) / delivered, 4) if delivered else 0.0,
        "inbox_ids": list(campaign.inbox_ids),
        "daily_limit": campaign.daily_limit,
        "track_opens": campaign.track_opens,
        "track_clicks": campaign.track_clicks,
        "send_window": campaign.send_window,
        "steps_count": len(campaign.steps),
        "leads_count": len(call.ledger.leads_of(campaign)),
        "created_at": iso(campaign.created),
        "updated_at": iso(campaign.updated),
    }


def _act(call: Call, status: str, before: tuple[str, ...]) -> Answer:
    if not call.switches.start_routes:
        raise refused(404, "not_found", "No such route")
    found = the_campaign(call)
    if found.status not in before:
        raise refused(409, "conflict", f"A campaign that is {found.status} can't become {status}")
    found.turn(status, call.now)
    return call.one(values(call, found))


def _turn(call: Call, found: Campaign, status: Json) -> None:
    if status not in ("active", "paused"):
        raise invalid("status", "status must be active or paused")
    if (status == "paused") != (found.status == "active"):
        raise refused(409, "conflict", f"A campaign that is {found.status} can't become {status}")
    found.turn(status, call.now)


def _set(call: Call, campaign: Campaign, body: dict[str, Json]) -> None:
    """All or nothing."""
    for name, value in body.items():
        if name not in FIELDS:
            raise invalid(name, f"{name} is no field of a campaign")
        _CHECKS[name](call, value)
    for name, value in body.items():
        setattr(campaign, name, value)


def _name(call: Call, value: Json) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= 120:
        raise invalid("name", "name must be text of 1 to 120 characters")


def _inboxes(call: Call, value: Json) -> None:
    known = call.ledger.inboxes
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each in known for each in value):
        raise invalid("inbox_ids", "inbox_ids must name inboxes of this workspace")
    if lost := [known[each].email for each in value if known[each].status != "connected"]:
        raise invalid("inbox_ids", f"inbox_ids must be connected: {', '.join(lost)} is not")


def _steps(call: Call, value: Json) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_STEPS or not all(isinstance(each, dict) for each in value):
        raise invalid("steps", f"steps must be 1 to {MOST_STEPS} steps")
    ids = [each.get("id") for each in value]
    if len(set(ids)) != len(ids) or not all(isinstance(each, str) and 1 <= len(each) <= 40 for each in ids):
        raise invalid("steps", "steps must each have an id of their own")
    for step in value:
        condition = step.get("condition") or {}
        if condition and condition.get("event") not in EVENTS:
            raise invalid("steps", f"steps.condition.event must be one of {', '.join(EVENTS)}")
        for name in ("on", "then", "else"):
            if condition.get(name) is not None and condition[name] not in ids:
                raise invalid("steps", f"steps.condition.{name} names a step that is not there")


def _daily_limit(call: Call, value: Json) -> None:
    tier = call.ledger.tier
    if type(value) is not int or not 1 <= value <= tier.daily_limit:
        raise invalid("daily_limit", f"daily_limit must be between 1 and {tier.daily_limit} on {tier.name} tier")


def _window(call: Call, value: Json) -> None:
    if not isinstance(value, dict) or set(value) - set(WINDOW) or not set(value.get("days", [])) <= set(DAYS):
        raise invalid("send_window", "send_window must have start, end, days and timezone")
    if not str(value.get("start", "")) < str(value.get("end", "")):
        raise invalid("send_window", "send_window.start must be before its end")


def _flag(name: str) -> Check:
    def check(call: Call, value: Json) -> None:
        if not isinstance(value, bool):
            raise invalid(name, f"{name} must be true or false")

    return check


_CHECKS: dict[str, Check] = {
    "name": _name,
    "inbox_ids": _inboxes,
    "steps": _steps,
    "daily_limit": _daily_limit,
    "send_window": _window,
    "track_opens": _flag("track_opens"),
    "track_clicks": _flag("track_clicks"),
}
