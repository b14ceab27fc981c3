"""Turns a role of the cast into a workspace, and makes workspaces of any size for measuring."""

from __future__ import annotations

import zlib
from datetime import date

from sandbox.clock import epoch
from sandbox.instantly import ids
from sandbox.instantly.cast import HEALTHY, Role
from sandbox.instantly.ids import Place, chance
from sandbox.instantly.mailboxes import Mailbox, Mailboxes
from sandbox.instantly.vocabulary import AUTOMATED, HYPERGROWTH, LABELS, PAUSED
from sandbox.instantly.workspace import DAY, Campaign, Tag, Workspace

HOUR = 3_600_000
WEEKS = 17
"""Stories reach back 120 days."""
STANDING = 8
"""An automated test is so many weeks old, up to twice as many."""
FOUNDED = epoch(date(2024, 1, 8)) * 1000
"""What lasts was made on fixed days, so that a sandbox that starts tomorrow tells the same ids."""
SUBJECTS = ("quick question", "idea for your team", "following up", "worth a look?", "about next month")
SCHEDULE = {
    "days": {str(day): day == 1 for day in range(7)},
    "timing": {"from": "06:00", "to": "18:00"},
    "timezone": "America/Chicago",
}


def workspace_id(number: int) -> str:
    return ids.written(Place(_founded(number), number, ids.WORKSPACE))


def _founded(number: int) -> int:
    return FOUNDED + number * HOUR


def make(role: Role, number: int, seed: int, anchor: date) -> Workspace:
    start = epoch(anchor) * 1000
    tags = list(dict.fromkeys(tag for domain in role.domains for tag in domain.tags))
    boxes = [(f"{box}@{domain.name}", domain, box) for domain in role.domains for box in domain.boxes]
    places = {email: index for index, (email, _, _) in enumerate(boxes)}

    def mailbox(index: int, created: int) -> Mailbox:
        email, domain, box = boxes[index]
        made = Mailbox(index, email, created, domain.provider_code, [tags.index(tag) for tag in domain.tags])
        if box in domain.paused:
            made.states.append((start + domain.paused[box] * DAY, PAUSED))
            made.warmup_status = 0
        if box in domain.broken:
            made.states.append((start - 20 * DAY, domain.broken[box]))
        made.test_limit = (None, 3, 0)[index % 3]
        return made

    made = Workspace(
        name=role.name,
        number=number,
        id=workspace_id(number),
        title=role.title,
        created=_founded(number),
        plan=role.plan,
        placement_plan=role.placement_plan,
        mailboxes=Mailboxes(len(boxes), FOUNDED + 60 * DAY + 714, 5 * DAY + 31_337, mailbox, places.get),
        curve=role.curve,
        anchor=anchor,
        luck=_luck(seed, role.name),
        dkim_fails={one.name: start + one.dkim_fails_from * DAY for one in role.domains if one.dkim_fails_from is not None},
        listed={one.name: start + one.listed_from * DAY for one in role.domains if one.listed_from is not None},
    )
    emails = tuple(email for email, _, _ in boxes)
    _tags(made, tags)
    _campaigns(made, role.title, emails)
    if role.placement_plan:
        _tests(made, role, emails, start)
    return made


def _tags(workspace: Workspace, labels: list[str]) -> None:
    for number, label in enumerate(labels):
        created = workspace.created + 40 * DAY + number * HOUR + 120
        identity = workspace.id_of(ids.TAG, created, number)
        workspace.tags[identity] = Tag(number, identity, label, created, created)


