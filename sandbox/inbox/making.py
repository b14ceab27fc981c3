"""The story of a team: a month of conversations before its day, and what goes on after it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sandbox.inbox.cast import ANSWERS, FIRST, FOLLOW_UPS, LAST, MEMBERS, OPENERS, STATUSES, TAGS, Role
from sandbox.inbox.team import Prospect, Team, Thread, stamp

DAYS = 30
SLOT = timedelta(minutes=2)
"""Something happens so often once the story has begun."""
MOST_SLOTS = 500


def make(role: Role, number: int, seed: int, now: datetime, *, step: int = 1, old_ids: bool = False) -> Team:
    begun = now - timedelta(days=DAYS)
    team = Team(role.name, role.title, number, now, step=step, old_ids=old_ids)
    for place, account in enumerate(role.links):
        known = {"id": team.named("link", place), "platform": "twitter", "platformId": str(900_000 + place), "name": account.name}
        times = {"createdAt": stamp(begun), "syncedAt": stamp(now)}
        team.links[known["id"]] = {**known, "username": account.username, "image": None, **times, "status": account.status}
    for place, (name, colour) in enumerate(TAGS):
        team.tags[team.named("tag", place)] = {"id": team.named("tag", place), "name": name, "color": colour}
    for place, (name, colour) in enumerate(STATUSES):
        known = {"id": team.named("status", place), "name": name, "color": colour, "createdAt": stamp(begun)}
        team.statuses[known["id"]] = known
    for place, (name, rank) in enumerate(MEMBERS):
        known = {"id": team.named("member", place), "userId": team.named("user", place), "name": name, "role": rank}
        mail = f"{name.split()[0].lower()}@harbour.example"
        team.members[known["id"]] = {**known, "email": mail, "image": None, "createdAt": stamp(begun), "updatedAt": None}
    luck = random.Random(f"{seed}/{role.name}")
    for hour in range(DAYS * 24):
        at = begun + timedelta(hours=hour, minutes=luck.randrange(60))
        for account, link in zip(role.links, team.links, strict=True):
            if luck.random() < account.a_day / 24:
                open_thread(team, link, at, luck)
            if luck.random() < account.a_day / 8:
                go_on(team, link, at + timedelta(seconds=30), luck)
    return team


def live(team: Team, now: datetime, seed: int) -> None:
    """Brings its life up to now: one thing for each slot that has passed since it was made."""
    slots = min(MOST_SLOTS, int((now - team.made) / SLOT)) if team.threads else 0
    while team.slots < slots:
        team.slots += 1
        happen(team, team.made + team.slots * SLOT, random.Random(f"{seed}/{team.name}/{team.slots}"))


def happen(team: Team, at: datetime, luck: random.Random) -> None:
    link = luck.choice(list(team.links))
    if luck.random() < 0.2:
        open_thread(team, link, at, luck)
    else:
        go_on(team, link, at, luck)


def open_thread(team: Team, link: str, at: datetime, luck: random.Random) -> Thread:
    number = team.next_number()
    first, last = luck.choice(FIRST), luck.choice(LAST)
    prospect = Prospect(number, str(10**18 + number * 7919), f"{first} {last}", f"{first}{last}{number}".lower())
    prospect.status = next(iter(team.statuses))
    thread = Thread(number, team.named("thread", number), link, prospect, at, is_request=luck.random() < 0.05)
    team.threads[thread.id] = thread
    team.tell_of("thread.created", at, thread)
    if thread.is_request:
        team.say(thread, luck.choice(ANSWERS), at, ours=False)
    else:
        team.say(thread, luck.choice(OPENERS).format(name=first), at, ours=True)
    return thread


def go_on(team: Team, link: str, at: datetime, luck: random.Random) -> None:
    """One thing in one of the link's newer conversations."""
    threads = [one for one in list(team.threads.values())[-200:] if one.link == link and not one.done]
    if not threads:
        return
    thread, what = luck.choice(threads), luck.random()
    if what < 0.45:
        team.say(thread, luck.choice(ANSWERS), at, ours=False)
    elif what < 0.75:
        team.say(thread, luck.choice(FOLLOW_UPS), at, ours=True)
    elif what < 0.82:
        thread.prospect.tags = sorted({*thread.prospect.tags, luck.choice(list(team.tags))})
        team.tell("prospect.tagsChanged", at, {"prospect": team.person(thread.prospect)})
    elif what < 0.89:
        thread.prospect.status = luck.choice(list(team.statuses))
        team.tell("prospect.statusChanged", at, {"prospect": team.person(thread.prospect)})
    elif what < 0.94:
        thread.prospect.valuation = luck.randrange(5, 200) * 50
        team.tell("prospect.valuationChanged", at, {"prospect": team.person(thread.prospect)})
    elif what < 0.97:
        thread.prospect.assignee = luck.choice(list(team.members))
        team.tell("prospect.assigneeChanged", at, {"prospect": team.person(thread.prospect)})
    else:
        thread.done = True
        team.tell_of("thread.archived", at, thread)
