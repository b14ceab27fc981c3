"""Campaigns, custom tags and daily figures on Instantly's wire.

Reference: as in `instantly_wire`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from clients.vendors.instantly_wire import emails, number, objects, word
from clients.vendors.records import ActivityRecord, CampaignRecord, TotalsRecord, WarmupRecord
from clients.vendors.rows import FIRST_DAY, LAST_DAY, MOST, BadField, Row, as_day
from clients.vendors.text import clean, clean_json

# ---- Assumed, since nobody has said it.
#: Figures asked for without dates are those since the campaign began.
#: A day is one in UTC.
#: Replies are those of people; automatic ones are counted beside them, not among them.
#: Where a campaign does not say that it tracks opens, or clicks, a 0 of them is not measured.
#: Days of a schedule are numbered from 0, which is Sunday: said of tests' schedules, not of campaigns'.
#: A row that names no mailbox is the workspace's, and the same whichever mailboxes were asked for.

IDS, TAG_IDS, CAMPAIGN, EMAILS, FIRST, LAST = "resource_ids", "tag_ids", "campaign_id", "emails", "start_date", "end_date"
NO_LEADS = "exclude_total_leads_count"  # without them the answer comes much faster
STATUSES = {
    0: "draft", 1: "active", 2: "paused", 3: "completed", 4: "subsequences",
    -1: "unhealthy", -2: "bounce_protect", -99: "suspended",
}  # fmt: skip
HINDRANCES = {
    1: "out of its schedule", 2: "waiting for leads", 3: "its daily limit is reached",
    4: "all its senders are at their limits", 99: "an error",
}  # fmt: skip
A_CAMPAIGN = {
    "external_id": ("id",),
    "name": ("name",),
    "status": ("status",),
    "not_sending": ("not_sending_status",),
    "daily_limit": ("daily_limit",),
    "senders": ("email_list",),
    "sender_tags": ("email_tag_list",),
    "schedule": ("campaign_schedule",),
    "created_at": ("timestamp_created",),
    "sequences": ("sequences",),
}
#: Of a campaign, what is kept as it came. Its sequences are the mail's copy, which is not ours to keep.
KEPT = (
    "is_evergreen", "open_tracking", "link_tracking", "text_only", "email_gap", "random_wait_max", "stop_on_reply",
    "stop_on_auto_reply", "stop_for_company", "daily_max_leads", "match_lead_esp", "allow_risky_contacts",
    "disable_bounce_protect", "insert_unsubscribe_header", "prioritize_new_leads",
)  # fmt: skip
#: The first and the last day of a schedule.
ENDS = {"first": "start_date", "last": "end_date"}
#: In our words: whether it sees opens and clicks at all.
TRACKS = {"tracks_opens": "open_tracking", "tracks_clicks": "link_tracking"}
#: Ours → theirs, of counts since the beginning; each recipient once where the vendor counts so.
TOTALS = {
    "sent": ("emails_sent_count",),
    "opened": ("open_count_unique", "open_count"),
    "clicked": ("link_click_count_unique", "link_click_count"),
    "replied": ("reply_count_unique", "reply_count"),
    "replied_auto": ("reply_count_automatic_unique", "reply_count_automatic"),
    "positive": ("total_opportunities",),
    "bounced": ("bounced_count",),
    "unsubscribed": ("unsubscribed_count",),
    "contacted": ("contacted_count",),
    "completed": ("completed_count",),
}
DAY = {
    "day": ("date",),
    "sender": ("email_account",),
    "sent": ("sent",),
    "opened": ("unique_opened", "opened"),
    "clicked": ("unique_clicks", "clicks"),
    "replied": ("unique_replies", "replies"),
    "replied_auto": ("unique_replies_automatic", "replies_automatic"),
    "positive": ("unique_opportunities", "opportunities"),
    "bounced": ("bounced",),
}
#: Counters of warmup that are zero are left out.
WARMUP = {"sent": ("sent",), "received": ("received",), "inbox": ("landed_inbox",), "spam": ("landed_spam",)}
WARMUP_DAYS = "email_date_data"
A_TAG = {"external_id": ("id",), "name": ("label",)}
#: What carries it is named by its own id: an account's is its address. `resource_type` is documented the wrong way round.
MAPPING = {"tag": ("tag_id",), "carrier": ("resource_id",)}


def campaign(content: dict[str, Any]) -> CampaignRecord:
    """Its tags, and those of its senders, by their ids."""
    row = Row(content, A_CAMPAIGN)
    limit = number(row.raw("daily_limit"))
    steps = sum(len(objects(each.get("steps"))) for each in objects(row.raw("sequences"))[:1])
    kept = {name: content[name] for name in KEPT if content.get(name) is not None}
    said: dict[str, Any] = {"steps": steps} if steps else {}
    said |= {ours: kept.get(theirs) is True for ours, theirs in TRACKS.items()}
    return CampaignRecord(
        external_id=row.key("external_id", 64),
        name=row.text("name", 255),
        status=word(STATUSES, row.raw("status"))[:20],
        not_sending=word(HINDRANCES, row.raw("not_sending")),
        daily_limit=limit if limit is not None and limit >= 0 else None,
        senders=emails(row.raw("senders")),
        sender_tags=_texts(row.raw("sender_tags")),
        tags=None,
        schedule=_schedule(row.raw("schedule")),
        created_at=row.time("created_at"),
        raw=clean_json(kept) | said,
    )


def _schedule(found: Any) -> dict[str, Any]:
    """As `CampaignRecord` has it. A draft may have none."""
    given = _object(found)
    spans = [_hours(each) for each in objects(given.get("schedules"))]
    ends = {ours: day.isoformat() for ours, theirs in ENDS.items() if (day := as_day(given.get(theirs)))}
    return {"hours": spans, **ends} if spans or ends else {}


def _hours(one: dict[str, Any]) -> dict[str, Any]:
    timing, days = _object(one.get("timing")), _object(one.get("days"))
    weekdays = sorted((int(day) or 7) for day, on in days.items() if day in "0123456" and len(day) == 1 and on is True)
    texts = {"name": one.get("name"), "from": timing.get("from"), "to": timing.get("to"), "timezone": one.get("timezone")}
    return {"weekdays": weekdays, **{name: clean(text, 60) if isinstance(text, str) else "" for name, text in texts.items()}}


def totals(content: dict[str, Any]) -> TotalsRecord:
    row = Row(content, {"external_id": ("campaign_id",), **TOTALS})
    counts = {name: count for name in TOTALS if (count := row.number(name, MOST)) is not None}
    return TotalsRecord(row.key("external_id", 64), counts)


def campaign_day(content: dict[str, Any]) -> ActivityRecord:
    row = Row(content, DAY)
    names = ("opened", "clicked", "replied", "replied_auto", "positive")
    return ActivityRecord("", row.day("day"), row.count("sent"), **{name: row.number(name, MOST) for name in names})


def sender_day(content: dict[str, Any]) -> ActivityRecord:
    """Without opens and clicks: campaigns that track them and campaigns that don't are mixed in one number."""
    row = Row(content, DAY)
    names = ("replied", "replied_auto", "bounced")
    return ActivityRecord(
        row.text("sender", 255), row.day("day"), row.count("sent"), **{name: row.number(name, MOST) for name in names}
    )


