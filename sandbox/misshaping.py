"""Faults in what an answer says: true JSON, spoilt in one place."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.answers import Json
from sandbox.faults import Fault

OPTIONAL = (
    "sender_id", "inboxing_percentage", "seed_count", "created_at", "updated_at", "last_activity_at",
    "first_received_at", "last_received_at", "description", "recipients_labels", "not_sending_status", "recipient_geo",
    "has_category", "spf_pass", "dkim_pass", "dmarc_pass", "domain_blacklist_count", "blacklist_report", "daily_limit",
    "warmup", "stat_warmup_score", "sub_workspace_name", "sent_today", "reply_rate_7d", "send_window", "steps_count",
    "leads_count", "replies_positive", "last_error", "connected_at",
    "snippet", "messageCount", "createdAt", "tsIso", "lastEventAtIso", "createdAtIso",
)  # fmt: skip
LISTS = ("seeds", "senders", "broadcasts", "shuffles", "data", "items", "results", "threads", "events", "conversations")
# json.dumps can write no number beyond a float's range, so this text is put in its place.
_ENDLESS = "number beyond any float"

Edit = Callable[[Fault, dict[str, Json]], None]


def misshapen(fault: Fault, body: bytes) -> bytes:
    """The body with the fault in it; unchanged when it has no row to spoil."""
    value = json.loads(body)
    edit = EDITS[fault.kind]
    if fault.args.get("where") == "envelope":
        edit(fault, value)
    else:
        rows = rows_of(value)
        index = fault.args.get("row")
        for row in rows if index is None else rows[index : index + 1]:
            edit(fault, row)
    if fault.kind == "extra_fields" and isinstance(value, dict):
        value["request_cost"] = {"units": 1, "left": None}
    return json.dumps(value).replace(f'"{_ENDLESS}"', "1e400").encode()


def rows_of(value: Json) -> list[dict[str, Json]]:
    if isinstance(value, list):
        return value
    for name in LISTS:
        if isinstance(value.get(name), list):
            return list(value[name])
    return [value]


def _wrong_type(fault: Fault, row: dict[str, Json]) -> None:
    row[fault["field"]] = fault["value"]


def _missing_key(fault: Fault, row: dict[str, Json]) -> None:
    row.pop(fault["field"], None)


def _null_id(fault: Fault, row: dict[str, Json]) -> None:
    # A seed is known by its address.
    row["id" if "id" in row else "email"] = None


def _huge_number(fault: Fault, row: dict[str, Json]) -> None:
    row[fault["field"]] = _ENDLESS


def _lone_surrogate(fault: Fault, row: dict[str, Json]) -> None:
    row[fault["field"]] = "half a smile \ud83d"


def _nul(fault: Fault, row: dict[str, Json]) -> None:
    row[fault["field"]] = "before\x00after"


def _huge_subject(fault: Fault, row: dict[str, Json]) -> None:
    row[fault["field"]] = ("Sale " * (fault["size"] // 5 + 1))[: fault["size"]]


def _extra_fields(fault: Fault, row: dict[str, Json]) -> None:
    row.update(ia_score=91, flags=["new"], owner={"id": 17, "teams": []})


def _missing_optional(fault: Fault, row: dict[str, Json]) -> None:
    for name in OPTIONAL:
        row.pop(name, None)


def _unknown_provider(fault: Fault, row: dict[str, Json]) -> None:
    if "recipient_esp" in row:
        row["recipient_esp"] = fault["name"]
        return
    for part in row.get("providers", [row])[:1]:
        part["provider"] = fault["name"]


EDITS: dict[str, Edit] = {
    "wrong_type": _wrong_type,
    "missing_key": _missing_key,
    "null_id": _null_id,
    "huge_number": _huge_number,
    "lone_surrogate": _lone_surrogate,
    "nul": _nul,
    "huge_subject": _huge_subject,
    "extra_fields": _extra_fields,
    "missing_optional": _missing_optional,
    "unknown_provider": _unknown_provider,
}
