"""One request through the faults: what is answered instead of, or made of, the true answer."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from time import time

from sandbox import paging
from sandbox.answers import Answer, RefusedError
from sandbox.faults import Fault
from sandbox.looping import LOOPS, asked_instead, led_astray
from sandbox.misshaping import EDITS, misshapen
from sandbox.paging import Style

Truth = Callable[[dict[str, str]], Answer]
"""Query -> the answer there would be without a fault; carries the request out."""

PAGE = b"<!doctype html><title>Bad gateway</title><h1>502 Bad gateway</h1><p>Please try again in a minute.</p>"


class Player:
    """Remembers the last page of every list, because one fault serves it again."""

    def __init__(self) -> None:
        self._pages: dict[str, bytes] = {}

    def play(self, fault: Fault | None, style: Style, account: str, path: str, query: dict[str, str], truth: Truth) -> Answer:
        """Raises RefusedError."""
        instead = _instead(fault, style) if fault else None
        if instead:
            return instead
        answer = truth(asked_instead(style, query) if fault and fault.kind in LOOPS else query)
        if answer.status >= 300:
            return answer
        bound_to = paging.bound_to(account, path, query)
        before = self._pages.get(bound_to)
        if fault and fault.kind in LOOPS:
            answer.body = led_astray(style, fault, query, answer.body, before, bound_to)
        elif fault and fault.kind in EDITS:
            answer.body = misshapen(fault, answer.body)
        if f'"{style.told}"'.encode() in answer.body[-200:]:
            self._pages[bound_to] = answer.body
        return answer


def _instead(fault: Fault, style: Style) -> Answer | None:
    """What is answered without carrying the request out; None for a fault that comes later."""
    match fault.kind:
        case "busy":
            raise RefusedError(429, "Too Many Requests", headers=_retry_after(fault))
        case "error":
            raise RefusedError(fault["status"], "Something went wrong", headers=_retry_after(fault))
        case "revoked":
            raise RefusedError(401, "Invalid API key")
        case "stale_cursor":
            raise RefusedError(400, f"Invalid {style.asked}")
        case "html":
            return Answer(fault["status"], PAGE, content_type="text/html; charset=utf-8")
        case "empty":
            return Answer(fault["status"], b"")
        case "close" | "reset":
            return Answer(0, b"")
    return None


def _retry_after(fault: Fault) -> tuple[tuple[str, str], ...]:
    if fault.args.get("retry_after_date") is not None:
        # By the machine's clock: the client reads it by its own.
        return (("Retry-After", formatdate(time() + fault["retry_after_date"], usegmt=True)),)
    wait = fault["retry_after"]
    return () if wait is None else (("Retry-After", str(wait)),)
