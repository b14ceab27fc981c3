"""Reading placement tests."""

from __future__ import annotations

from sandbox.answers import Answer, Json, ok
from sandbox.instantly import ids
from sandbox.instantly.call import Call, bad, is_uuid, missing
from sandbox.instantly.ids import stamp
from sandbox.instantly.placement import PlacementTest
from sandbox.instantly.workspace import seeds_of


def listed(call: Call) -> Answer:
    status, search = call.number("status", (1, 2, 3)), call.query.get("search", "").lower()
    order = call.one_of("sort_order", ("asc", "desc")) or "desc"
    found = [
        test
        for test in call.workspace.visible_tests(call.now)
        if search in test.name.lower() and status in (None, test.status(call.now))
    ]
    if order == "asc":
        found.reverse()
    after = call.cursor()
    if after:
        place = ids.read(is_uuid(after, "querystring/starting_after"))
        if place is None or place.kind != ids.TEST:
            raise bad("querystring/starting_after is not valid")
        found = [test for test in found if (test.created < place.ms) == (order == "desc") and test.created != place.ms]
    return call.listed(iter(found), lambda test: values(call, test), lambda test: test.id)


def one(call: Call) -> Answer:
    test = the_test(call, call.named[0])
    shown = values(call, test)
    if call.query.get("with_metadata") == "true":
        campaign = call.workspace.campaigns.get(test.more.get("campaign_id", ""))
        tags = [tag for tag in call.workspace.tags.values() if tag.id in (test.more.get("tags") or ())]
        shown["metadata"] = {
            **({"campaign": {"id": campaign.id, "name": campaign.name}} if campaign else {}),
            "tags": {tag.id: {"id": tag.id, "label": tag.label} for tag in tags},
        }
    return call.one(shown)


def options(call: Call) -> Answer:
    return ok([label.values() for label in call.workspace.labels])


def the_test(call: Call, identity: str) -> PlacementTest:
    """With its runs worked out."""
    found = call.workspace.tests.get(is_uuid(identity, "params/id"))
    if found is None or found.created > call.now:
        raise missing()
    call.workspace.work_out(found, call.now)
    return found


def values(call: Call, test: PlacementTest) -> dict[str, Json]:
    now, next_run = call.now, call.workspace.next_run(test, call.now)
    return {
        "id": test.id,
        "organization_id": call.workspace.id,
        "name": test.name,
        "delivery_mode": test.delivery_mode,
        "description": None,
        "schedule": test.schedule,
        "type": test.type,
        "sending_method": test.sending_method,
        "campaign_id": None,
        "email_subject": test.email_subject,
        "email_body": test.email_body,
        "emails": list(test.emails),
        "test_code": None,
        "tags": None,
        "text_only": True,
        "recipients": [seed.email for seed in seeds_of(test.labels)],
        "recipients_labels": [label.values() for label in test.labels],
        "timestamp_created": stamp(test.created),
        "timestamp_next_run": None if next_run is None else stamp(next_run),
        "automations": None,
        "status": test.status(now),
        "not_sending_status": test.not_sending_status,
        **test.more,
    }
