"""Days, spans of days and silences, in words. How old a number is, `clients.ages` says."""

from __future__ import annotations

from datetime import date


def short_day(day: date) -> str:
    """'3 Nov'."""
    return f"{day.day} {day:%b}"


def day_span(first: date, last: date) -> str:
    """'23 Oct – 21 Nov'; with the years where they differ. It stays on its line."""
    ends = [short_day(day) if first.year == last.year else f"{short_day(day)} {day.year}" for day in (first, last)]
    return " – ".join(ends).replace(" ", "\u00a0")


SILENT_DAYS = 5


def is_silent(last: date | None, today: date) -> bool:
    """`last`: the last day with mail; None where there was none for longer than anybody waits."""
    return last is None or (today - last).days >= SILENT_DAYS


def silent_for(last: date | None, looked_at: int, today: date) -> str:
    """'no mail for 10 days' once it is worth saying; `looked_at` days were searched for the last one."""
    days = (today - last).days if last else looked_at
    return f"no mail for {days}{'' if last else '+'} days" if days >= SILENT_DAYS else ""
