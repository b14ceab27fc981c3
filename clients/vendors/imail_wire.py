"""What imail's wire says, and how its rows become records.

Reference: https://imail.now/api-docs. Of that page the prose is public and its samples reach as far as the table of errors: the
base address, the header of the key, versions, errors, rate headers, pages, the list of campaigns, what a campaign is made of,
and that there are leads, inboxes, analytics in raw counts and public metrics. All else stands among the assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from clients.vendors.counting import ANSWERED, SOFT, Counted
from clients.vendors.records import ActivityRecord, BenchmarkRecord, CampaignRecord, SenderRecord
from clients.vendors.rows import MOST, Row, as_time
from clients.vendors.text import clean, clean_json, lowered

LIVE, TEST = "imk_live_", "imk_test_"
#: Answers stay as they were on this day, whatever is added later.
PINNED = {"Imail-Version": "2026-05-10"}
ROWS, NEXT, PAGES, MORE = "data", "next_cursor", "pagination", "has_more"
LIMIT, CURSOR = "limit", "cursor"  # query names

# ---- Assumed, since nobody has said it.
PATHS = {
    "campaigns": "/v1/campaigns",
    "inboxes": "/v1/inboxes",
    "leads": "/v1/leads",
    "analytics": "/v1/analytics",
    "metrics": "/v1/metrics/public",
}
MOST_ROWS = 100  # of one page
#: The code of a 403 that is about the tier, not the key.
TIER = "tier_required"
#: Each row of analytics is of one day, whatever it is grouped by; `from` and `to` are days in UTC, and included.
GROUP, CAMPAIGN, FIRST, LAST = "group_by", "campaign_id", "from", "to"
BY_DAY, BY_INBOX = "day", "inbox"
#: The list of campaigns has all but archived ones.
STATUSES = {"draft": "draft", "active": "active", "paused": "paused", "completed": "completed"}
INBOXES = {"connected": "active", "paused": "paused", "disconnected": "disconnected", "pending_setup": "setup pending"}
#: A status that we set → theirs.
SETUP = "setup_url"
SET = {"active": "connected", "paused": "paused"}
PAUSED_ITSELF = "paused by its threshold"
WARMUPS = {"warming": "warming up", "ready": "ready", "threshold_paused": PAUSED_ITSELF}
#: An address is one inbox in a workspace: whoever connects it again goes on with its history.
INBOX = {
    "id": ("id",),
    "email": ("email",),
    "name": ("display_name",),
    "status": ("status",),
    "daily_limit": ("daily_limit",),
    "created_at": ("created_at",),
}
#: Of an inbox, what is kept as it came.
KEPT_OF_INBOX = ("provider", "last_error", "connected_at")
A_CAMPAIGN = {
    "external_id": ("id",),
    "name": ("name",),
    "status": ("status",),
    "inboxes": ("inbox_ids",),
    "daily_limit": ("daily_limit",),
    "window": ("send_window",),
    "created_at": ("created_at",),
    "steps": ("steps_count",),
    "leads": ("leads_count",),
    "tracks_opens": ("track_opens",),
    "tracks_clicks": ("track_clicks",),
}
#: `replied` counts leads that wrote back; a bounce is hard or soft, never both.
DAY = {
    "day": ("date",),
    "inbox": ("inbox_id",),
    "sent": ("sent",),
    "delivered": ("delivered",),
    "opened": ("opened",),
    "clicked": ("clicked",),
    "bounced_hard": ("bounced_hard",),
    "bounced_soft": ("bounced_soft",),
    "replied": ("replied",),
    "positive": ("replies_positive",),
    "unsubscribed": ("unsubscribed",),
}
_COUNTS = [name for name in DAY if name not in ("day", "inbox")]
#: Of a campaign's window; its times are each lead's own where its zone says so.
DAYS, THE_LEADS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "each lead's own time"
LEAD = {"status": ("status",)}
LEADS = ("queued", "in_sequence", "replied", "bounced", "unsubscribed", "completed", "suppressed")
#: Of an event about one mail: whose it was, to whom it went, and why it bounced softly or of which class its answer is.
MAIL_SENDER, MAIL_TO, MAIL_WORDS = "inbox_id", "email", {SOFT: "category", ANSWERED: "class"}
#: Ours → theirs, of what everybody sends together; shares from 0 to 1.
METRICS = {"delivered": "delivery_rate_24h", "replied": "reply_rate_7d", "inboxing": "inbox_placement_7d"}
#: As their names say.
METRIC_DAYS = {"delivered": 1, "replied": 7, "inboxing": 7}


def sender(content: dict[str, Any]) -> SenderRecord:
    row = Row(content, INBOX)
    email = lowered(row.key("email", 255), 255)
    if "@" not in email:
        raise row.bad("email", "is no address")
    warmup = content.get("warmup")
    kept = {name: content[name] for name in KEPT_OF_INBOX if content.get(name) is not None}
    return SenderRecord(
        external_id=email,
        email=email,
        name=row.text("name", 255),
        domain=domain(email),
        status=_word(INBOXES, row.raw("status")),
        created_at=row.time("created_at"),
        raw=clean_json(kept)
        | {"id": row.key("id", 64), "daily_limit": row.number("daily_limit", MOST)}
        | _warmup(warmup if isinstance(warmup, dict) else {}),
    )


def inbox(content: dict[str, Any]) -> tuple[str, str]:
    """(id, address)."""
    row = Row(content, INBOX)
    return row.key("id", 64), lowered(row.key("email", 255), 255)


def campaign(content: dict[str, Any], addresses: Mapping[str, str]) -> CampaignRecord:
    """`addresses`: of the workspace's inboxes, by their ids."""
    row = Row(content, A_CAMPAIGN)
    window, inboxes = row.raw("window"), row.raw("inboxes")
    ids = inboxes if isinstance(inboxes, list) else []
    tracks = {name: row.raw(name) for name in ("tracks_opens", "tracks_clicks") if isinstance(row.raw(name), bool)}
    counts = {name: number for name in ("steps", "leads") if (number := row.number(name, MOST)) is not None}
    return CampaignRecord(
        external_id=row.key("external_id", 64),
        name=row.text("name", 255),
        status=_word(STATUSES, row.raw("status"))[:20],
        not_sending="",
        daily_limit=row.number("daily_limit", MOST),
        senders=tuple(sorted({addresses[each] for each in ids if isinstance(each, str) and each in addresses})),
        sender_tags=(),
        tags=(),
        schedule=_schedule(window if isinstance(window, dict) else {}),
        created_at=row.time("created_at"),
        raw=tracks | counts,
    )


