"""How often something may be tried. The counters are rows, so every process on every host counts in the same place."""

from __future__ import annotations

import hashlib
import time

from django.db import connection

from agency.models import Throttle

# One statement, so that two who try at once are counted as two. Django's database cache adds by reading and writing back,
# and drops counters when it holds more than 300 keys: a guesser would only need to try from many addresses.
_COUNT = """
    INSERT INTO agency_throttle (key, count, until) VALUES (%s, 1, %s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN agency_throttle.until <= %s THEN 1 ELSE agency_throttle.count + 1 END,
        until = CASE WHEN agency_throttle.until <= %s THEN excluded.until ELSE agency_throttle.until END
    RETURNING count
"""


def allow(name: str, key: str, limit: int, seconds: int) -> bool:
    """Counts one try of `name` by `key`; False once more than `limit` were made in a window of `seconds`."""
    now = int(time.time())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(name, key), now + seconds, now, now])
        count: int = cursor.fetchone()[0]
    if count == 1:
        _sweep(now)
    return count <= limit


def exhausted(name: str, key: str, limit: int) -> bool:
    """Whether `limit` tries were made already; counts nothing. For doors where only failures are counted."""
    tried = Throttle.objects.filter(key=_key(name, key), until__gt=int(time.time())).values_list("count", flat=True).first()
    return (tried or 0) >= limit


def forget(name: str, key: str) -> None:
    Throttle.objects.filter(key=_key(name, key)).delete()


def _key(name: str, key: str) -> str:
    return hashlib.sha256(f"{name}\0{key}".encode()).hexdigest()


def _sweep(now: int) -> None:
    """Each new counter takes a few old ones away, so that the table stays as small as what is being tried now."""
    old = list(Throttle.objects.filter(until__lte=now).order_by("until").values_list("pk", flat=True)[:10])
    if old:
        Throttle.objects.filter(pk__in=old, until__lte=now).delete()
