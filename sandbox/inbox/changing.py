"""Changes from outside, by the name in POST /_sandbox/change?vendor=inbox:

| name | what | answer |
| --- | --- | --- |
| live | so many things happen, now | the numbers of their events |
| say | {thread, text, ours=false} | the message's id |
| tag, done, delete | {thread, …}: its tags by name; whether it is archived; away with it | the thread's id |
| lose_events | all events so far are no longer kept | how many |
| revoke | true or false: whether the key is refused | |
| deliver | {url, secret, after=0, format=v1, and odds of `sandbox.hooks.disturbed`}: events are sent there, once | statuses |
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.answers import Json
from sandbox.hooks import Scheme, disturbed
from sandbox.inbox.formats import FORMATS
from sandbox.inbox.making import happen
from sandbox.inbox.team import Team

if TYPE_CHECKING:
    from sandbox.inbox.world import World

SCHEME = Scheme("X-Inbox-Signature")


def change(world: World, name: str, what: dict[str, Json]) -> dict[str, Json]:
    """Raises KeyError, ValueError."""
    if unknown := set(what) - set(_CHANGES):
        raise ValueError(f"no change {', '.join(sorted(unknown))}; there are {', '.join(_CHANGES)}")
    team = world.team(name)
    return {named: _CHANGES[named](world, team, told) for named, told in what.items()}


def _live(world: World, team: Team, count: Json) -> Json:
    before, luck = len(team.events), random.Random(len(team.events))
    while len(team.events) < before + count:
        happen(team, _now(world), luck)
    return [one["seq"] for one in team.events[before:]]


def _say(world: World, team: Team, told: Json) -> Json:
    return team.say(team.threads[told["thread"]], told["text"], _now(world), ours=told.get("ours", False)).id


def _tag(world: World, team: Team, told: Json) -> Json:
    thread = team.threads[told["thread"]]
    ids = {one["name"]: one["id"] for one in team.tags.values()}
    thread.prospect.tags = [ids[name] for name in told["tags"]]
    team.tell("prospect.tagsChanged", _now(world), {"prospect": team.person(thread.prospect)})
    return thread.id


def _done(world: World, team: Team, told: Json) -> Json:
    thread = team.threads[told["thread"]]
    thread.done = told["done"]
    team.tell_of("thread.archived" if thread.done else "thread.unarchived", _now(world), thread)
    return thread.id


def _delete(world: World, team: Team, told: Json) -> Json:
    thread = team.threads.pop(told["thread"])
    team.tell("thread.deleted", _now(world), {"threadId": thread.id})
    return thread.id


def _lose_events(world: World, team: Team, told: Json) -> Json:
    lost = len(team.events) - 1
    # The last one stays in mind: numbers go on after it.
    team.events[:] = [{**team.events[-1], "timestamp": "2000-01-01T00:00:00.000Z"}]
    return lost


def _revoke(world: World, team: Team, told: Json) -> Json:
    world.revoked = (world.revoked | {team.name}) if told else (world.revoked - {team.name})
    return told


def _deliver(world: World, team: Team, told: Json) -> Json:
    odds = {name: value for name, value in told.items() if name not in ("url", "secret", "after", "format")}
    shaped = (FORMATS[told.get("format", "v1")](one) for one in team.events if one["seq"] > told.get("after", 0))
    some = [one for one in shaped if one]
    statuses: Counter[str] = Counter()
    for letter in disturbed(some, told["secret"], SCHEME, **odds):
        statuses[f"{letter.kind} {letter.post(told['url'])}"] += 1
    return dict(statuses)


def _now(world: World) -> datetime:
    return world.clock.now()


_CHANGES: dict[str, Callable[[World, Team, Json], Json]] = {
    "live": _live,
    "say": _say,
    "tag": _tag,
    "done": _done,
    "delete": _delete,
    "lose_events": _lose_events,
    "revoke": _revoke,
    "deliver": _deliver,
}
