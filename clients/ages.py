"""How long ago something was, in words: of a number, of a sync, of a link's opening."""

from __future__ import annotations

from datetime import datetime, timedelta


def age(then: datetime | None, now: datetime) -> str:
    """'8 min', '2 h', '3 days'; empty when there was never any."""
    if then is None:
        return ""
    return _size(max(now - then, timedelta(0)))


def ago(then: datetime, now: datetime) -> str:
    """'2 h ago', 'in 5 min', or 'just now'."""
    text = _size(abs(now - then))
    if text == NOW:
        return NOW
    return f"in {text}" if then > now else f"{text} ago"


NOW = "just now"
#: What comes sooner has no minutes to be told.
AT_ONCE = timedelta(minutes=1)


def _size(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return NOW
    if minutes < 100:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
