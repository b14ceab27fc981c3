"""The routes that change something: senders, their status and rules, and shuffles."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.answers import Answer, RefusedError, invalid, ok
from sandbox.clock import at, iso
from sandbox.inboxally import bodies, shuffling
from sandbox.inboxally.account import Account, Sender
from sandbox.inboxally.call import Call
from sandbox.inboxally.making import sender_id
from sandbox.inboxally.reading import one_sender, shown
from sandbox.inboxally.vocabulary import FREE_MAIL


def shuffle(call: Call) -> Answer:
    asked = bodies.shuffle(call.json())
    account, now = call.account, call.now
    allowed_at = shuffling.allowed_at(account)
    if now < allowed_at:
        raise RefusedError(409, "Seeds were shuffled less than 30 days ago", next_allowed_at=iso(at(allowed_at)))
    made = shuffling.start(account, asked, now, call.switches.shuffle_seconds)
    if not call.switches.shuffle_seconds:
        shuffling.settle(account, now)
    return ok(shuffling.values(made))


def create(call: Call) -> Answer:
    given = bodies.new_sender(call.json())
    account, email = call.account, given["email"]
    domain = email.rpartition("@")[2].lower()
    if domain in FREE_MAIL:
        raise invalid("body.email", "free mailboxes cannot be sender addresses")
    if any(sender.email.lower() == email.lower() for sender in account.senders.values()):
        raise RefusedError(409, "A sender profile with this address exists")
    if given["status"] == "active":
        _must_be_verified(account, domain, "body.email")
    if len(account.senders) >= account.plan:
        raise RefusedError(403, f"Your plan allows {account.plan} sender profiles")
    made = Sender(
        serial=account.next_serial(),
        id=sender_id(email),
        name=given["name"],
        email=email,
        tags=given["tags"],
        created=call.now,
        updated=call.now,
        status=given["status"],
        rules=given["engagement_rules"],
    )
    account.senders[made.id] = made
    return ok(shown(call, made), status=201)


def details(call: Call) -> Answer:
    sender = one_sender(call)
    for name, value in bodies.sender_details(call.json()).items():
        setattr(sender, name, value)
    sender.updated = call.now
    return ok(shown(call, sender))


def status(call: Call) -> Answer:
    sender = one_sender(call)
    _set_status(call, [sender])
    return ok(shown(call, sender))


def status_of_domain(call: Call) -> Answer:
    return _bulk(call, _set_status, _of_domain(call))


def status_of_tag(call: Call) -> Answer:
    return _bulk(call, _set_status, _with_tag(call))


def rules(call: Call) -> Answer:
    sender = one_sender(call)
    _set_rules(call, [sender])
    return ok(shown(call, sender))


def rules_of_domain(call: Call) -> Answer:
    return _bulk(call, _set_rules, _of_domain(call))


def rules_of_tag(call: Call) -> Answer:
    return _bulk(call, _set_rules, _with_tag(call))


def _of_domain(call: Call) -> list[Sender]:
    return [sender for sender in call.account.senders.values() if sender.domain == call.named[0]]


def _with_tag(call: Call) -> list[Sender]:
    return [sender for sender in call.account.senders.values() if call.named[0] in sender.tags]


def _bulk(call: Call, change: Callable[[Call, list[Sender]], None], touched: list[Sender]) -> Answer:
    change(call, touched)
    return ok({"updated_count": len(touched), "senders": [shown(call, sender) for sender in touched]})


def _set_status(call: Call, senders: list[Sender]) -> None:
    """All or none: one unverified sender among many refuses the whole call."""
    value = bodies.status(call.json())
    if value == "active":
        for sender in senders:
            _must_be_verified(call.account, sender.domain, "body.status")
    for sender in senders:
        sender.status, sender.updated = value, call.now


def _set_rules(call: Call, senders: list[Sender]) -> None:
    value = bodies.engagement_rules(call.json())
    for sender in senders:
        sender.rules, sender.updated = dict(value), call.now


def _must_be_verified(account: Account, domain: str, where: str) -> None:
    if not account.is_verified(domain):
        raise invalid(where, f"{domain} is not verified")
