"""What a sender's rules, status and warmup are, were, and shall be, and a campaign's status: plain dicts, as items keep them.

A sender's state has all of PARTS, and its warmup where there is one; a campaign's has its status. A target (`after`) has only
what is to change: a preset, 'custom' with the seven, a status, or whether it warms up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clients.models import Campaign, CampaignStatus, Sender
from clients.vendors.records import Rules, SenderRecord, Warmup, What

PRESETS = ("default", "warmup", "repair", "boost", "protect")
CUSTOM = "custom"
STATUS, WARMUP, PRESET = "status", "warmup", "preset"
#: Of a sender profile.
STATUSES = ("active", "inactive")
#: What somebody may have set it to, and may set it to again. All else has come about by itself.
SETTABLE = {STATUS: (*STATUSES, "paused"), WARMUP: ("on", "off")}
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

#: What vendors say of warmup, where it is what somebody sets.
_WARMUPS = {"active": "on", "paused": "off"}
#: A campaign that has done its first part goes on by itself.
_AS_GOOD_AS = {CampaignStatus.SUBSEQUENCES.value: CampaignStatus.ACTIVE.value}

type Payload = Mapping[str, Any]


def state_of(row: SenderRecord | Sender | Campaign) -> dict[str, Any]:
    if isinstance(row, Campaign):
        return {STATUS: row.status}
    state = {name: getattr(row, name) for name in PARTS}
    warmup = row.raw.get("warmup_status")
    return state | ({WARMUP: _WARMUPS.get(warmup, warmup)} if warmup and isinstance(warmup, str) else {})


def part(target: Payload) -> str:
    """What it is about: STATUS, WARMUP, or PRESET for all of the rules; '' for nothing."""
    return next((name for name in (STATUS, WARMUP, PRESET) if name in target), "")


def meets(state: Payload, target: Payload) -> bool:
    """Whether nothing is left to do. A preset's percentages are the vendor's own."""
    return all(_as_good_as(state.get(name)) == value for name, value in target.items())


def unchanged(state: Payload, known: Payload, target: Payload) -> bool:
    """Whether what the target is about is as we knew it; the rest is nobody's business here."""
    return all(_as_good_as(state.get(name)) == _as_good_as(known.get(name)) for name in _about(target))


def back(before: Payload, target: Payload) -> dict[str, Any] | None:
    """The target that takes the other one back; None where it is not known how it was."""
    if (about := part(target)) in SETTABLE:
        was = _as_good_as(before.get(about))
        return {about: was} if was in SETTABLE[about] else None
    preset = before.get("preset")
    if preset and preset != CUSTOM:
        return {"preset": preset}
    seven = {name: before.get(name) for name in ACTIONS}
    return {"preset": CUSTOM, **seven} if None not in seven.values() else None


def order(target: Payload) -> What:
    """What a vendor is told."""
    if WARMUP in target:
        return Warmup(target[WARMUP] == "on")
    return str(target[STATUS]) if STATUS in target else Rules(**target)


def said(state: Payload, target: Payload) -> str:
    """The part of the state that the target is about, in words."""
    if STATUS in target:
        return _STATUS_WORDS.get(found := str(state.get(STATUS) or "unknown"), found)
    if WARMUP in target:
        return f"warmup {state.get(WARMUP) or 'unknown'}"
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
    return (about,) if (about := part(target)) in SETTABLE else RULES


def _as_good_as(value: Any) -> Any:
    return _AS_GOOD_AS.get(value, value) if isinstance(value, str) else value


#: Those of campaigns that are more than one word: 'stopped (too many bounces)'.
_STATUS_WORDS = {
    value: label[0].lower() + label[1:].replace(": ", " (") + (")" if ": " in label else "")
    for value, label in CampaignStatus.choices
    if " " in label
}
