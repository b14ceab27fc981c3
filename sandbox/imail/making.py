"""Ledgers from their roles."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sandbox.imail.cast import SURGE, Box, Mailing, Role, Tier, steady
from sandbox.imail.workspace import Campaign, Inbox, Ledger

STEPS = [
    {"id": "s1", "type": "email", "subject": "Hello {{first_name}}", "body": "…", "delay_days": 0},
    {"id": "s2", "type": "email", "subject": "Re: hello", "body": "…", "delay_days": 3,
     "condition": {"on": "s1", "event": "no_reply", "within_days": 3, "then": "s3", "else": None}},
    {"id": "s3", "type": "email", "subject": "One last note", "body": "…", "delay_days": 5},
]  # fmt: skip


def make(role: Role, number: int, anchor: date) -> Ledger:
    ledger = Ledger(role.name, number, True, role.tier, role.hard, anchor)
    _fill(ledger, role.boxes, role.mailings)
    return ledger


def make_test(role: Role, number: int, anchor: date) -> Ledger:
    """The test ledger beside it: nothing in it is in the live one."""
    ledger = Ledger(role.name, number, False, role.tier, steady, anchor)
    boxes = tuple(Box(f"{name}@test.{role.name}.example", "smtp") for name in ("first", "second"))
    _fill(ledger, boxes, (Mailing("Test run", (0, 1), 30, -10, leads=50),))
    return ledger


def make_bulk(name: str, number: int, anchor: date, campaigns: int, inboxes: int, days: int, tier: Tier = SURGE) -> Ledger:
    """For measuring: every campaign sends on every day from one inbox, as many as there are in turns."""
    ledger = Ledger(name, number, True, tier, steady, anchor)
    boxes = tuple(Box(f"box{place:04}@{name}{place % 7}.example", "smtp") for place in range(inboxes))
    mailings = (Mailing(f"Campaign {place:04}", (place % inboxes,), 50, -days, leads=3) for place in range(campaigns))
    _fill(ledger, boxes, tuple(mailings))
    return ledger


def _fill(ledger: Ledger, boxes: tuple[Box, ...], mailings: tuple[Mailing, ...]) -> None:
    for box in boxes:
        _inbox(ledger, box)
    ids = list(ledger.inboxes)
    for mailing in mailings:
        _campaign(ledger, mailing, [ids[place] for place in mailing.boxes])


def _inbox(ledger: Ledger, box: Box) -> None:
    number, born = ledger.new_number(), _noon(ledger.anchor, -120)
    made = Inbox(
        ledger.new_id("inb", number), number, box.email, box.email.partition("@")[0].title(), box.provider, "connected",
        60 if box.provider == "smtp" else 120, box.warmup, box.warmup != "ready", born, born,
    )  # fmt: skip
    if box.lost is not None:
        made.lose("IMAP: authentication failed", ledger.anchor + timedelta(days=box.lost))
    ledger.inboxes[made.id] = made


def _campaign(ledger: Ledger, mailing: Mailing, inbox_ids: list[str]) -> None:
    number, start = ledger.new_number(), -3 if mailing.start is None else mailing.start
    born = _noon(ledger.anchor, start - 1)
    end = None if mailing.end is None else ledger.anchor + timedelta(days=mailing.end)
    made = Campaign(
        ledger.new_id("cmp", number), number, mailing.name, mailing.status, inbox_ids, [dict(step) for step in STEPS],
        mailing.daily, born, _noon(ledger.anchor, start if mailing.end is None else mailing.end),
        spans=[] if mailing.start is None else [(ledger.anchor + timedelta(days=start), end)], leads=mailing.leads,
    )  # fmt: skip
    ledger.campaigns[made.id] = made


def _noon(anchor: date, day: int) -> datetime:
    return datetime.combine(anchor + timedelta(days=day), time(8), tzinfo=UTC)