def _campaigns(workspace: Workspace, title: str, emails: tuple[str, ...]) -> None:
    half = max(1, len(emails) // 2)
    days = {str(day): 0 < day < 6 for day in range(7)}
    schedule = {"schedules": [{"name": "Weekdays", "timing": {"from": "09:00", "to": "17:00"}, "days": days,
                               "timezone": "America/Chicago"}]}  # fmt: skip
    kinds = [("Welcome", 1, emails[:half]), ("Autumn", 1, emails[half:] or emails), ("Summer", 3, emails[:half]),
             ("Win back", -2 if workspace.listed else 2, emails), ("Next year", 0, ())]  # fmt: skip
    for number, (name, status, senders) in enumerate(kinds):
        # Later than every mailbox, so that tag mappings sort campaigns before mailboxes.
        created = FOUNDED + (400 + 3 * number) * DAY + 451
        identity = workspace.id_of(ids.CAMPAIGN, created, number)
        made = Campaign(
            number, identity, f"{title}: {name}", created, status, senders, [0] if workspace.tags and number < 2 else []
        )
        # A draft may come without any schedule.
        made.schedule = schedule if status else {}
        made.tracks, made.not_sending = number == 0, 3 if number == 1 else None
        if name == "Win back" and workspace.tags:
            made.emails, made.sender_tags = (), [0]
        workspace.campaigns[identity] = made


def _tests(workspace: Workspace, role: Role, emails: tuple[str, ...], start: int) -> None:
    """Their numbers go with the calendar."""
    labels, title = workspace.labels, role.title
    monday = start - workspace.anchor.weekday() * DAY
    this_week = monday // (7 * DAY)
    for week in range(this_week - WEEKS + 1, this_week + 1):
        tuesday = monday - (this_week - week) * 7 * DAY + DAY
        if tuesday >= start:
            continue
        made = workspace.add_test(tuesday + 8 * HOUR + 4000, f"{title} weekly", 1, emails, labels, number=week)
        made.email_subject = SUBJECTS[week % len(SUBJECTS)]
    if role.automated:
        block = this_week // STANDING
        first = monday - (this_week % STANDING + STANDING) * 7 * DAY + 7 * HOUR + 9000
        standing = workspace.add_test(first, f"{title} every Monday", AUTOMATED, emails, labels, number=10_000 + block)
        standing.schedule, standing.run_at_once = SCHEDULE, False
        standing.more["automations"] = [
            {"when": {"condition": "placement_goes_below", "condition_value": 60}, "then": {"pause_sending_campaigns_for": 3}}
        ]
        old = workspace.add_test(first - HOUR, f"{title} old routine", AUTOMATED, emails[:2], labels, number=20_000 + block)
        old.schedule, old.set_status, old.pauses = SCHEDULE, PAUSED, [[first + 20 * DAY]]
        last_week = monday - 5 * DAY + 15 * HOUR
        held = workspace.add_test(last_week, f"{title} held up", 1, emails[:1], labels, number=5000 + this_week)
        held.not_sending_status, held.foreign, held.run_at_once = "daily_limits_hit", None, False
    # On a clock that stands at noon this one is half an hour old and has its first burst.
    at = start + 11 * HOUR + 30 * 60_000
    workspace.add_test(at, f"{title} today", 1, emails, labels, number=30_000 + workspace.anchor.toordinal() % 1000)


def make_bulk(name: str, number: int, seed: int, anchor: date, mailboxes: int, tests: int, senders: int) -> Workspace:
    """Rows of analytics: tests × senders × 40 seeds × nearly 2. The first mailboxes send; each fourth is of Microsoft."""
    start = epoch(anchor) * 1000

    def address(index: int) -> str:
        return f"box{index:06}@brand{index % 50:02}.example"

    def mailbox(index: int, created: int) -> Mailbox:
        return Mailbox(index, address(index), created, 3 if index % 4 == 0 else 2, [index % 5])

    def index_of(email: str) -> int | None:
        digits = email[3:9]
        return int(digits) if digits.isascii() and digits.isdigit() else None

    gap = 300 * DAY // max(1, mailboxes)
    made = Workspace(
        name=name,
        number=number,
        id=workspace_id(number),
        title=f"{name.capitalize()} (for measuring)",
        created=_founded(number),
        plan="pid_hg_v1",
        placement_plan=HYPERGROWTH,
        mailboxes=Mailboxes(mailboxes, FOUNDED + 60 * DAY + 714, gap, mailbox, index_of),
        curve=HEALTHY,
        anchor=anchor,
        luck=_luck(seed, name),
    )
    emails = tuple(address(index) for index in range(min(senders, mailboxes)))
    _tags(made, [f"tag{index}" for index in range(5)])
    _campaigns(made, made.title, emails[:200])
    for index in range(tests):
        created = start - 100 * DAY + index * 99 * DAY // max(1, tests) + 500
        made.add_test(created, f"Test {index:04}", 1, emails, LABELS[HYPERGROWTH]).foreign = None
    return made


def _luck(seed: int, name: str) -> int:
    return int(chance(seed, zlib.crc32(name.encode())) * (1 << 52))
