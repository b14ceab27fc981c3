"""GET: conversations, one of them, the stream of events, and the figures of labels."""

from __future__ import annotations

from collections import Counter, defaultdict

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.inboxbase.call import Call
from sandbox.inboxbase.identity import Conversation
from sandbox.inboxbase.ids import iso

LONGEST_POLL = 25_000


def conversations(call: Call) -> Answer:
    """The newest activity first. The cursor is the last row's time: rows of just that time that did not fit are skipped."""
    older, since, until = call.whole("cursor"), call.whole("since"), call.whole("until")
    archived, peer, domain = call.flag("archived"), call.query.get("with"), call.query.get("withDomain")
    found = [
        one
        for one in call.identity.conversations.values()
        if (older is None or one.last < older)
        and (since is None or one.last >= since)
        and (until is None or one.last <= until)
        and (archived is None or one.archived == archived)
        and (not peer or one.peer == peer.lower())
        and (not domain or _within(one.peer.partition("@")[2], domain.lower()))
    ]
    found.sort(key=lambda one: (-one.last, one.id))
    limit = call.limit(call.switches.default_limit)
    served = found[:limit]
    return call.page("conversations", [_row(one) for one in served], nextCursor=served[-1].last if len(found) > limit else None)


def conversation(call: Call) -> Answer:
    found = call.identity.conversations.get(call.named[0])
    if found is None:
        raise RefusedError(404, "conversation not found")
    told = {
        **_row(found),
        "labels": list(found.labels),
        **_pair("noReplyAt", found.timer),
        **_pair("lastNoReplyAt", found.expired),
        "events": found.log,
    }
    return ok({"identity": call.identity.handle, "conversation": call.shown(told)})


def events(call: Call) -> Answer:
    since, limit = call.whole("since") or 0, call.limit(100)
    wanted = {part.strip() for part in (call.query.get("types") or call.query.get("type") or "").split(",") if part.strip()}
    if not 0 <= (call.whole("timeoutMs") or 0) <= LONGEST_POLL:
        raise RefusedError(400, f"timeoutMs must be at most {LONGEST_POLL}")
    later = [one for one in call.identity.events[since:] if not wanted or one["type"] in wanted]
    served = later[:limit]
    cursor = served[-1]["seq"] if served else since
    return call.page("events", served, cursor=cursor, hasMore=len(later) > limit)


def labels(call: Call) -> Answer:
    if not call.switches.label_stats:
        raise RefusedError(404, "not found")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    labelled = call.identity.conversations
    for one in labelled.values():
        for label in one.labels:
            counts[label]["conversations"] += 1
    names = {"email.sent": "sent", "email.replied": "replied", "email.bounced": "bounced", "email.no_reply": "noReply"}
    for event in call.identity.events:
        found = labelled.get(event["convId"] or "")
        for label in found.labels if found and event["type"] in names else ():
            counts[label][names[event["type"]]] += 1
    told = [{"label": label, "conversations": 0, "sent": 0, "replied": 0, "bounced": 0, "noReply": 0} | dict(of)
            for label, of in sorted(counts.items())]  # fmt: skip
    return call.page("labels", told)


def _row(one: Conversation) -> dict[str, Json]:
    messages = one.messages
    return {
        "id": one.id,
        "with": one.peer,
        "subject": one.subject,
        "snippet": messages[-1]["snippet"] if messages else "",
        "messageCount": len(messages),
        "archived": one.archived,
        **_pair("lastEventAt", one.last),
        **_pair("createdAt", one.created),
    }


def _pair(name: str, at: int | None) -> dict[str, Json]:
    return {name: at, f"{name}Iso": None if at is None else iso(at)}


def _within(domain: str, wanted: str) -> bool:
    return domain == wanted or domain.endswith(f".{wanted}")
