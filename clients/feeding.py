"""The feeds of vendor accounts: each has those that its vendor names, also where a later version of Inboxdeck names more."""

from __future__ import annotations

from typing import Any

from clients.models import Connection, Feed
from clients.passes import PASSES
from clients.vendors import VENDORS


def complete(connection: Connection) -> None:
    """Adds those that are missing; they are due at once."""
    feeds = [_feed(connection, name) for name in connection.vendor_class.feeds]
    Feed.objects.bulk_create(feeds, ignore_conflicts=True)


def complete_all(sender: Any = None, **_: Any) -> None:
    """After each `migrate`."""
    for connection in Connection.objects.present().filter(vendor__in=VENDORS).prefetch_related("feeds").iterator(500):
        if {feed.resource for feed in connection.feeds.all()} < set(connection.vendor_class.feeds):
            complete(connection)


def _feed(connection: Connection, name: str) -> Feed:
    every = PASSES[name].every
    return Feed(connection=connection, resource=name, **({"interval": every} if every else {}))
