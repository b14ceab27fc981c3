"""Conversations in words, for pages and files."""

from __future__ import annotations

from clients.models import Conversation, LabelKind
from clients.talking.reading import Names, Standing


def place(done: bool, is_request: bool, inbound: bool | None) -> tuple[str, str]:
    """Where it lies, and the tone of that."""
    if done:
        return "archived", ""
    if is_request:
        return "request", "look"
    return {True: ("waiting", "look"), False: ("answered", "good")}.get(inbound, ("nothing said", ""))  # type: ignore[arg-type]


def facts(row: Conversation, now: Standing, names: Names) -> list[tuple[str, str]]:
    found = [
        ("With", str(row.prospect or "nobody we know")),
        ("Handle", row.prospect.handle if row.prospect and row.prospect.handle != str(row.prospect) else ""),
        ("Subject", row.subject),
        ("Account", row.sender.email if row.sender else ""),
        ("Status", names.name(LabelKind.STATUS, now.status) if now.status else "–"),
        ("Tags", ", ".join(names.name(LabelKind.TAG, tag) for tag in now.tags) or "–"),
        ("Assigned to", names.name(LabelKind.MEMBER, now.assignee) if now.assignee else "nobody"),
        ("Value", "–" if now.valuation is None else f"{now.valuation:,.2f}".removesuffix(".00")),
        ("Notes", now.notes or ""),
        ("Since", f"{row.created_at:%-d %b %Y}" if row.created_at else ""),
        ("At", str(row.connection)),
    ]
    return [(label, value) for label, value in found if value]
