"""What Instantly's wire says where a placement test is made, changed or deleted.

Reference: https://developer.instantly.ai/api-reference/inboxplacementtest, and what the live API demands beyond it.
"""

from __future__ import annotations

import re
from typing import Any

from clients.vendors.instantly_tests_wire import A_TEST, KINDS, OUTSIDE
from clients.vendors.instantly_wire import PATHS
from clients.vendors.testing import (
    ABOVE,
    AUTOMATED,
    BELOW,
    LISTED,
    UNLISTED,
    Automation,
    NewTest,
    Schedule,
    SeedGroup,
    TestEdit,
)
from clients.vendors.text import clean

TESTS = PATHS["tests"]
GROUPS = f"{TESTS}/email-service-provider-options"
TAGS = "/api/v2/custom-tags"
CREATE, CHANGE, DELETE = "POST", "PATCH", "DELETE"
#: The scope that each needs; `all:all` has them all.
SCOPES = {name: f"inbox_placement_tests:{name}" for name in ("create", "update", "delete")}

# ---- Assumed, since nobody has said it.
#: A description comes back with the test, as it was sent.
MARK = "description"
#: A threshold counts percent that reached the inbox.
#: Who pauses a test and sends it on again says so by its status, also of one that ran once.
#: Mail sent from outside goes to the test's `recipients` and carries its `test_code`; its senders are named all the same.
LONGEST_PAUSE = 365  # days

KIND_NUMBERS = {word: number for number, word in KINDS.items()}
STATUS_NUMBERS = {"active": 1, "paused": 2}
FROM_THERE = 1  # sending_method
ONE_BY_ONE, TOGETHER = 1, 2  # delivery_mode
CONDITIONS = {
    BELOW: "placement_goes_below",
    ABOVE: "placement_goes_above",
    LISTED: "added_to_blacklists",
    UNLISTED: "removed_from_blacklists",
}
_OF_CONDITION = {theirs: ours for ours, theirs in CONDITIONS.items()}

#: Where the vendor's validator points → our field. The longest that fits is meant.
_PLACES = {
    "name": "name",
    "email_subject": "subject",
    "email_body": "body",
    "type": "kind",
    "emails": "senders",
    "tags": "senders",
    "recipients_labels": "groups",
    "delivery_mode": "delivery",
    "sending_method": "method",
    "schedule": "days",
    "schedule/days": "days",
    "schedule/timing": "start",
    "schedule/timing/from": "start",
    "schedule/timing/to": "end",
    "schedule/timezone": "zone",
    "automations": "automations",
    "text_only": "text_only",
}
#: Of one of several automations → our field: 'automations/0/webhook' is the first one's.
_OF_AUTOMATION = {
    "when": "condition",
    "when/condition": "condition",
    "when/condition_value": "threshold",
    "then": "condition",
    "then/webhook_url": "webhook",
    "then/pause_sending_campaigns_for": "pause_days",
    "then/pause": "pause",
    "then/enable_slow_ramp": "slow_ramp",
    "then/disable_slow_ramp": "slow_ramp",
    "then/add_tags": "add_tags",
    "then/remove_tags": "remove_tags",
}
#: What it says without pointing anywhere.
_WORDS = (
    (re.compile(r"tags or emails|account\(s\) not found", re.IGNORECASE), "senders"),
    (re.compile(r"automated tests", re.IGNORECASE), "kind"),
)
#: A sentence of its own may begin with a field as the wire names it: 'email_subject contains words that are not allowed'.
_NAMED = re.compile(r"^['\"`]?(?P<name>[a-z_]+)['\"`]? ")
_POINTED = re.compile(r"^body(?P<path>(?:/[\w-]+)*)(?: must have required property '(?P<missing>[\w-]+)')?")


def new_test(new: NewTest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": new.name,
        "type": KIND_NUMBERS[new.kind],
        "sending_method": OUTSIDE if new.outside else FROM_THERE,
        "delivery_mode": ONE_BY_ONE if new.one_by_one else TOGETHER,
        "email_subject": new.subject,
        "email_body": new.body,
        "emails": list(new.senders),
        "recipients_labels": [_group_body(group) for group in new.groups],
        "text_only": new.text_only,
        MARK: new.mark,
    }
    if new.code:
        body["test_code"] = new.code
    if new.kind == AUTOMATED:
        body["run_immediately"] = new.at_once
        if new.schedule:
            body["schedule"] = _schedule_body(new.schedule)
        if new.automations:
            body["automations"] = [_automation_body(each) for each in new.automations]
    return body


def changes(edit: TestEdit) -> dict[str, Any]:
    """Only name, schedule, automations and status can be changed."""
    return {
        **({"name": edit.name} if edit.name is not None else {}),
        **({"schedule": _schedule_body(edit.schedule)} if edit.schedule else {}),
        **({"automations": [_automation_body(each) for each in edit.automations]} if edit.automations is not None else {}),
        **({"status": STATUS_NUMBERS[edit.status]} if edit.status else {}),
    }


