"""What a status and an error body mean, as one of our errors."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from clients.vendors.errors import AccessDenied, Busy, PlanLacks, Rejected, VendorDown, VendorError
from clients.vendors.text import sentence

NO_HINT = 30.0  # seconds, where a 429 does not say for how long
LONGEST = 86400.0  # of what a vendor may ask for: a slip of it must not close an account for weeks
A_MOMENT = 1e9  # from here on a number of seconds is a time, not a span


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def problem(answer: Answer, vendor: str) -> VendorError:
    """The error that this answer (not a 2xx) stands for, in words without a method, a path or a key of JSON in them."""
    status, said = answer.status, words(answer) + _asked_as(answer)
    if status == 429 or (status == 503 and "retry-after" in answer.headers):
        seconds = retry_after(answer.headers)
        return Busy(not_now(vendor, seconds), seconds)
    if status == 403 and answer.body.lstrip()[:1] == b"<":
        # Before anybody has looked at the key: a firewall judges addresses and programs.
        return VendorDown(f"{vendor}'s firewall turns us away (403, a web page; {clock()}). The key is not what it objects to.")
    if status in (401, 403):
        return AccessDenied(
            f"{vendor} refuses the API key ({status}: {said}). Check it, or put in a new one.", said, _code(answer)
        )
    if status == 402:
        return PlanLacks(f"The {vendor} plan does not include this ({said}).")
    if status >= 500:
        return VendorDown(f"{vendor} answered {status} ({said}; {clock()}).")
    if status >= 400:
        return Rejected(f"{vendor} refuses this ({said}).", status, fields(answer), said)
    return Rejected(f"{vendor} sends us elsewhere, where Inboxdeck does not follow.", status)


def not_now(vendor: str, seconds: float) -> str:
    """Said of a 429, and as long as it lasts of each call that is not even made."""
    return f"{vendor} asks us to wait {span(seconds)}."


def words(answer: Answer) -> str:
    """What the body says, in at most 200 characters of plain text; the status' own name where it says nothing readable."""
    return sentence(_said(_content(answer))) or _name(answer.status)


def fields(answer: Answer) -> dict[str, str]:
    """What is wrong with which field: FastAPI's `detail`, a list of places and texts, or an `error` that names its one field.
    Empty where the body says nothing so."""
    content = _content(answer)
    detail = content.get("detail") if isinstance(content, dict) else None
    found: dict[str, str] = {}
    error = _error(answer)
    if isinstance(error.get("field"), str) and isinstance(error.get("message"), str):
        found[sentence(error["field"], 60)] = sentence(error["message"])
    for each in detail[:20] if isinstance(detail, list) else []:
        place = each.get("loc") if isinstance(each, dict) else None
        if isinstance(place, list) and place and isinstance(each.get("msg"), str):
            found.setdefault(sentence(str(place[-1]), 60), sentence(each["msg"]))
    return found


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, 0 to a day. A date is read against the vendor's own clock, which it sends along."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return min(LONGEST, float(value[:20])) if len(value.partition(".")[0]) < 20 else LONGEST
    until = _moment(value)
    if until is None:
        return NO_HINT
    return min(LONGEST, max(0.0, until - (_moment(headers.get("date", "")) or time.time())))


def left(headers: Mapping[str, str]) -> tuple[int, float] | None:
    """What a vendor says of its own budget for the key: (calls left, seconds until all are there again). None where it says
    nothing, or nothing that makes sense."""
    calls, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    if not re.fullmatch(r"[0-9]{1,9}", calls) or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", reset):
        return None
    seconds = float(reset)
    if seconds >= A_MOMENT:
        # By the vendor's own clock, which it sends along.
        seconds -= _moment(headers.get("date", "")) or time.time()
    return int(calls), min(LONGEST, max(0.0, seconds))


def clock() -> str:
    return time.strftime("%H:%M UTC", time.gmtime())


def span(seconds: float) -> str:
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    return f"{math.ceil(seconds / 60)} min" if seconds < 7200 else f"{math.ceil(seconds / 3600)} h"


def _content(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _error(answer: Answer) -> dict[str, Any]:
    content = _content(answer)
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    code = _error(answer).get("code")
    return sentence(code, 60) if isinstance(code, str) else ""


def _asked_as(answer: Answer) -> str:
    """The number that the vendor gave the request: its support finds it by that."""
    content = _content(answer)
    number = content.get("request_id") if isinstance(content, dict) else None
    return f"; request {number}" if isinstance(number, str) and re.fullmatch(r"[\w-]{4,64}", number, re.ASCII) else ""


def _said(content: Any) -> str:
    # FastAPI says `detail`, AWS' gateway `message`, others `error` or `errors`.
    if isinstance(content, dict):
        for name in ("detail", "message", "error", "errors"):
            if text := _flat(content.get(name)):
                return text
    return ""


_TEXTS = ("msg", "message", "detail", "text", "code")


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_flat, value[:10])))
    if isinstance(value, dict):
        text = next(
            (value[name] for name in ("msg", "message", "detail", "text", "code") if isinstance(value.get(name), str)), ""
        )
        if not text:
            return "; ".join(f"{_plain(field)}: {said}" for field, each in list(value.items())[:10] if (said := _flat(each)))
        where = value.get("loc") or value.get("field") or ""
        field = str(where[-1]) if isinstance(where, list) else str(where)
        return f"{_plain(field)}: {text}" if field and not text.startswith(field) else text
    return ""


def _plain(key: Any) -> str:
    """'scroll_down' → 'scroll down'."""
    return str(key).replace("_", " ")


def _name(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"


def _moment(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
