"""What Instantly's wire says: its paths and names, and how workspaces and accounts become records. Tests and campaigns have
wire words of their own (`instantly_tests_wire`, `instantly_outreach_wire`).

Reference: https://developer.instantly.ai/api-reference, API v2. Documented unless it stands among the assumptions; where the
live API is known to differ from its documentation the reader here takes both.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from clients.vendors.records import SenderRecord, WorkspaceRecord
from clients.vendors.rows import MOST, BadField, Row
from clients.vendors.text import clean, clean_json, lowered

PATHS = {
    "workspace": "/api/v2/workspaces/current",
    "workspaces": "/api/v2/workspace-group-members",
    "senders": "/api/v2/accounts",
    "tests": "/api/v2/inbox-placement-tests",
    "mails": "/api/v2/inbox-placement-analytics",
    "reports": "/api/v2/inbox-placement-reports",
    "campaigns": "/api/v2/campaigns",
    "campaign_totals": "/api/v2/campaigns/analytics",
    "campaign_days": "/api/v2/campaigns/analytics/daily",
    "sender_days": "/api/v2/accounts/analytics/daily",
    "warmup": "/api/v2/accounts/warmup-analytics",
    "tags": "/api/v2/custom-tags",
    "tag_mappings": "/api/v2/custom-tag-mappings",
    "jobs": "/api/v2/background-jobs",
}
#: The scope that each list needs; `all:read` has them all.
SCOPES = {
    "workspace": "workspaces:read",
    "workspaces": "workspace_group_members:read",
    "senders": "accounts:read",
    "tests": "inbox_placement_tests:read",
    "mails": "inbox_placement_analytics:read",
    "reports": "inbox_placement_reports:read",
    "campaigns": "campaigns:read",
    "campaign_totals": "campaigns:read",
    "campaign_days": "campaigns:read",
    "sender_days": "accounts:read",
    "warmup": "accounts:read",
    "tags": "custom_tags:read",
    "tag_mappings": "custom_tag_mappings:read",
    "jobs": "background-jobs:read",
}
NAMES = {
    "workspaces": "its group's workspaces",
    "senders": "accounts",
    "tests": "placement tests",
    "mails": "the results of placement tests",
    "reports": "blacklist and SpamAssassin reports",
    "campaigns": "campaigns",
    "campaign_totals": "the figures of campaigns",
    "campaign_days": "the daily figures of campaigns",
    "sender_days": "the daily figures of accounts",
    "warmup": "the figures of warmup",
    "tags": "custom tags",
    "tag_mappings": "what carries which custom tag",
    "jobs": "background jobs",
}
ROWS, NEXT = "items", "next_starting_after"
LIMIT, CURSOR, TEST, SINCE, TAGS, SEARCH = (  # query names
    "limit", "starting_after", "test_id", "date_from", "include_tags", "search",
)  # fmt: skip
ACT_FOR = "x-as-workspace"
MOST_ROWS = 100  # of one page; above it the live API answers with an empty list

# ---- Assumed, since nobody has said it.
#: An answer to a workspace that is not, or no longer, in the key's group: as to a wrong key, told apart by asking for our own.
#: A day in a question is one in UTC, and included.
DAY_FORMAT = "%Y-%m-%d"
#: The list of background jobs tells whom each is for, by `data.filters.emails`, and shows a job as soon as its call is answered.
#: An account that is searched for by its whole address is found at once, as it is now.

ACCEPTED = "accepted"
ACCOUNTS = {
    1: "active", 2: "paused", 3: "maintenance", -1: "connection error", -2: "soft bounce error", -3: "sending error",
}  # fmt: skip
WARMUPS = {1: "active", 0: "paused", -1: "banned", -2: "spam folder unknown", -3: "suspended for good"}
WORKSPACE = {"external_id": ("sub_workspace_id",), "name": ("sub_workspace_name",), "status": ("status",)}
ACCOUNT = {
    "email": ("email",),
    "first": ("first_name",),
    "last": ("last_name",),
    "status": ("status",),
    "tags": ("tags",),
    "created_at": ("timestamp_created",),
    "daily_limit": ("daily_limit",),
    "warmup_status": ("warmup_status",),
    "warmup_score": ("stat_warmup_score",),
}
#: Long, or private, or kept elsewhere.
NOT_KEPT = {"signature", "tags", "tracking_domain_name", "reply_to"}


def own_workspace(content: dict[str, Any]) -> WorkspaceRecord | None:
    """None where it does not say: a good key is no worse for it."""
    external_id, name = content.get("id"), content.get("name")
    if not isinstance(external_id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", external_id):
        return None
    return WorkspaceRecord(external_id, name.replace("\x00", "").strip()[:255] if isinstance(name, str) else "")


def workspace(content: dict[str, Any]) -> WorkspaceRecord:
    """For one that has not accepted nobody may act."""
    row = Row(content, WORKSPACE)
    key = row.key("external_id", 64)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", key):  # it goes into a header
        raise BadField(WORKSPACE["external_id"][0], "is no id")
    status = row.text("status", 40)
    return WorkspaceRecord(key, row.text("name", 255), "" if status == ACCEPTED else status or "not accepted")


def sender(content: dict[str, Any]) -> SenderRecord:
    row = Row(content, ACCOUNT)
    email = row.key("email", 255)
    said = {
        "daily_limit": row.number("daily_limit", MOST),
        "warmup_status": word(WARMUPS, row.raw("warmup_status")),
        "warmup_score": row.number("warmup_score", 100),
    }
    return SenderRecord(
        external_id=email,
        email=email,
        name=f"{row.text('first', 120)} {row.text('last', 120)}".strip(),
        domain=domain(email),
        status=word(ACCOUNTS, row.raw("status")),
        tags=labels(row.raw("tags")),
        created_at=row.time("created_at"),
        raw=clean_json({name: value for name, value in content.items() if name not in NOT_KEPT}) | said,
    )


@lru_cache(maxsize=4096)
def domain(email: str) -> str:
    return lowered(email.rpartition("@")[2], 255) if "@" in email else ""


def day(value: date) -> str:
    return value.strftime(DAY_FORMAT)


def word(words: dict[int, str], said: Any) -> str:
    """A number that is not in the table stays one, as text: their lists grow."""
    known = number(said)
    return "" if known is None else words.get(known, str(known))[:40]


def number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST else None


def emails(found: Any) -> tuple[str, ...]:
    each = found if isinstance(found, list) else []
    return tuple(dict.fromkeys(lowered(clean(email, 320), 320) for email in each if isinstance(email, str) and email))


def labels(found: Any) -> tuple[str, ...]:
    each = [tag.get("label") for tag in objects(found)]
    return tuple(dict.fromkeys(clean(label, 120) for label in each if isinstance(label, str) and label.strip()))


def objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found[:300] if isinstance(each, dict)] if isinstance(found, list) else []
