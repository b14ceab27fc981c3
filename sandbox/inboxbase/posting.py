"""POST …/send: what is asked for, checked; carried out once for each Idempotency-Key; answered in the shape of the mode."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.answers import Answer, Json, RefusedError, encode
from sandbox.inboxbase.call import Call
from sandbox.inboxbase.identity import DAY
from sandbox.inboxbase.sending import ADDRESS, MINUTE, Mail, answer_subject, send

MOST_RECIPIENTS, MOST_BYTES = 100, 1 << 20
_KEY = re.compile(r"[!-~]{1,255}\Z")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|minutes?|h|hours?|d|days?)\Z")


@dataclass(slots=True)
class Kept:
    """An answer that is given again to whoever repeats the request."""

    body: Json
    answer: Answer
    at: int


@dataclass
class Once:
    """Of one org. A key belongs to the path it was first sent to, and lives for a day."""

    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)

    def answer(self, call: Call) -> Answer:
        key = call.headers.get("idempotency-key")
        if key is None:
            return post(call, "")
        if not _KEY.match(key):
            raise RefusedError(400, "malformed Idempotency-Key")
        body, place = call.json(), (call.path, key)
        before = self.kept.get(place)
        if before and call.now - before.at < DAY:
            if before.body != body:
                raise RefusedError(409, "Idempotency-Key was used with a different body")
            return Answer(before.answer.status, before.answer.body, (("Idempotent-Replayed", "true"),))
        answer = post(call, key)
        if answer.status < 300:
            # What was refused for the day's cap may be asked for again with the same key.
            self.kept[place] = Kept(body, Answer(answer.status, answer.body), call.now)
        return answer


def post(call: Call, key: str) -> Answer:
    if len(call.body) > MOST_BYTES:
        raise RefusedError(400, "body is larger than 1 MiB")
    identity, switches = call.identity, call.switches
    rows = [send(identity, mail, call.now, switches.mode, switches.queue_seconds * 1000) for mail in _mails(call, key)]
    rejected = sum(row["status"] == "rejected" for row in rows)
    taken = len(rows) - rejected
    if switches.mode == "direct":
        body = {
            "accepted": taken, "rejected": rejected, "remaining": identity.remaining(call.now), "dailyCap": identity.cap,
            "identity": identity.handle, "messages": rows,
        }  # fmt: skip
    else:
        body = {"identity": identity.handle, "queued": taken, "rejected": rejected, "results": rows}
    status = 429 if not taken else switches.partial_status if rejected else 202
    return Answer(status, encode(call.shown(body)))


def _mails(call: Call, key: str) -> list[Mail]:
    body = call.json()
    text, html, subject = (_text(body, name) for name in ("text", "html", "subject"))
    if not text and not html:
        raise RefusedError(400, "text or html is required")
    timer, labels = _timer(body.get("noReplyEventAfter")), body.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise RefusedError(400, "labels must be an array of strings")
    common: dict[str, Json] = {"text": text, "html": html, "timer": timer, "labels": tuple(labels), "key": key}
    if "convId" in body:
        if "to" in body or "subject" in body:
            raise RefusedError(400, "convId and to/subject are mutually exclusive")
        found = call.identity.conversations.get(body["convId"]) if isinstance(body["convId"], str) else None
        if found is None:
            raise RefusedError(404, "conversation not found")
        return [Mail(found.peer, answer_subject(found.subject), conversation=found.id, **common)]
    if not subject:
        raise RefusedError(400, "subject is required")
    return [Mail(to, subject, **common) for to in _recipients(body.get("to"))]


def _recipients(value: Json) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not given:
        raise RefusedError(400, "to is required")
    if len(given) > MOST_RECIPIENTS:
        raise RefusedError(400, f"to may have {MOST_RECIPIENTS} recipients")
    if not all(isinstance(to, str) and ADDRESS.match(to) for to in given):
        raise RefusedError(400, "to must be an email address")
    return given


def _text(body: dict[str, Json], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise RefusedError(400, f"{name} must be a string")
    return value


def _timer(value: Json) -> int:
    """'4h', '3 days', '90 minutes' or milliseconds; shorter than a minute is a minute."""
    if value is None:
        return DAY
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(MINUTE, int(value))
    found = _SPAN.match(value) if isinstance(value, str) else None
    if not found:
        raise RefusedError(400, "noReplyEventAfter is not a duration")
    return max(MINUTE, int(float(found[1]) * {"m": MINUTE, "h": 60 * MINUTE, "d": DAY}[found[2][0]]))