def campaign_status(content: dict[str, Any]) -> str:
    return _word(STATUSES, content.get("status"))[:20]


def campaign_day(content: dict[str, Any]) -> ActivityRecord:
    return _day("", Row(content, DAY))


def inbox_day(content: dict[str, Any], addresses: Mapping[str, str]) -> ActivityRecord | None:
    """None of an inbox that is no longer there."""
    row = Row(content, DAY)
    address = addresses.get(row.key("inbox", 64))
    return _day(address, row) if address else None


def benchmark(content: dict[str, Any]) -> BenchmarkRecord:
    shares = {ours: content[theirs] for ours, theirs in METRICS.items() if _is_share(content.get(theirs))}
    return BenchmarkRecord(as_time(content.get("updated_at")), shares)


def mail(what: str, data: Mapping[str, Any]) -> Counted:
    """`data` of an event. What it does not name is ''."""
    sender, to, word = (data.get(name) for name in (MAIL_SENDER, MAIL_TO, MAIL_WORDS.get(what, "")))
    texts = (clean(text, limit) if isinstance(text, str) else "" for text, limit in ((sender, 64), (to, 320), (word, 40)))
    return Counted(what, *texts)


def lead_status(content: dict[str, Any]) -> str:
    """The one thing of a lead that is looked at."""
    return Row(content, LEAD).text("status", 40)


@lru_cache(maxsize=4096)
def domain(email: str) -> str:
    return email.rpartition("@")[2][:255]


def span(first: date, last: date) -> dict[str, str]:
    return {FIRST: first.isoformat(), LAST: last.isoformat()}


def _schedule(window: dict[str, Any]) -> dict[str, Any]:
    """As `CampaignRecord` has it."""
    days, zone = window.get("days"), window.get("timezone")
    weekdays = sorted({DAYS.index(day) + 1 for day in days if day in DAYS}) if isinstance(days, list) else []
    texts = {"from": window.get("start"), "to": window.get("end"), "timezone": THE_LEADS if zone == "lead" else zone}
    hours = {"name": "", "weekdays": weekdays, **{n: clean(t, 60) if isinstance(t, str) else "" for n, t in texts.items()}}
    return {"hours": [hours]} if window else {}


def _day(ref: str, row: Row) -> ActivityRecord:
    counts = {name: row.number(name, MOST) for name in _COUNTS} | {"sent": row.count("sent")}
    hard, soft = counts["bounced_hard"], counts["bounced_soft"]
    bounced = None if hard is None or soft is None else hard + soft
    return ActivityRecord(ref, row.day("day"), **counts, bounced=bounced)


def _warmup(said: dict[str, Any]) -> dict[str, Any]:
    """Its state in words, and where its own mail landed in the last 7 days: not to be taken for placement."""
    if "enabled" not in said and "status" not in said:
        return {}
    rates = {f"warmup_{name}": said[name] for name in ("inbox_rate_7d", "spam_rate_7d") if _is_share(said.get(name))}
    state = _word(WARMUPS, said.get("status"))
    # One that paused itself is switched off as well, and the reason says more.
    switched = "paused" if said.get("enabled") is False else "active"
    return {"warmup_status": state if state == PAUSED_ITSELF else switched, "warmup_state": state, **rates}


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _word(words: dict[str, str], said: Any) -> str:
    """One that is not in the table stays as it is: their lists grow."""
    return words.get(said, clean(said, 40).replace("_", " ")) if isinstance(said, str) else ""
