"""Inboxes: connected by their own password, or by a page of their provider that `setup_url` leads to."""

from __future__ import annotations

from datetime import timedelta

from sandbox.answers import Answer, Json
from sandbox.clock import iso
from sandbox.imail.call import Call, invalid, lacking, missing, moment, refused
from sandbox.imail.daily import cells
from sandbox.imail.workspace import Inbox

PROVIDERS = ("google", "microsoft", "smtp")
STATUSES = ("pending_setup", "connected", "disconnected", "paused")


def listed(call: Call) -> Answer:
    status = call.query.get("status")
    if status is not None and status not in STATUSES:
        raise invalid("status", f"status must be one of {', '.join(STATUSES)}")
    found = [one for one in call.ledger.inboxes.values() if status in (None, one.status)]
    return call.listed(found, lambda one: values(call, one), lambda one: one.number)


def one(call: Call) -> Answer:
    return call.one(values(call, _the_inbox(call)))


def create(call: Call) -> Answer:
    body = call.json()
    for name in ("email", "provider"):
        if name not in body:
            raise lacking(name)
    email, provider = str(body["email"]).lower(), body["provider"]
    if "@" not in email:
        raise invalid("email", "email is no address")
    if provider not in PROVIDERS:
        raise invalid("provider", f"provider must be one of {', '.join(PROVIDERS)}")
    if any(known.email == email for known in call.ledger.inboxes.values()):
        raise refused(409, "duplicate_inbox", f"{email} is connected already", "email")
    if provider == "smtp" and not (body.get("smtp") or {}).get("host"):
        raise lacking("smtp.host")
    number, warms = call.ledger.new_number(), bool(body.get("warmup_enabled", True))
    made = Inbox(
        call.ledger.new_id("inb", number), number, email, str(body.get("display_name", "")), provider, "pending_setup",
        int(body.get("daily_limit", 40)), "warming", warms, call.now, None,
    )  # fmt: skip
    if provider == "smtp":
        made.connect(call.now)
    call.ledger.inboxes[made.id] = made
    return call.one(values(call, made) | {"setup_url": _setup_url(made)}, 201)


def edit(call: Call) -> Answer:
    found, body = _the_inbox(call), call.json()
    for name, value in body.items():
        if name == "daily_limit" and type(value) is int and value > 0:
            found.daily_limit = value
        elif name == "display_name" and isinstance(value, str):
            found.display_name = value
        elif name == "warmup_enabled" and isinstance(value, bool):
            found.warms = value
        elif name == "status" and value in ("paused", "connected") and found.status in ("paused", "connected"):
            found.status = value
        else:
            raise invalid(name, f"{name} can't be {value!r}")
    return call.one(values(call, found))


def delete(call: Call) -> Answer:
    del call.ledger.inboxes[_the_inbox(call).id]
    return Answer(204, b"")


def reconnect(call: Call) -> Answer:
    found = _the_inbox(call)
    if found.status == "connected":
        raise refused(409, "conflict", "This inbox is connected")
    if found.provider == "smtp":
        found.connect(call.now)
    return call.one(values(call, found) | {"setup_url": _setup_url(found)})


def values(call: Call, inbox: Inbox) -> dict[str, Json]:
    today = call.now.date()
    week = list(cells(call.ledger, call.now, today - timedelta(days=6), today, inbox_id=inbox.id))
    return {
        "id": inbox.id,
        "email": inbox.email,
        "display_name": inbox.display_name,
        "provider": inbox.provider,
        "status": inbox.status,
        "daily_limit": inbox.daily_limit,
        "sent_today": sum(counts["sent"] for day, *_, counts in week if day == today),
        "warmup": {
            "enabled": inbox.warms,
            "status": inbox.warmup,
            "daily_target": 30 if inbox.warms else 0,
            "inbox_rate_7d": 0.71 if inbox.warmup == "threshold_paused" else 0.95,
            "spam_rate_7d": 0.27 if inbox.warmup == "threshold_paused" else 0.03,
        },
        "last_error": inbox.last_error,
        "connected_at": moment(inbox.connected),
        "created_at": iso(inbox.created),
    }


def _the_inbox(call: Call) -> Inbox:
    found = call.ledger.inboxes.get(call.named[0])
    if found is None:
        raise missing("inbox")
    return found


def _setup_url(inbox: Inbox) -> str | None:
    return None if inbox.provider == "smtp" else f"https://connect.imail.example/{inbox.provider}/{inbox.id}"
