"""What a sender's rules and status are, were, and shall be: plain dicts, as items keep them.

A state has all of PARTS; a target (`after`) has only what is to change: a preset, 'custom' with the seven, or a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clients.models import Sender
from clients.vendors.records import Rules, SenderRecord

PRESETS = ("default", "warmup", "repair", "boost", "protect")
CUSTOM = "custom"
STATUSES = ("active", "inactive")
#: The seven engagement percentages, in the order in which they are shown.
ACTIONS = {
    "open": "Opened",
    "scroll_down": "Scrolled down",
    "spam_to_inbox": "Spam to inbox",
    "promo_to_inbox": "Promo to inbox",
    "mark_important": "Marked important",
    "reply": "Replied to",
    "click_link": "Link clicked",
}
RULES = ("preset", *ACTIONS)
PARTS = ("status", *RULES)

type Payload = Mapping[str, Any]


def state_of(row: SenderRecord | Sender) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PARTS}


def meets(state: Payload, target: Payload) -> bool:
    """Whether nothing is left to do. A preset's percentages are the vendor's own."""
    return all(state.get(name) == value for name, value in target.items())


def unchanged(state: Payload, known: Payload, target: Payload) -> bool:
    """Whether what the target is about is as we knew it; the rest is nobody's business here."""
    return all(state.get(name) == known.get(name) for name in _about(target))


def back(before: Payload, target: Payload) -> dict[str, Any] | None:
    """The target that takes the other one back; None where it is not known how it was."""
    if "status" in target:
        return {"status": before["status"]} if before.get("status") in STATUSES else None
    preset = before.get("preset")
    if preset and preset != CUSTOM:
        return {"preset": preset}
    seven = {name: before.get(name) for name in ACTIONS}
    return {"preset": CUSTOM, **seven} if None not in seven.values() else None


def order(target: Payload) -> Rules | str:
    """What a vendor is told."""
    return str(target["status"]) if "status" in target else Rules(**target)


def said(state: Payload, target: Payload) -> str:
    """The part of the state that the target is about, in words."""
    if "status" in target:
        return str(state.get("status") or "unknown")
    preset = str(state.get("preset") or "")
    seven = [state.get(name) for name in ACTIONS]
    if preset and preset != CUSTOM:
        return preset
    if None in seven:
        return preset or "unknown"
    return f"custom ({percentages(state)})"


def compared(before: Payload, after: Payload) -> tuple[str, str]:
    """Both sides in words. Of percentages only those that differ, where the vendor says how they are."""
    if after.get("preset") != CUSTOM or None in [state.get(name) for state in (before, after) for name in ACTIONS]:
        return said(before, after), said(after, after)
    moved = [name for name in ACTIONS if before[name] != after[name]]
    rest = "" if len(moved) == len(ACTIONS) else "; the rest as it is" if moved else ": the percentages as they are"
    was, now = (_listed(state, moved) for state in (before, after))
    preset = str(before.get("preset") or "unknown")
    return f"{preset}{f': {was}' if was else ''}", f"{CUSTOM}{f': {now}' if now else ''}{rest}"


def percentages(state: Payload) -> str:
    """All seven in words; empty where the vendor does not say."""
    return "" if any(state.get(name) is None for name in ACTIONS) else _listed(state, ACTIONS)


def _listed(state: Payload, names: Iterable[str]) -> str:
    return ", ".join(f"{ACTIONS[name].lower()} {state[name]} %" for name in names)


def _about(target: Payload) -> tuple[str, ...]:
    return ("status",) if "status" in target else RULES
