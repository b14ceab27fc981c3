"""What Instantly's wire says, and how its rows become records.

Reference: https://developer.instantly.ai/api-reference, API v2. Documented unless it stands among the assumptions; where the
live API is known to differ from its documentation the reader here takes both.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from clients.vendors.records import MailRecord, PlacementTestRecord, ReportRecord, SenderRecord, WorkspaceRecord
from clients.vendors.rows import MOST, BadField, Row, as_time
from clients.vendors.text import clean, clean_json, lowered

PATHS = {
    "workspace": "/api/v2/workspaces/current",
    "workspaces": "/api/v2/workspace-group-members",
    "senders": "/api/v2/accounts",
    "tests": "/api/v2/inbox-placement-tests",
    "mails": "/api/v2/inbox-placement-analytics",
    "reports": "/api/v2/inbox-placement-reports",
}
#: The scope that each list needs; `all:read` has them all.
SCOPES = {
    "workspace": "workspaces:read",
    "workspaces": "workspace_group_members:read",
    "senders": "accounts:read",
    "tests": "inbox_placement_tests:read",
    "mails": "inbox_placement_analytics:read",
    "reports": "inbox_placement_reports:read",
}
NAMES = {
    "workspaces": "its group's workspaces",
    "senders": "accounts",
    "tests": "placement tests",
    "mails": "the results of placement tests",
    "reports": "blacklist and SpamAssassin reports",
}
ROWS, NEXT = "items", "next_starting_after"
LIMIT, CURSOR, TEST, SINCE, TAGS = "limit", "starting_after", "test_id", "date_from", "include_tags"  # query names
ACT_FOR = "x-as-workspace"
MOST_ROWS = 100  # of one page; above it the live API answers with an empty list

# ---- Assumed, since nobody has said it.
#: An answer to a workspace that is not, or no longer, in the key's group: as to a wrong key, told apart by asking for our own.
#: The day of a one-time test is the day it was made, in UTC; that of an automated one the day on which the run's first row came.
#: `date_from` is a day in UTC, and includes it.
DAY_FORMAT = "%Y-%m-%d"
#: Rows of a mail that was sent carry the seed's ESP and type, as those of received ones do.

ACCEPTED = "accepted"
FROM_OUTSIDE = 2
KINDS = {1: "once", 2: "automated"}
STATUSES = {1: "active", 2: "paused", 3: "completed"}
ACCOUNTS = {
    1: "active", 2: "paused", 3: "maintenance", -1: "connection error", -2: "soft bounce error", -3: "sending error",
}  # fmt: skip
WARMUPS = {1: "active", 0: "paused", -1: "banned", -2: "spam folder unknown", -3: "suspended for good"}
RECEIVED = 2
ESPS = {1: "Google", 2: "Microsoft", 8: "AirMail", 12: "Web.de", 13: "Libero"}
TYPES = {1: "Professional", 2: "Personal"}
REGIONS = {1: "United States", 2: "Italy", 3: "Germany", 4: "France"}
#: (ESP, recipient type) → ours. What is not here is 'other', by its name.
PROVIDERS: dict[tuple[int | None, int | None], str] = {
    (1, 2): "gmail",
    (1, 1): "google_workspace",
    (2, 2): "outlook",
    (2, 1): "microsoft_365",
    **{(12, kind): "web_de" for kind in (1, 2, None)},
    **{(13, kind): "libero" for kind in (1, 2, None)},
}

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
A_TEST = {
    "external_id": ("id",),
    "name": ("name",),
    "subject": ("email_subject",),
    "kind": ("type",),
    "status": ("status",),
    "not_sending": ("not_sending_status",),
    "senders": ("emails",),
    "recipients": ("recipients",),
    "created_at": ("timestamp_created",),
    "next_run_at": ("timestamp_next_run",),
}
#: Of a test, what is kept as it came. The mail's text is not ours to keep.
KEPT = (
    "schedule", "recipients_labels", "automations", "tags", "sending_method", "delivery_mode", "text_only", "campaign_id",
    "description", "test_code",
)  # fmt: skip
MAIL = {
    "external_id": ("id",),
    "at": ("timestamp_created",),
    "record_type": ("record_type",),
    "sender": ("sender_email",),
    "recipient": ("recipient_email",),
    "esp": ("recipient_esp",),
    "type": ("recipient_type",),
    "geo": ("recipient_geo",),
    "is_spam": ("is_spam",),
    "has_category": ("has_category",),
    "spf": ("spf_pass",),
    "dkim": ("dkim_pass",),
    "dmarc": ("dmarc_pass",),
    "headers": ("authentication_failure_results",),
}
REPORT = {
    "external_id": ("id",),
    "at": ("timestamp_created",),
    "domain": ("domain",),
    "ip": ("domain_ip",),
    "domain_blacklists": ("domain_blacklist_count",),
    "ip_blacklists": ("domain_ip_blacklist_count",),
    "score": ("spam_assassin_score",),
    "rules": ("spam_assassin_report",),
    "lists": ("blacklist_report",),
}

type Flag = bool | int | None  # numbers until July 2025


def _first(names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {ours: theirs[0] for ours, theirs in names.items()}


class MailRow(msgspec.Struct, gc=False, rename=_first(MAIL)):
    """The quick way. Null fields are mostly left out."""

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    record_type: int | None = None
    sender: Annotated[str, msgspec.Meta(max_length=320)] | None = None
    recipient: Annotated[str, msgspec.Meta(max_length=320)] | None = None
    esp: int | None = None
    type: int | None = None
    geo: int | None = None
    is_spam: Flag = None
    has_category: Flag = None
    spf: Flag = None
    dkim: Flag = None
    dmarc: Flag = None
    headers: dict[str, Any] | None = None


def workspace(content: dict[str, Any]) -> tuple[WorkspaceRecord, bool]:
    """And whether it has accepted: for the others nobody may act."""
    row = Row(content, WORKSPACE)
    key = row.key("external_id", 64)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", key):  # it goes into a header
        raise BadField(WORKSPACE["external_id"][0], "is no id")
    return WorkspaceRecord(key, row.text("name", 255)), row.text("status", 40) == ACCEPTED


def sender(content: dict[str, Any]) -> SenderRecord:
    row = Row(content, ACCOUNT)
    email = row.key("email", 255)
    said = {
        "daily_limit": row.number("daily_limit", MOST),
        "warmup_status": _word(WARMUPS, row.raw("warmup_status")),
        "warmup_score": row.number("warmup_score", 100),
    }
    return SenderRecord(
        external_id=email,
        email=email,
        name=f"{row.text('first', 120)} {row.text('last', 120)}".strip(),
        domain=domain(email),
        status=_word(ACCOUNTS, row.raw("status")),
        tags=_labels(row.raw("tags")),
        preset="",
        open=None,
        scroll_down=None,
        spam_to_inbox=None,
        promo_to_inbox=None,
        mark_important=None,
        reply=None,
        click_link=None,
        seed_count=None,
        created_at=row.time("created_at"),
        last_activity_at=None,
        raw=clean_json({name: value for name, value in content.items() if name not in NOT_KEPT}) | said,
    )


def placement_test(content: dict[str, Any]) -> PlacementTestRecord:
    row = Row(content, A_TEST)
    recipients = row.raw("recipients")
    kind = row.raw("kind")
    return PlacementTestRecord(
        external_id=row.key("external_id", 64),
        name=row.text("name", 255),
        subject=row.text("subject", 1000),
        kind=KINDS.get(kind if isinstance(kind, int) else 0, "once"),
        status=_word(STATUSES, row.raw("status"))[:20],
        not_sending=row.text("not_sending", 60),
        senders=_emails(row.raw("senders")),
        seeds=len(recipients) if isinstance(recipients, list) else 0,
        created_at=row.time("created_at"),
        next_run_at=row.time("next_run_at"),
        raw=clean_json({name: content[name] for name in KEPT if content.get(name) is not None}) | _from_outside(row, content),
    )


def _from_outside(row: Row, content: dict[str, Any]) -> dict[str, Any]:
    """Of a test that is sent from elsewhere: whom to write to, with the test's code in the text."""
    return {"outside": list(_emails(row.raw("recipients")))} if content.get("sending_method") == FROM_OUTSIDE else {}


