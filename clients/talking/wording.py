"""Conversations in words, for pages and files."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from clients.models import Conversation, LabelKind, Message, MessageState
from clients.progress import SOON, UNTAKEN
from clients.talking import reading
from clients.talking.reading import Names, Standing


def place(done: bool, is_request: bool, inbound: bool | None) -> tuple[str, str]:
    """Where it lies, and the tone of that."""
    if done:
        return "archived", ""
    if is_request:
        return "request", "look"
    return {True: ("waiting", "look"), False: ("answered", "good")}.get(inbound, ("nothing said", ""))  # type: ignore[arg-type]


def facts(row: Conversation, now: Standing, names: Names, *, brief: bool = False) -> list[tuple[str, str]]:
    """`brief`: without what a form beside it has."""
    who = row.prospect
    about = [
        ("With", str(who or "nobody we know")),
        ("Handle", who.handle if who and who.handle != str(who) else ""),
        ("Subject", row.subject),
        ("Account", row.sender.email if row.sender else ""),
    ]
    changing = [
        ("Assigned to", names.name(LabelKind.MEMBER, now.assignee) if now.assignee else "nobody"),
        ("Status", names.name(LabelKind.STATUS, now.status) if now.status else "–"),
        ("Tags", ", ".join(names.name(LabelKind.TAG, tag) for tag in now.tags) or "–"),
        ("Value", "–" if now.valuation is None else _worth(now.valuation, names.currency)),
        ("Notes", now.notes or ""),
    ]
    since = [("Since", f"{row.created_at:%-d %b %Y}" if row.created_at else ""), ("At", str(row.connection))]
    return [(label, value) for label, value in (*about, *(() if brief else changing), *since) if value]


def _worth(amount: Decimal, currency: str) -> str:
    return f"{f'{amount:,.2f}'.removesuffix('.00')} {currency}".strip()


TONES: dict[str, str] = {MessageState.SENT: "good", MessageState.FAILED: "bad", MessageState.UNCLEAR: "look"}


def outbox(message: Message) -> dict[str, str]:
    """What becomes of a message: its state and why, with the tone of it."""
    why = message.why
    if message.is_on_its_way and (barred := reading.barred(message.connection)):
        why = barred
    elif message.is_on_its_way and message.due_at < timezone.now() - SOON and message.claimed_until is None:
        why = f"{why} {UNTAKEN}".strip()
    return {"tone": TONES.get(message.state, ""), "state": message.get_state_display(), "why": why}
