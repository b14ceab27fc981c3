"""Where events are to be delivered to. The secret is told once."""

from __future__ import annotations

import threading
from hashlib import sha256

from sandbox.answers import Answer, Json
from sandbox.clock import iso
from sandbox.imail.call import Call, invalid, lacking, missing
from sandbox.imail.workspace import Webhook

TYPES = (
    "email.sent", "email.delivered", "email.opened", "email.clicked", "email.bounced.hard", "email.bounced.soft",
    "reply.received", "reply.classified", "warmup.threshold_paused", "inbox.disconnected", "inbox.reconnected",
)  # fmt: skip
NEWER, NEWER_SINCE = ("email.bounced.soft", "warmup.threshold_paused"), "2026-05-10"


def listed(call: Call) -> Answer:
    return call.listed(list(call.ledger.webhooks.values()), _values, lambda one: one.number)


def one(call: Call) -> Answer:
    return call.one(_values(the_webhook(call)))


def create(call: Call) -> Answer:
    body = call.json()
    if "url" not in body:
        raise lacking("url")
    number = call.ledger.new_number()
    identity = call.ledger.new_id("wh", number)
    secret = f"whsec_{sha256(identity.encode()).hexdigest()[:40]}"
    made = Webhook(identity, number, _url(body["url"]), _events(call, body.get("events", ["*"])), secret, call.now)
    call.ledger.webhooks[made.id] = made
    return call.one(_values(made) | {"secret": secret}, 201)


def edit(call: Call) -> Answer:
    found, body = the_webhook(call), call.json()
    for name, value in body.items():
        if name == "url":
            found.url = _url(value)
        elif name == "events":
            found.events = _events(call, value)
        elif name == "enabled" and isinstance(value, bool):
            found.enabled = value
        else:
            raise invalid(name, f"{name} can't be changed so")
    return call.one(_values(found))


def delete(call: Call) -> Answer:
    del call.ledger.webhooks[the_webhook(call).id]
    return Answer(204, b"")


def test(call: Call) -> Answer:
    found, deliveries = the_webhook(call), call.world.deliveries
    # Beside the answer: whoever receives it may be asking us meanwhile.
    threading.Thread(target=deliveries.test, args=(call.ledger, found, call.now), daemon=True).start()
    return Answer(202, b"{}")


def the_webhook(call: Call) -> Webhook:
    found = call.ledger.webhooks.get(call.named[0])
    if found is None:
        raise missing("webhook")
    return found


def _url(value: Json) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise invalid("url", "url must begin with https://")
    return value


def _events(call: Call, value: Json) -> list[str]:
    known = [one for one in TYPES if one not in NEWER or call.version >= NEWER_SINCE]
    if not isinstance(value, list) or not value or not all(each == "*" or each in known for each in value):
        raise invalid("events", f'events must be ["*"] or some of {", ".join(known)}')
    return value


def _values(webhook: Webhook) -> dict[str, Json]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "enabled": webhook.enabled,
        "created_at": iso(webhook.created),
    }
