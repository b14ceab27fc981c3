"""Creating, changing and deleting placement tests."""

from __future__ import annotations

from sandbox.answers import Answer, Json, RefusedError
from sandbox.instantly import bodies
from sandbox.instantly.call import Call, bad, missing
from sandbox.instantly.placement import PlacementTest
from sandbox.instantly.tests import the_test, values
from sandbox.instantly.vocabulary import ACTIVE, AUTOMATED, HYPERGROWTH, PAUSED


def create(call: Call) -> Answer:
    body = call.json()
    if body.get("type") == AUTOMATED and call.workspace.placement_plan != HYPERGROWTH:
        raise RefusedError(402, "Automated tests are only available for HyperGrowth plans")
    bodies.new_test(body)
    _no_more(call)
    if call.switches.asks_for_campaign and not body.get("campaign_id"):
        raise bad("body must have required property 'campaign_id'")
    emails = _senders(call, body)
    labels = bodies.labels(body["recipients_labels"], call.workspace.labels) if "recipients_labels" in body else ()
    if body["sending_method"] == 2 and not labels:
        labels = call.workspace.labels
    campaign = body.get("campaign_id")
    if campaign is not None and campaign not in call.workspace.campaigns:
        raise missing("Campaign not found")
    test = call.workspace.add_test(call.now, body["name"], body["type"], emails, labels)
    test.email_subject, test.email_body = body["email_subject"], body["email_body"]
    test.sending_method, test.delivery_mode = body["sending_method"], body.get("delivery_mode")
    test.schedule = body.get("schedule")
    test.run_at_once = body["type"] == 1 or body.get("run_immediately") is True
    names = ("description", "campaign_id", "tags", "text_only", "automations")
    test.more = {name: body[name] for name in names if name in body}
    code = (body.get("test_code") or "").strip()
    if code:
        test.more["test_code"] = code if code.startswith("ptid_") else f"ptid_{code}"
    if body.get("status") == PAUSED:
        _turn(test, PAUSED, call.now)
    return call.one(values(call, test))


def edit(call: Call) -> Answer:
    test, body = _checked(call)
    _no_more(call)
    if "name" in body:
        test.name = body["name"]
    if "schedule" in body:
        if test.type == AUTOMATED:
            bodies.whole_schedule(body["schedule"])
        test.schedule = body["schedule"]
    if "automations" in body:
        test.more["automations"] = body["automations"]
    if body.get("status") is not None:
        _turn(test, body["status"], call.now)
    return call.one(values(call, test))


def delete(call: Call) -> Answer:
    """Its rows and reports go with it."""
    test = the_test(call, call.named[0])
    gone = call.one(values(call, test))
    del call.workspace.tests[test.id]
    return gone


def _checked(call: Call) -> tuple[PlacementTest, dict[str, Json]]:
    """Validation first, existence after it."""
    body = call.json()
    bodies.changed_test(body)
    if not body:
        raise bad("body must NOT have fewer than 1 properties")
    return the_test(call, call.named[0]), body


def _no_more(call: Call) -> None:
    if call.switches.refuses_tests:
        raise bad(call.switches.refuses_tests)


def _turn(test: PlacementTest, status: int, now: int) -> None:
    """A test that is not active holds the rows of its one run back, or lets its next runs pass by."""
    held = bool(test.pauses) and len(test.pauses[-1]) == 1
    if status != ACTIVE and not held:
        test.pauses.append([now])
    elif status == ACTIVE and held:
        test.pauses[-1].append(now)
    test.set_status = None if status == ACTIVE else status


def _senders(call: Call, body: dict[str, Json]) -> tuple[str, ...]:
    """The mailboxes named, and those that carry one of the tags."""
    boxes, tags = call.workspace.mailboxes, body.get("tags") or []
    unknown = [email for email in body["emails"] if boxes.find(email) is None]
    # Mail from outside comes from mailboxes that the vendor does not know.
    if unknown and body["sending_method"] == 1:
        raise missing(f"{len(unknown)} account(s) not found")
    numbers = {tag.number for tag in call.workspace.tags.values() if tag.id in tags}
    if len(numbers) < len(set(tags)):
        raise missing("Tag not found")
    tagged = [box.email for box in boxes.newest_first() if numbers.intersection(box.tags)] if numbers else []
    return tuple(dict.fromkeys([*(email.lower() for email in body["emails"]), *tagged]))
