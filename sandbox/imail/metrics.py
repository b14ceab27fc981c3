"""What imail says of itself to everybody, without a key."""

from __future__ import annotations

from datetime import datetime

from sandbox.answers import Answer, ok
from sandbox.clock import at, iso
from sandbox.imail.ids import chance

PATH = "/v1/metrics/public"
MAX_AGE = 30


def public(now: datetime) -> Answer:
    """The same for half a minute, as from a cache at the edge."""
    then = at(int(now.timestamp()) // MAX_AGE * MAX_AGE)
    luck = chance("metrics", then.date())
    told = {
        "emails_sent_24h": 1_200_000 + int(luck * 90_000),
        "delivery_rate_24h": round(0.975 + luck / 100, 4),
        "inbox_placement_7d": round(0.925 + luck / 100, 4),
        "reply_rate_7d": round(0.038 + luck / 500, 4),
        "active_inboxes": 41_000 + int(luck * 1_000),
        "uptime_30d": 0.9995,
        "updated_at": iso(then),
    }
    answer = ok(told)
    answer.headers = (("Cache-Control", f"public, max-age={MAX_AGE}"),)
    return answer
