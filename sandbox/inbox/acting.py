"""What the API changes: messages sent, threads and prospects edited. Each is told by an event, as what happens by itself is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from sandbox.answers import Answer, Json, ok
from sandbox.inbox.routes import ROUTES, Call, refused, the_prospect, the_thread
from sandbox.inbox.team import Prospect, Thread
from sandbox.routing import Table

MINUTE = timedelta(minutes=1)
_CONTEXT = {"notes": "notes", "valuation": "valuation", "statusId": "status", "assigneeId": "assignee"}
#: Field → what is changed, for the events.
_EVENTS = {"notes": "notesChanged", "valuation": "valuationChanged", "statusId": "statusChanged", "assigneeId": "assigneeChanged"}


def send(call: Call) -> Answer:
    content = _content(_body(call))
    return ok(_said(call, the_thread(call), content))


def quick(call: Call) -> Answer:
    body = _body(call)
    content, link = _content(body), body.get("accountLinkId")
    wanted = [body.get(name) for name in ("externalPlatformId", "externalId")]
    if link not in call.team.links:
        raise refused(404, "ACCOUNT_LINK_NOT_FOUND", "Account link not found")
    if len([one for one in wanted if one]) != 1:
        raise refused(400, "BAD_REQUEST", "one of externalPlatformId and externalId is needed")
    person = str(next(one for one in wanted if one))
    thread = next((one for one in call.team.threads.values() if (one.link, one.prospect.platform_id) == (link, person)), None)
    if thread is None:
        if not person.isdigit():
            raise refused(422, "VALIDATION_ERROR", "There is no such account on X")
        _may_send(call, link)
        thread = _opened(call, link, person)
    shown = _said(call, thread, content)
    return ok({"message": shown, "thread": {"id": thread.id, "platformId": call.team.shown(thread)["platformId"]}})


def edit_thread(call: Call) -> Answer:
    thread, body = the_thread(call), _body(call)
    if "done" in body:
        if not isinstance(body["done"], bool):
            raise refused(422, "VALIDATION_ERROR", "done must be a boolean")
        if thread.done != body["done"]:
            thread.done = body["done"]
            call.team.tell_of("thread.archived" if thread.done else "thread.unarchived", call.now, thread)
    if "assigneeId" in body:
        _set(call, thread.prospect, {"assigneeId": body["assigneeId"]})
    return ok(call.team.shown(thread))


def edit_context(call: Call) -> Answer:
    found = next((one.prospect for one in call.team.threads.values() if one.prospect.platform_id == call.named[0]), None)
    if found is None:
        raise refused(404, "PROSPECT_NOT_FOUND", "Prospect not found")
    body = _body(call)
    added, removed = body.pop("addTags", []), body.pop("removeTags", [])
    if unknown := [tag for tag in added if tag not in call.team.tags]:
        raise refused(404, "TAG_NOT_FOUND", f"Tag {unknown[0]} not found")
    _set(call, found, body)
    tags = [tag for tag in dict.fromkeys([*found.tags, *added]) if tag not in removed]
    if tags != found.tags:
        found.tags = tags
        call.team.tell("prospect.tagsChanged", call.now, {"prospect": call.team.person(found)})
    return ok(the_prospect(call, found.platform_id))


def _set(call: Call, person: Prospect, body: dict[str, Json]) -> None:
    """All or nothing."""
    known = {"statusId": (call.team.statuses, "STATUS"), "assigneeId": (call.team.members, "MEMBER")}
    for name, value in body.items():
        if name in known and value is not None and value not in known[name][0]:
            raise refused(404, f"{known[name][1]}_NOT_FOUND", "Not found")
        if name == "valuation" and value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise refused(422, "VALIDATION_ERROR", "valuation must be a number")
    for name, value in body.items():
        if name in _CONTEXT and getattr(person, _CONTEXT[name]) != value:
            setattr(person, _CONTEXT[name], value)
            call.team.tell(f"prospect.{_EVENTS[name]}", call.now, {"prospect": call.team.person(person)})


def _said(call: Call, thread: Thread, content: str) -> Json:
    _may_send(call, thread.link)
    call.team.sent.setdefault(thread.link, []).append(call.now)
    return call.team.message(thread, call.team.say(thread, content, call.now, ours=True, way="api"))


def _may_send(call: Call, link: str) -> None:
    if call.team.links[link]["status"] == "offline":
        raise refused(409, "CONFLICT", "The account is signed out of X")
    lately = [at for at in call.team.sent.get(link, []) if call.now - at < MINUTE]
    if call.switches.sends_a_minute and len(lately) >= call.switches.sends_a_minute:
        wait = str(int((lately[0] + MINUTE - call.now).total_seconds()) + 1)
        refusal = refused(429, "RATE_LIMITED", "Too many messages from this account")
        refusal.extra["headers"] = (("Retry-After", wait),)
        raise refusal


def _opened(call: Call, link: str, person: str) -> Thread:
    number = call.team.next_number()
    prospect = Prospect(number, person, f"Person {person[-4:]}", f"person{person[-4:]}", status=next(iter(call.team.statuses)))
    thread = Thread(number, call.team.named("thread", number), link, prospect, call.now)
    call.team.threads[thread.id] = thread
    call.team.tell_of("thread.created", call.now, thread)
    return thread


def _content(body: dict[str, Json]) -> str:
    content = body.get("content")
    if not isinstance(content, str) or not content:
        raise refused(422, "VALIDATION_ERROR", "content must not be empty")
    return content


def _body(call: Call) -> dict[str, Json]:
    try:
        value = json.loads(call.body or b"null")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise refused(400, "BAD_REQUEST", "The body must be a JSON object")
    return value


def _table() -> Table[Callable[[Call], Answer]]:
    # The first pattern that fits decides: fixed paths stand before those with an id in the same place.
    rows = [("GET", f"/api/v1/{path}", handler) for path, handler in ROUTES]
    first: list[tuple[str, str, Callable[[Call], Answer]]] = [("POST", "/api/v1/threads/messages", quick)]
    changing = [
        ("PATCH", "/api/v1/threads/*", edit_thread),
        ("POST", "/api/v1/threads/*/messages", send),
        ("PATCH", "/api/v1/prospects/*/context", edit_context),
    ]
    return Table([*first, *rows, *changing])


TABLE = _table()