def recipe(content: dict[str, Any]) -> NewTest:
    """What was asked for when a test was made; with what is odd left out."""
    raw = {ours: content.get(theirs[0]) for ours, theirs in A_TEST.items()}
    return NewTest(
        name=_text(raw["name"], 255),
        subject=_text(raw["subject"], 1000),
        body=_text(content.get("email_body"), 500_000),
        kind=KINDS.get(raw["kind"] if isinstance(raw["kind"], int) else 0, "once"),
        senders=tuple(email.lower() for email in _list(raw["senders"]) if isinstance(email, str)),
        groups=groups(content.get("recipients_labels")),
        outside=content.get("sending_method") == OUTSIDE,
        one_by_one=content.get("delivery_mode") != TOGETHER,
        text_only=content.get("text_only") in (True, 1),
        schedule=schedule(content.get("schedule")),
        automations=tuple(filter(None, map(_automation, _list(content.get("automations"))))),
        code=_text(content.get("test_code"), 50),
        recipients=tuple(email for email in _list(raw["recipients"]) if isinstance(email, str)),
        odd=any(map(_is_odd, _list(content.get("automations")))),
    )


def groups(found: Any) -> tuple[SeedGroup, ...]:
    rows = [each for each in _list(found) if isinstance(each, dict)]
    made = [SeedGroup(*(_text(row.get(name), 80) for name in ("region", "sub_region", "type", "esp"))) for row in rows]
    return tuple(dict.fromkeys(made))


def schedule(found: Any) -> Schedule | None:
    """None where there is none, or one that we can't read."""
    if not isinstance(found, dict):
        return None
    days, timing = found.get("days"), found.get("timing")
    days, timing = (each if isinstance(each, dict) else {} for each in (days, timing))
    on = tuple(day for day in range(7) if days.get(str(day)) in (True, 1))
    start, end = (_text(timing.get(name), 5) for name in ("from", "to"))
    return Schedule(on, start, end, _text(found.get("timezone"), 60)) if on else None


def labels(found: Any) -> dict[str, str]:
    """Of a page of tags: id → name."""
    rows = [each for each in _list(found) if isinstance(each, dict)]
    return {_text(row.get("id"), 64): _text(row.get("label"), 120) for row in rows if row.get("id") and row.get("label")}


def pointed(said: str) -> dict[str, str]:
    """Our field → the vendor's words about it: 'body/schedule/days must be object' is about the days."""
    for words, field in _WORDS:
        if words.search(said):
            return {field: said}
    found = _POINTED.match(said)
    if not found:
        named = _NAMED.match(said)
        return {_PLACES[named["name"]]: said} if named and named["name"] in _PLACES else {}
    steps = [step for step in found["path"].split("/") if step]
    steps += [found["missing"]] if found["missing"] else []
    if len(steps) > 2 and steps[0] == "automations" and "/".join(steps[2:4]) in _OF_AUTOMATION:
        return {f"automations/{steps[1]}/{_OF_AUTOMATION['/'.join(steps[2:4])]}": said}
    for length in range(len(steps), 0, -1):
        if place := _PLACES.get("/".join(steps[:length])):
            return {place: said}
    return {}


def _group_body(group: SeedGroup) -> dict[str, str]:
    return {"region": group.region, "sub_region": group.sub_region, "type": group.type, "esp": group.esp}


def _schedule_body(schedule: Schedule) -> dict[str, Any]:
    # An array of days is refused, and so is a schedule without an end.
    return {
        "days": {str(day): day in schedule.days for day in range(7)},
        "timing": {"from": schedule.start, "to": schedule.end},
        "timezone": schedule.zone,
    }


def _automation_body(one: Automation) -> dict[str, Any]:
    when: dict[str, Any] = {"condition": CONDITIONS[one.condition]}
    if one.threshold is not None:
        when["condition_value"] = one.threshold
    then: dict[str, Any] = {
        **({"webhook_url": one.webhook} if one.webhook else {}),
        **({"pause_sending_campaigns_for": one.pause_days} if one.pause_days else {}),
        **({"pause": True} if one.pause else {}),
        **({"enable_slow_ramp": True} if one.slow_ramp else {}),
        **({"disable_slow_ramp": True} if one.slow_ramp is False else {}),
        **({"add_tags": list(one.add_tags)} if one.add_tags else {}),
        **({"remove_tags": list(one.remove_tags)} if one.remove_tags else {}),
    }
    return {"when": when, "then": then}


def _automation(found: Any) -> Automation | None:
    when, then = (found.get(name) if isinstance(found, dict) else None for name in ("when", "then"))
    if not isinstance(when, dict) or not isinstance(then, dict) or when.get("condition") not in _OF_CONDITION:
        return None
    value, days = when.get("condition_value"), then.get("pause_sending_campaigns_for")
    add, remove = (tuple(each for each in _list(then.get(name)) if isinstance(each, str)) for name in ("add_tags", "remove_tags"))
    return Automation(
        _OF_CONDITION[when["condition"]],
        float(value) if isinstance(value, int | float) else None,
        _text(then.get("webhook_url"), 500),
        int(days) if isinstance(days, int | float) and 0 < days <= LONGEST_PAUSE else None,
        then.get("pause") is True,
        True if then.get("enable_slow_ramp") is True else False if then.get("disable_slow_ramp") is True else None,
        add,
        remove,
    )


def _is_odd(found: Any) -> bool:
    """What we would send for it is not what it is; parts that say nothing count for nothing."""
    read = _automation(found)
    if read is None:
        return True
    sent = _automation_body(read)
    return any({name: each for name, each in found[part].items() if each} != sent[part] for part in ("when", "then"))


def _text(value: Any, longest: int) -> str:
    return clean(value, longest) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
