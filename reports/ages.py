"""How old a number is, in words."""

from __future__ import annotations

from datetime import date, datetime


def age(then: datetime | None, now: datetime) -> str:
    """'8 min', '2 h', '3 days'; empty when there was never any."""
    if then is None:
        return ""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    if minutes < 100:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def ago(then: datetime, now: datetime) -> str:
    """'2 h ago', or 'just now'."""
    text = age(then, now)
    return text if text == "just now" else f"{text} ago"


def short_day(day: date) -> str:
    """'3 Nov'."""
    return f"{day.day} {day:%b}"


def day_span(first: date, last: date) -> str:
    """'23 Oct – 21 Nov'; with the years where they differ. A day stays on its line."""
    ends = [short_day(day) if first.year == last.year else f"{short_day(day)} {day.year}" for day in (first, last)]
    return " – ".join(end.replace(" ", "\u00a0") for end in ends)


SILENT_DAYS = 5


def silent_for(last: date | None, looked_at: int, today: date) -> str:
    """'no mail for 10 days' once it is worth saying; `looked_at` days were searched for the last one."""
    days = (today - last).days if last else looked_at
    return f"no mail for {days}{'' if last else '+'} days" if days >= SILENT_DAYS else ""