def mail_row(content: dict[str, Any]) -> MailRow:
    row = Row(content, MAIL)
    at = as_time(row.raw("at"))
    if at is None:
        raise row.bad("at", "is missing" if row.raw("at") is None else "is no time")
    headers = row.raw("headers")
    return MailRow(
        row.key("external_id", 64),
        at,
        record_type=_number(row.raw("record_type")),
        sender=row.text("sender", 320),
        recipient=row.text("recipient", 320),
        esp=_number(row.raw("esp")),
        type=_number(row.raw("type")),
        geo=_number(row.raw("geo")),
        is_spam=_flag(row.raw("is_spam")),
        has_category=_flag(row.raw("has_category")),
        spf=_flag(row.raw("spf")),
        dkim=_flag(row.raw("dkim")),
        dmarc=_flag(row.raw("dmarc")),
        headers=headers if isinstance(headers, dict) else None,
    )


def mail(row: MailRow) -> MailRecord:
    provider, raw = mailbox_provider(row.esp, row.type)
    return MailRecord(
        row.external_id,
        "received" if row.record_type == RECEIVED or row.is_spam is not None else "sent",
        row.at,
        lowered(row.sender or "", 320),
        lowered(row.recipient or "", 320),
        provider,
        raw,
        REGIONS.get(row.geo, f"region {row.geo}"[:60]) if row.geo is not None else "",
        _flag(row.is_spam),
        _flag(row.has_category),
        _flag(row.spf),
        _flag(row.dkim),
        _flag(row.dmarc),
        _headers(row.headers) if row.headers else None,
    )