def warmup(content: Any) -> list[WarmupRecord]:
    found = []
    for email, days in content.items() if isinstance(content, dict) else ():
        for text, counts in days.items() if isinstance(days, dict) else ():
            day = as_day(text)
            if day and FIRST_DAY <= day <= LAST_DAY and isinstance(counts, dict):
                row = Row(counts, WARMUP)
                found.append(WarmupRecord(clean(email, 255), day, **{name: _or_zero(row, name) for name in WARMUP}))
    return found


def tag(content: dict[str, Any]) -> tuple[str, str]:
    row = Row(content, A_TAG)
    name = row.text("name", 120)
    if not name.strip():
        raise BadField("label", "is missing")
    return row.key("external_id", 64), name


def mapping(content: dict[str, Any]) -> tuple[str, str]:
    """(tag, what carries it)."""
    row = Row(content, MAPPING)
    return row.key("tag", 64), row.key("carrier", 320)


def _or_zero(row: Row, name: str) -> int | None:
    return 0 if row.raw(name) is None else row.number(name, MOST)


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _texts(found: Any) -> tuple[str, ...]:
    each = found if isinstance(found, list) else []
    return tuple(dict.fromkeys(clean(text, 64) for text in each if isinstance(text, str) and text))


def span(first: date, last: date) -> dict[str, str]:
    return {FIRST: first.isoformat(), LAST: last.isoformat()}
