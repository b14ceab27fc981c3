"""Faults in how pages follow one another."""

from __future__ import annotations

import json
from dataclasses import replace

from sandbox import paging
from sandbox.answers import encode
from sandbox.faults import Fault

LOOPS = ("repeat_page", "same_cursor", "cursor_cycle", "empty_for_ever")
_MADE_UP = "round-"


def asked_instead(query: dict[str, str]) -> dict[str, str]:
    """The query without a cursor that only these faults can have made."""
    if query.get("page_token", "").startswith(_MADE_UP):
        return {name: value for name, value in query.items() if name != "page_token"}
    return query


def led_astray(fault: Fault, query: dict[str, str], body: bytes, before: bytes | None, bound_to: str) -> bytes:
    """The body with another way on. `before` is the page that was served before this one, if there was one."""
    token = query.get("page_token", "")
    if fault.kind == "repeat_page":
        if before is None or not token:
            return body
        again = json.loads(before)
        if fault["fresh"]:
            cursor = paging.read(token, bound_to)
            again["next_page_token"] = paging.write(replace(cursor, copy=cursor.copy + 1), bound_to)
        return encode(again)
    value = json.loads(body)
    name, rows = next(iter(value.items()))
    if not isinstance(rows, list):
        return body  # one thing alone: nothing follows it
    if fault.kind == "empty_for_ever":
        value[name] = []
        value["next_page_token"] = f"{_MADE_UP}{_number(token) + 1}"
    elif fault.kind == "cursor_cycle":
        value["next_page_token"] = f"{_MADE_UP}{(_number(token) + 1) % fault['length']}"
    else:
        value["next_page_token"] = f"{_MADE_UP}0"
    return encode(value)


def _number(token: str) -> int:
    return int(token.removeprefix(_MADE_UP)) if token.startswith(_MADE_UP) else -1
