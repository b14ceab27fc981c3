"""What of an account its key or its plan does not let us read or change. No failure: a person may change it at the vendor, and
what can't be read is asked for again once a day.

Kept in `Connection.settings`, feed → the reason as a sentence, until a pass of that feed succeeds or the key is replaced; and
what can't be changed → the vendor's refusal, until the key is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from clients.models import Connection, Feed
from clients.vendors import VENDORS
from clients.vendors.errors import ScopeLacks

#: In `settings`; not there where nothing is lacking.
KEY = "lacks"
REFUSED = "refused"
SENDERS, CAMPAIGNS, TESTS = "senders", "campaigns", "tests"  # what may be refused to be changed


def keep(feed: Feed, why: str) -> None:
    with transaction.atomic():
        connection = _locked(feed)
        if connection.fingerprint == feed.connection.fingerprint:
            _save(connection, {**connection.lacks, feed.resource: why[:300]})


def forget(feed: Feed) -> None:
    """After a good pass. As the run began there may have been nothing to forget: then nothing is asked."""
    if feed.resource in feed.connection.lacks:
        connection = _locked(feed)
        _save(connection, {name: why for name, why in connection.lacks.items() if name != feed.resource})


def refuse(connection: Connection, what: str, error: Exception) -> None:
    """Keeps a refusal that stands as long as the key does; any other error passes by."""
    if not isinstance(error, ScopeLacks) or not error.scope:
        return
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).only("settings", "fingerprint").get(pk=connection.pk)
        if locked.fingerprint == connection.fingerprint:
            locked.settings = {**locked.settings, REFUSED: {**locked.settings.get(REFUSED, {}), what: str(error)[:300]}}
            locked.save(update_fields=["settings"])


def refused(connection: Connection, what: str) -> str:
    """Why the key is known not to change these; empty where nothing is known."""
    return str(connection.settings.get(REFUSED, {}).get(what, ""))


def known(connections: Iterable[Connection], what: str) -> list[tuple[Connection, str]]:
    """Of several, those whose keys are known not to change these, each once, with why."""
    by_pk = {one.pk: one for one in connections}
    return [(one, why) for one in by_pk.values() if (why := refused(one, what))]


def said(connection: Connection, feeds: Iterable[Feed]) -> str:
    """'Tests can’t be read: … Asked again tomorrow.', those with one reason together."""
    by_reason: dict[str, list[Feed]] = {}
    for feed in feeds:
        if why := connection.lacks.get(feed.resource):
            by_reason.setdefault(why, []).append(feed)
    return " ".join(
        f"{capfirst(', '.join(feed.resource for feed in some))} can’t be read: {why} Asked again {_day(some[0].next_at)}."
        for why, some in by_reason.items()
    )


def lacking(feed: str, connection: str) -> Q:
    """Feeds that can't be read; by the prefixes of a feed's and of its connection's fields."""
    names = sorted({name for vendor in VENDORS.values() for name in vendor.feeds})
    rows = (Q(**{f"{feed}resource": name, f"{connection}settings__{KEY}__has_key": name}) for name in names)
    # Hardly an account lacks anything: that is asked first.
    return Q(**{f"{connection}settings__has_key": KEY}) & Q(*rows, _connector=Q.OR)


def _locked(feed: Feed) -> Connection:
    rows = Connection.objects.select_for_update(no_key=True).only("settings", "fingerprint", "vendor")
    return rows.get(pk=feed.connection_id)


def _save(connection: Connection, lacks: dict[str, str]) -> None:
    rest = {name: value for name, value in connection.settings.items() if name != KEY}
    connection.settings = {**rest, **({KEY: lacks} if lacks else {})}
    connection.save(update_fields=["settings"])


def _day(at: datetime) -> str:
    days = (at.date() - timezone.now().date()).days
    return {0: "today", 1: "tomorrow"}.get(days, f"on {at:%-d %b}") if days >= 0 else "now"
