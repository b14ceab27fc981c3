"""What an org's identities really did, for comparing pages with them."""

from __future__ import annotations

from collections import Counter, defaultdict

from sandbox.answers import Json
from sandbox.inboxbase.identity import Identity

_COUNTED = {"email.sent": "sent", "email.replied": "replied", "email.bounced": "bounced", "email.no_reply": "no_reply"}


def truth(identities: list[Identity], identity: str | None = None, key: str | None = None) -> dict[str, Json]:
    """{identities: {handle: {conversations, events, cap, days: {day: counts}}}, mails: those that the API was asked for}.

    `key` narrows the mails to those sent under one Idempotency-Key. A mail that left twice is there twice.
    """
    chosen = [one for one in identities if identity in (None, one.handle)]
    return {
        "identities": {one.handle: _of(one) for one in chosen},
        "mails": [mail for one in chosen for mail in one.sent if mail["key"] and key in (None, mail["key"])],
    }


def _of(one: Identity) -> dict[str, Json]:
    days: dict[str, Counter[str]] = defaultdict(Counter)
    for event in one.events:
        day, name = days[event["tsIso"][:10]], _COUNTED.get(event["type"])
        if name:
            day[name] += 1
        if event["type"] == "email.bounced":
            day[f"bounced_{event['data']['bounceType']}"] += 1
    counted = {day: dict(counts) for day, counts in sorted(days.items()) if counts}
    return {"conversations": len(one.conversations), "events": len(one.events), "cap": one.cap, "state": one.state,
            "do_not_contact": sorted(one.do_not_contact), "days": counted}  # fmt: skip
