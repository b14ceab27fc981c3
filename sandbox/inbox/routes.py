"""Which function answers which path of version 1. Lists are bare arrays but for threads, messages and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.answers import Answer, Json, RefusedError, ok
from sandbox.inbox.cast import COLOURS
from sandbox.inbox.switches import Switches
from sandbox.inbox.team import Team, Thread, stamp

INBOXES = ("default", "no-reply", "requests", "archived")


@dataclass(slots=True)
class Call:
    query: dict[str, str]
    pairs: list[tuple[str, str]]
    team: Team
    now: datetime
    switches: Switches
    named: tuple[str, ...] = ()
    body: bytes = b""

    def limit(self, default: int, most: int) -> int:
        text = self.query.get("limit", str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise refused(400, "BAD_REQUEST", f"limit must be between 1 and {most}")
        return min(int(text), self.switches.short_pages or most)

    def all_of(self, name: str) -> list[str]:
        """An array, in each of the three ways it may be written."""
        return [value for asked, value in self.pairs if asked == name or (asked.startswith(f"{name}[") and asked.endswith("]"))]

    def page[Row](
        self, rows: Iterable[Row], limit: int, place: Callable[[Row], tuple[str, str]]
    ) -> tuple[list[Row], dict[str, str] | None]:
        """Rows newest first, those after the cursor; `place` is (time, id)."""
        given = [self.query.get(name) or self.query.get(old) for name, old in _HALVES]
        if (given[0] is None) != (given[1] is None):
            raise refused(400, "BAD_REQUEST", "cursorId and cursorTimestamp go together")
        after = (given[1], given[0]) if given[0] and given[1] else None
        ordered = sorted(rows, key=place, reverse=True)
        if after:
            ordered = [row for row in ordered if place(row) < after]
        shown = ordered[:limit]
        more = len(ordered) > limit
        at, identity = place(shown[-1]) if shown else ("", "")
        return shown, {"id": identity, "timestamp": at} if more else None


_HALVES = (("cursorId", "cursor[id]"), ("cursorTimestamp", "cursor[timestamp]"))


def refused(status: int, code: str, text: str) -> RefusedError:
    return RefusedError(status, text, code=code)


def threads(call: Call) -> Answer:
    inbox = call.query.get("inbox", "default")
    if inbox not in INBOXES:
        raise refused(400, "BAD_REQUEST", "inbox is not one of the allowed values")
    links = call.all_of("accountLinkIds")
    found = [one for one in call.team.threads.values() if _in(one, inbox) and (not links or one.link in links)]
    limit = call.limit(call.switches.default_limit, 100)
    shown, cursor = call.page(found, limit, lambda one: (stamp(one.sorts_at), one.id))
    return ok({"threads": [call.team.shown(one) for one in shown], "nextCursor": cursor})


def _in(thread: Thread, inbox: str) -> bool:
    return thread.inbox == "default" and thread.unanswered if inbox == "no-reply" else thread.inbox == inbox


def thread(call: Call) -> Answer:
    return ok(call.team.shown(the_thread(call)))


def lookup(call: Call) -> Answer:
    link, wanted = call.query.get("accountLinkId"), [call.query.get(name) for name in ("externalPlatformId", "externalId")]
    if not link or len([one for one in wanted if one]) != 1:
        raise refused(400, "BAD_REQUEST", "accountLinkId and one of externalPlatformId and externalId are needed")
    known = (one for one in call.team.threads.values() if one.link == link and one.prospect.platform_id in wanted)
    found = next(known, None)
    return ok(call.team.shown(found) if found else None)


def by_username(call: Call) -> Answer:
    found = [one for one in call.team.threads.values() if one.prospect.handle == call.query.get("username", "")]
    return ok([call.team.shown(one) for one in found])


def messages(call: Call) -> Answer:
    owner = the_thread(call)
    known = [one for one in owner.messages if not one.deleted]
    shown, cursor = call.page(known, call.limit(50, 100), lambda one: (stamp(one.at), one.id))
    rows = [call.team.message(owner, one) for one in shown]
    return ok({"teamId": call.team.id, "threadId": owner.id, "messages": rows, "nextCursor": cursor, "isSyncing": False})


def the_thread(call: Call) -> Thread:
    if call.named[0] not in call.team.threads:
        raise refused(404, "THREAD_NOT_FOUND", "Thread not found")
    return call.team.threads[call.named[0]]


def prospect(call: Call) -> Answer:
    found = the_prospect(call, call.named[0])
    if found is None:
        raise refused(404, "PROSPECT_NOT_FOUND", "Prospect not found")
    return ok(found)


def find_prospect(call: Call) -> Answer:
    if "platformId" not in call.query:
        raise refused(400, "BAD_REQUEST", "platformId is needed")
    return ok(the_prospect(call, call.query["platformId"]))


def the_prospect(call: Call, named: str) -> Json:
    theirs = [one for one in call.team.threads.values() if one.prospect.platform_id == named]
    if not theirs:
        return None
    found = call.team.person(theirs[0].prospect)
    names = [
        {"id": one.id, "accountLinkId": one.link, "lastMessageTimestamp": stamp(one.sorts_at), "createdAt": stamp(one.created)}
        for one in theirs
    ]
    return {**found, "context": {**found["context"], "threads": names}}


def events(call: Call) -> Answer:
    after = call.query.get("afterSeq")
    if after is not None and not after.isdigit():
        raise refused(400, "BAD_REQUEST", "afterSeq must be a whole number")
    limit, oldest = call.limit(100, 1000), stamp(call.now - timedelta(days=call.switches.kept_days))
    kept = [one for one in call.team.events if one["timestamp"] >= oldest and (after is None or one["seq"] > int(after))]
    shown = kept[:limit]
    return ok({"events": shown, "hasMore": len(kept) > limit, "lastSeq": shown[-1]["seq"] if shown else None})


def team(call: Call) -> Answer:
    one = call.team
    made = stamp(one.made - timedelta(days=90))
    known = {"id": one.id, "name": one.title, "slug": one.name, "image": None, "createdAt": made, "updatedAt": None}
    return ok({**known, "currency": "USD", "allowSupportAccess": False})


def _listed(name: str) -> Callable[[Call], Answer]:
    return lambda call: ok(list(getattr(call.team, name).values()))


def _one(name: str, code: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        found = getattr(call.team, name).get(call.named[0])
        if found is None:
            raise refused(404, code, "Not found")
        return ok(found)

    return answer


def colours(call: Call) -> Answer:
    return ok([{"name": name, "hex": shade} for name, shade in COLOURS])


ROUTES: tuple[tuple[str, Callable[[Call], Answer]], ...] = (
    ("team", team),
    ("threads", threads),
    ("threads/lookup", lookup),
    ("threads/lookup-by-username", by_username),
    ("threads/*", thread),
    ("threads/*/messages", messages),
    ("account-links", _listed("links")),
    ("members", _listed("members")),
    ("members/*", _one("members", "MEMBER_NOT_FOUND")),
    ("prospects/lookup", find_prospect),
    ("prospects/*", prospect),
    ("tags", _listed("tags")),
    ("tags/colors", colours),
    ("tags/*", _one("tags", "TAG_NOT_FOUND")),
    ("statuses", _listed("statuses")),
    ("statuses/colors", colours),
    ("statuses/*", _one("statuses", "STATUS_NOT_FOUND")),
    ("colors", colours),
    ("events", events),
)
