"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.answers import Answer
from sandbox.inboxally import editing, reading
from sandbox.inboxally.call import Call
from sandbox.routing import Table

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
_TABLE = Table(ROUTES)


def answer(call: Call) -> Answer:
    """Raises RefusedError."""
    handler, call.named = _TABLE.find(call.method, call.path)
    return handler(call)
