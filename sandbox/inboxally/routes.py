"""Which function answers which path. Fixed segments win over named ones, so `shuffle` is never taken for an address."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from sandbox.answers import Answer, RefusedError
from sandbox.inboxally import editing, reading
from sandbox.inboxally.call import Call

Handler = Callable[[Call], Answer]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v3/seeds", reading.seeds),
    ("POST", "/v3/seeds/shuffle", editing.shuffle),
    ("GET", "/v3/seeds/shuffle/status", reading.shuffle_status),
    ("GET", "/v3/seeds/shuffle/last", reading.last_shuffle),
    ("GET", "/v3/seeds/shuffle/history", reading.shuffle_history),
    ("GET", "/v3/seeds/*", reading.seed),
    ("GET", "/v3/senders", reading.senders),
    ("POST", "/v3/senders", editing.create),
    ("GET", "/v3/senders/domain/*", reading.senders_of_domain),
    ("GET", "/v3/senders/tag/*", reading.senders_with_tag),
    ("GET", "/v3/senders/*", reading.sender),
    ("PATCH", "/v3/senders/*", editing.details),
    ("PUT", "/v3/senders/*/status", editing.status),
    ("PUT", "/v3/senders/*/engagement-rules", editing.rules),
    ("PUT", "/v3/senders/domain/*/status", editing.status_of_domain),
    ("PUT", "/v3/senders/domain/*/engagement-rules", editing.rules_of_domain),
    ("PUT", "/v3/senders/tag/*/status", editing.status_of_tag),
    ("PUT", "/v3/senders/tag/*/engagement-rules", editing.rules_of_tag),
    ("GET", "/v3/broadcasts", reading.broadcasts),
    ("GET", "/v3/broadcasts/*", reading.broadcast),
)
_TABLE = [(method, path.split("/"), handler) for method, path, handler in ROUTES]


def answer(call: Call) -> Answer:
    """Raises RefusedError: 404 for an unknown path, 405 for a known one with another verb."""
    # Split before decoding: a tag may hold an encoded slash.
    segments = call.path.split("/")
    verbs: dict[str, tuple[Handler, tuple[str, ...]]] = {}
    shape: list[str] | None = None
    for method, pattern, handler in _TABLE:
        if shape not in (None, pattern) or not _fits(pattern, segments):
            continue
        shape = pattern
        named = tuple(unquote(part) for part, name in zip(segments, pattern, strict=True) if name == "*")
        verbs[method] = handler, named
    if not verbs:
        raise RefusedError(404, "Not Found")
    if call.method not in verbs:
        raise RefusedError(405, "Method Not Allowed", headers=(("Allow", ", ".join(sorted(verbs))),))
    handler, call.named = verbs[call.method]
    return handler(call)


def _fits(pattern: list[str], segments: list[str]) -> bool:
    return len(pattern) == len(segments) and all(
        name == part or (name == "*" and part != "") for name, part in zip(pattern, segments, strict=True)
    )
