"""Raw counts by campaign, by inbox and by day, as JSON in pages or as one CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

from sandbox.answers import Answer, Json
from sandbox.imail.call import Call, invalid, missing
from sandbox.imail.daily import METRICS, cells

GROUPS = ("campaign", "inbox", "day")
LONGEST = 366
COLUMNS = ("date", "campaign_id", "inbox_id", *METRICS)


def listed(call: Call) -> Answer:
    """A row for each day, and within it for each campaign or inbox where it is grouped by these."""
    rows = _rows(call, call.query.get("group_by", "day"), call.query.get("campaign_id"), call.query.get("inbox_id"))
    return _answer(call, rows)


def of_campaign(call: Call) -> Answer:
    return _answer(call, _rows(call, "day", call.named[0], None))


def of_inbox(call: Call) -> Answer:
    return _answer(call, _rows(call, "day", None, call.named[0]))


def daily(call: Call) -> Answer:
    return _answer(call, _rows(call, "day", None, None))


def _rows(call: Call, group: str, campaign: str | None, inbox: str | None) -> list[dict[str, Json]]:
    if group not in GROUPS:
        raise invalid("group_by", f"group_by must be one of {', '.join(GROUPS)}")
    if campaign is not None and campaign not in call.ledger.campaigns:
        raise missing("campaign")
    if inbox is not None and inbox not in call.ledger.inboxes:
        raise missing("inbox")
    first, last = _range(call)
    sums: dict[tuple[date, str | None, str | None], Counter[str]] = {}
    for day, of_campaign, of_inbox, counts in cells(call.ledger, call.now, first, last, campaign, inbox):
        key = (
            day, of_campaign.id if group == "campaign" else campaign, of_inbox.id if group == "inbox" else inbox
        )  # fmt: skip
        sums.setdefault(key, Counter()).update(counts)
    return [
        {"date": day.isoformat(), "campaign_id": of_campaign, "inbox_id": of_inbox, **{name: sums[key][name] for name in METRICS}}
        for key in sums
        for day, of_campaign, of_inbox in (key,)
    ]


def _range(call: Call) -> tuple[date, date]:
    last = call.day("to") or call.now.date()
    first = call.day("from") or last - timedelta(days=29)
    if first > last:
        raise invalid("from", "from must not be after to")
    if (last - first).days >= LONGEST:
        raise invalid("from", f"from and to must be at most {LONGEST} days apart")
    return first, last


def _answer(call: Call, rows: list[dict[str, Json]]) -> Answer:
    if call.query.get("format", "json") == "json":
        return call.listed(rows, dict)
    if call.query["format"] != "csv":
        raise invalid("format", "format must be json or csv")
    text = io.StringIO()
    sheet = csv.DictWriter(text, COLUMNS)
    sheet.writeheader()
    sheet.writerows(rows)
    attached = (("Content-Disposition", 'attachment; filename="analytics.csv"'),)
    return Answer(200, text.getvalue().encode(), attached, "text/csv; charset=utf-8")
