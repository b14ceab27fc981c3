"""What of an account its key or its plan does not let us read or change. No failure: a person may change it at the vendor, and
what can't be read is asked for again once a day.

What can't be read stands in `Feed.lacks`, the reason as a sentence, until a pass of that feed succeeds or the key is replaced;
what can't be changed in `Connection.settings`, with the vendor's refusal, until a change of it succeeds or the key is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst

from clients.models import Connection, Feed
from clients.vendors.errors import ScopeLacks

#: In `settings`; not there where nothing is refused.
REFUSED = "refused"
SENDERS, CAMPAIGNS, TESTS = "senders", "campaigns", "tests"  # what may be refused to be changed


def keep(feed: Feed, why: str) -> None:
    """Unless the key was replaced meanwhile: what the old one may not read, the new one may."""
    with transaction.atomic():
        if _locked(feed.connection_id).fingerprint == feed.connection.fingerprint:
            Feed.objects.filter(pk=feed.pk).update(lacks=why[:300])


def refuse(connection: Connection, what: str, error: Exception) -> None:
    """Keeps a refusal that stands until the key does it all the same; any other error passes by."""
    if not isinstance(error, ScopeLacks) or not error.scope:
        return
    with transaction.atomic():
        locked = _locked(connection.pk)
        if locked.fingerprint == connection.fingerprint:
            locked.settings = {**locked.settings, REFUSED: {**locked.settings.get(REFUSED, {}), what: str(error)[:300]}}
            locked.save(update_fields=["settings"])
            connection.settings = locked.settings


def allow(connection: Connection, what: str) -> None:
    """The key has changed one of these: what it was once refused is forgotten. A query where something is known, else none."""
    if not refused(connection, what):
        return
    with transaction.atomic():
        locked = _locked(connection.pk)
        left = {name: why for name, why in locked.settings.get(REFUSED, {}).items() if name != what}
        locked.settings = {name: value for name, value in locked.settings.items() if name != REFUSED} | (
            {REFUSED: left} if left else {}
        )
        locked.save(update_fields=["settings"])
        connection.settings = locked.settings


def refused(connection: Connection, what: str) -> str:
    """Why the key is known not to change these; empty where nothing is known."""
    return str(connection.settings.get(REFUSED, {}).get(what, ""))


def known(connections: Iterable[Connection], what: str) -> list[tuple[Connection, str]]:
    """Of several, those whose keys are known not to change these, each once, with why."""
    by_pk = {one.pk: one for one in connections}
    return [(one, why) for one in by_pk.values() if (why := refused(one, what))]


def said(feeds: Iterable[Feed]) -> str:
    return " ".join(each(feeds))


def each(feeds: Iterable[Feed]) -> list[str]:
    """'Tests can’t be read: … Asked again tomorrow.', those with one reason together."""
    by_reason: dict[str, list[Feed]] = {}
    for feed in feeds:
        if feed.lacks:
            by_reason.setdefault(feed.lacks, []).append(feed)
    return [
        f"{capfirst(', '.join(feed.resource for feed in some))} can’t be read: {why} Asked again {_day(some[0].next_at)}."
        for why, some in by_reason.items()
    ]


def _locked(connection: int) -> Connection:
    return Connection.objects.select_for_update(no_key=True).only("settings", "fingerprint").get(pk=connection)


def _day(at: datetime) -> str:
    days = (at.date() - timezone.now().date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"on {at:%-d %b}") if days >= 0 else "now"
