"""Text of strangers, made fit to store and to show."""

from __future__ import annotations

import re
from typing import Any

_TAGS = re.compile(r"<[^<>]*>")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def clean(text: str, limit: int) -> str:
    """Without NUL and lone surrogates, which no database takes; cut to `limit` characters, the last one then being '…'."""
    # Cut first: of five megabytes only the beginning is worth the work.
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def lowered(text: str, limit: int) -> str:
    """In lower case, which for some letters is longer."""
    return text.lower()[:limit]


def sentence(text: str, limit: int = 200) -> str:
    """One line of plain words: no tags, no control characters."""
    text = _UNPRINTABLE.sub(" ", _TAGS.sub(" ", clean(text, 10_000)))
    return clean(" ".join(text.split()), limit)


def clean_json(value: Any, depth: int = 8) -> Any:
    """What a JSON column takes: text cleaned, numbers that are none left out, nothing endless."""
    if isinstance(value, str):
        return clean(value, 1000)
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None
    if isinstance(value, dict):
        return {clean(key, 200): clean_json(each, depth - 1) for key, each in list(value.items())[:200]} if depth else None
    if isinstance(value, list):
        return [clean_json(each, depth - 1) for each in value[:1000]] if depth else None
    return value
