"""Placement tests on Instantly's wire: tests, their mails, and what blacklists and SpamAssassin say.

Reference: as in `instantly_wire`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from clients.vendors.instantly_wire import emails, number, objects, word
from clients.vendors.records import MailRecord, PlacementTestRecord, ReportRecord
from clients.vendors.rows import MOST, Row, as_time
from clients.vendors.text import clean, clean_json, lowered

# ---- Assumed, since nobody has said it.
#: The day of a one-time test is the day it was made, in UTC; that of an automated one the day on which the run's first row came.
#: A verdict comes within three days of its mail, or never: `clients.verdicts`.
#: Rows of a mail that was sent carry the seed's ESP and type, as those of received ones do.

OUTSIDE = 2  # a test's sending_method
KINDS = {1: "once", 2: "automated"}
STATUSES = {1: "active", 2: "paused", 3: "completed"}
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
    "mark": ("description",),
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
_ODD = -1  # a flag that is there, and no flag
_FLAGS = (None, False, True)  # and 0, and 1


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


def placement_test(content: dict[str, Any]) -> PlacementTestRecord:
    row = Row(content, A_TEST)
    recipients = row.raw("recipients")
    kind = row.raw("kind")
    # Who sends from outside must know where to.
    kept = (*KEPT, *A_TEST["recipients"]) if content.get("sending_method") == OUTSIDE else KEPT
    return PlacementTestRecord(
        external_id=row.key("external_id", 64),
        name=row.text("name", 255),
        subject=row.text("subject", 1000),
        kind=KINDS.get(kind if isinstance(kind, int) else 0, "once"),
        status=word(STATUSES, row.raw("status"))[:20],
        not_sending=row.text("not_sending", 60),
        senders=emails(row.raw("senders")),
        seeds=len(recipients) if isinstance(recipients, list) else 0,
        created_at=row.time("created_at"),
        next_run_at=row.time("next_run_at"),
        raw=clean_json({name: content[name] for name in kept if content.get(name) is not None}),
        mark=row.text("mark", 255),
    )


def mail_row(content: dict[str, Any]) -> MailRow:
    row = Row(content, MAIL)
    at = as_time(row.raw("at"))
    if at is None:
        raise row.bad("at", "is missing" if row.raw("at") is None else "is no time")
    headers = row.raw("headers")
    return MailRow(
        row.key("external_id", 64),
        at,
        record_type=number(row.raw("record_type")),
        sender=row.text("sender", 320),
        recipient=row.text("recipient", 320),
        esp=number(row.raw("esp")),
        type=number(row.raw("type")),
        geo=number(row.raw("geo")),
        is_spam=_flag_or_odd(row.raw("is_spam")),
        has_category=_flag_or_odd(row.raw("has_category")),
        spf=_flag(row.raw("spf")),
        dkim=_flag(row.raw("dkim")),
        dmarc=_flag(row.raw("dmarc")),
        headers=headers if isinstance(headers, dict) else None,
    )


def odd(rows: Iterable[MailRow]) -> list[str]:
    """What of verdicts can't be read: a mail whose own can't came, and has none."""
    return [
        f"Row {row.external_id}: '{MAIL[name][0]}' is neither true nor false: taken as not said."
        for row in rows
        for name in ("is_spam", "has_category")
        if getattr(row, name) not in _FLAGS
    ]


def mail(row: MailRow) -> MailRecord:
    provider, raw = mailbox_provider(row.esp, row.type)
    return MailRecord(
        row.external_id,
        "received" if row.record_type == RECEIVED or row.is_spam is not None else "sent",
        row.at.astimezone(UTC),
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
        "rules": [_rule(rule) for rule in objects(rules.get("report"))],
        "lists": [_listing(one) for one in objects(lists.get("details"))],
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


def _flag(value: Any) -> bool | None:
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def _flag_or_odd(value: Any) -> bool | int | None:
    return _ODD if value is not None and _flag(value) is None else _flag(value)


def _score(value: Any) -> float | None:
    if isinstance(value, str):  # rules have theirs as text
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 else None


def _headers(found: dict[str, Any]) -> dict[str, str] | None:
    return {clean(name, 60): clean(text, 1000) for name, text in found.items() if isinstance(text, str) and text} or None


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    name, text = (rule[key] if isinstance(rule.get(key), str) else "" for key in ("name", "description"))
    return {"name": clean(name, 120), "description": clean(text, 300), "score": _score(rule.get("score"))}


def _listing(one: dict[str, Any]) -> dict[str, Any]:
    name, kind = (one[key] if isinstance(one.get(key), str) else "" for key in ("blacklist", "test_type"))
    return {"blacklist": clean(name, 120), "listed": one.get("is_listed") in (True, 1), "kind": clean(kind, 20)}
