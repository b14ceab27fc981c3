"""Which acts fit a sender or a campaign: what its vendor lets be changed, and where in its life that makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clients.changes import payloads
from clients.changes.payloads import PRESET, STATUS, WARMUP, Payload
from clients.vendors.base import Vendor

type Acts = Mapping[str, tuple[str, ...]]

_NOUNS = {PRESET: "engagement rules", WARMUP: "warmup that could be switched"}


def acts(vendor: type[Vendor], *, campaigns: bool = False) -> Acts:
    return vendor.campaign_acts if campaigns else vendor.sender_acts


def lacks(vendor: type[Vendor], target: Payload, *, campaigns: bool = False) -> str:
    """Why this vendor can't be told so at all, as a sentence; empty where it can."""
    known, part = acts(vendor, campaigns=campaigns), payloads.part(target)
    if target[part] in known.get(part, ()):
        return ""
    if campaigns or not known:
        return f"{vendor.label} lets nobody change {'campaigns' if campaigns else 'senders'} from outside."
    if part == STATUS:
        return f"{vendor.label} has no status ‘{target[part]}’, but {' and '.join(f'‘{one}’' for one in known[part])}."
    return f"{vendor.label} has no {_NOUNS[part]}."


def bars(vendor: type[Vendor], state: Payload, target: Payload, *, campaigns: bool = False) -> str:
    """Why it makes no sense as it is now, as a sentence; empty where it does."""
    part = payloads.part(target)
    known = vendor.campaign_bars if campaigns else vendor.sender_bars
    return known.get((part, str(target[part]), str(state.get(part))), "")


def lasts(state: Payload, target: Payload) -> str:
    """Said beforehand of what no undo takes back, as a sentence; empty where one does."""
    if payloads.part(target) == PRESET or payloads.back(state, target) is not None:
        return ""
    return f"No undo brings back ‘{payloads.said(state, target)}’."


def offered(vendors: Iterable[type[Vendor]], *, campaigns: bool = False) -> dict[str, dict[str, list[str]]]:
    """Part → value → the labels of the vendors that take it, in the vendors' order."""
    found: dict[str, dict[str, list[str]]] = {}
    for vendor in vendors:
        for part, values in acts(vendor, campaigns=campaigns).items():
            for value in values:
                found.setdefault(part, {}).setdefault(value, []).append(vendor.label)
    return found
