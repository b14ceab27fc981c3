"""What the sandbox knows, in the words of the pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.answers import Json

NAMES = {"gmail": "Gmail", "gsuite": "Google Workspace", "yahoo": "Yahoo", "hotmail": "Hotmail", "outlook": "Outlook"}
NAMES["ms365"] = "Microsoft 365"
OUTCOMES = ("total_emails", "primary_inbox", "promotions", "spam")


def by_day(truth: dict[str, Json], days: int) -> dict[str, list[str]]:
    """'Sat 21 Nov' → mails, inboxing, primary, promotions, spam as a table writes them, for the last so many days."""
    return {f"{date.fromisoformat(day):%a} {_short(day)}": _cells(counts) for day, counts in _summed(truth, "date", days).items()}


def by_provider(truth: dict[str, Json], days: int) -> dict[str, list[str]]:
    return {NAMES[name]: _cells(counts) for name, counts in _summed(truth, "provider", days).items()}


def mails_by_day(truth: dict[str, Json], days: int) -> dict[str, int]:
    return {day: counts["total_emails"] for day, counts in _summed(truth, "date", days).items()}


def inboxing_by_day(truth: dict[str, Json], days: int) -> dict[str, float]:
    return {day: 100 * _inbox(counts) / counts["total_emails"] for day, counts in _summed(truth, "date", days).items()}


def total(truth: dict[str, Json], days: int) -> Counter[str]:
    return sum(_summed(truth, "date", days).values(), Counter())


def _summed(truth: dict[str, Json], by: str, days: int) -> dict[str, Counter[str]]:
    first = (datetime.now(UTC).date() - timedelta(days=days - 1)).isoformat()
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in truth["rows"]:
        if row["date"] >= first:
            found[row[by]].update({name: row[name] for name in OUTCOMES})
    return found


def _inbox(counts: Counter[str]) -> int:
    return counts["primary_inbox"] + counts["promotions"]


def _cells(counts: Counter[str]) -> list[str]:
    n = counts["total_emails"]
    shares: list[Any] = [_inbox(counts), counts["primary_inbox"], counts["promotions"], counts["spam"]]
    return [f"{n:,}", *(f"{share / n * 100:.1f} %" for share in shares)]


def _short(day: str) -> str:
    return f"{int(day[8:])} {date.fromisoformat(day):%b}"