def report(content: dict[str, Any]) -> ReportRecord:
    row = Row(content, REPORT)
    rules, lists = row.raw("rules"), row.raw("lists")
    rules, lists = (each if isinstance(each, dict) else {} for each in (rules, lists))
    details = {
        "rules": [_rule(rule) for rule in _objects(rules.get("report"))],
        "lists": [_listing(one) for one in _objects(lists.get("details"))],
        "is_spam": rules["is_spam"] if isinstance(rules.get("is_spam"), bool) else None,
    }
    return ReportRecord(
        external_id=row.key("external_id", 64),
        at=row.time("at"),
        domain=lowered(row.text("domain", 255), 255),
        ip=row.text("ip", 45),
        domain_blacklists=row.number("domain_blacklists", MOST),
        ip_blacklists=row.number("ip_blacklists", MOST),
        spam_score=_score(row.raw("score")),
        details=details,
    )


@lru_cache(maxsize=256)
def mailbox_provider(esp: int | None, kind: int | None) -> tuple[str, str]:
    """Ours, and theirs in words: (1, 2) → ('gmail', 'Google Personal'), (77, 2) → ('other', 'ESP 77 Personal')."""
    names = ("" if esp is None else ESPS.get(esp, f"ESP {esp}"), "" if kind is None else TYPES.get(kind, f"type {kind}"))
    return PROVIDERS.get((esp, kind), "other"), " ".join(filter(None, names))[:60]


@lru_cache(maxsize=4096)
def domain(email: str) -> str:
    return lowered(email.rpartition("@")[2], 255) if "@" in email else ""


def day(value: date) -> str:
    return value.strftime(DAY_FORMAT)


def _word(words: dict[int, str], number: Any) -> str:
    """A number that is not in the table stays one, as text: their lists grow."""
    known = _number(number)
    return "" if known is None else words.get(known, str(known))[:40]


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST else None


def _flag(value: Any) -> bool | None:
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def _score(value: Any) -> float | None:
    if isinstance(value, str):  # rules have theirs as text
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 else None


def _emails(found: Any) -> tuple[str, ...]:
    each = found if isinstance(found, list) else []
    return tuple(dict.fromkeys(lowered(clean(email, 320), 320) for email in each if isinstance(email, str) and email))


def _labels(found: Any) -> tuple[str, ...]:
    each = [tag.get("label") for tag in _objects(found)]
    return tuple(dict.fromkeys(clean(label, 120) for label in each if isinstance(label, str) and label.strip()))


def _headers(found: dict[str, Any]) -> dict[str, str] | None:
    return {clean(name, 60): clean(text, 1000) for name, text in found.items() if isinstance(text, str) and text} or None


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    name, text = (rule[key] if isinstance(rule.get(key), str) else "" for key in ("name", "description"))
    return {"name": clean(name, 120), "description": clean(text, 300), "score": _score(rule.get("score"))}


def _listing(one: dict[str, Any]) -> dict[str, Any]:
    name, kind = (one[key] if isinstance(one.get(key), str) else "" for key in ("blacklist", "test_type"))
    return {"blacklist": clean(name, 120), "listed": one.get("is_listed") in (True, 1), "kind": clean(kind, 20)}


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found[:300] if isinstance(each, dict)] if isinstance(found, list) else []
