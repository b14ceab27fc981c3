"""Faults in how pages follow one another."""

from __future__ import annotations

import json

from sandbox.answers import encode
from sandbox.faults import Fault
from sandbox.paging import Style

LOOPS = ("repeat_page", "same_cursor", "cursor_cycle", "empty_for_ever", "empty_end")
_MADE_UP = "round-"


def asked_instead(style: Style, query: dict[str, str]) -> dict[str, str]:
    """The query without a cursor that only these faults can have made."""
    if query.get(style.asked, "").startswith(_MADE_UP):
        return {name: value for name, value in query.items() if name != style.asked}
    return query


def led_astray(style: Style, fault: Fault, query: dict[str, str], body: bytes, before: bytes | None, bound_to: str) -> bytes:
    """The body with another way on. `before` is the page that was served before this one, if there was one."""
    token = query.get(style.asked, "")
    if fault.kind == "repeat_page":
        if before is None or not token:
            return body
        again = json.loads(before)
        if fault["fresh"]:
            style.lead(again, style.again(token, bound_to))
        return encode(again)
    value = json.loads(body)
    if not isinstance(value, dict):
        return body  # a bare list names no next page
    name, rows = next(iter(value.items()))
    if not isinstance(rows, list):
        return body  # one thing alone: nothing follows it
    if fault.kind == "empty_for_ever":
        value[name] = []
        style.lead(value, f"{_MADE_UP}{_number(token) + 1}")
    elif fault.kind == "empty_end":
        value[name] = []
        style.end(value)
    elif fault.kind == "cursor_cycle":
        style.lead(value, f"{_MADE_UP}{(_number(token) + 1) % fault['length']}")
    else:
        style.lead(value, f"{_MADE_UP}0")
    return encode(value)


def _number(token: str) -> int:
    return int(token.removeprefix(_MADE_UP)) if token.startswith(_MADE_UP) else -1
