"""The product's own sync of one feed, as a worker runs it. Options: mode, key, vendor, resource; page, whole, feed.

`clear` empties the database and makes the account (untimed); `run` brings that list home.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any


def main(options: dict[str, Any]) -> None:
    import django

    django.setup()
    told = clear(**options) if options.pop("mode") == "clear" else run(**options)
    print(json.dumps(told))


def clear(key: str, vendor: str = "", resource: str = "broadcasts") -> dict[str, Any]:
    from django.core.management import call_command

    from agency.models import Agency
    from bench import chosen
    from clients.models import Client, Connection, Feed, Scope

    call_command("flush", interactive=False, verbosity=0)
    agency = Agency.objects.create(name="Bench", slug="bench")
    client = Client.objects.create(agency=agency, name="Client", slug="client")
    connection = Connection(agency=agency, vendor=vendor or chosen.BROADCASTS, label="Main account")
    connection.keep({connection.vendor_class.key_field: key})
    connection.save()
    Scope.objects.create(connection=connection, client=client, kind="all")
    return {"feed": Feed.objects.create(connection=connection, resource=resource).pk}


def run(page: int = 0, *, whole: bool = False, feed: int) -> dict[str, Any]:
    """Of broadcasts `whole` is with the passes for each mailbox provider; else the unfiltered list alone."""
    from clients import passes, sync
    from clients.models import Feed

    # The connection and its modules count as idle.
    vendor = Feed.objects.get(pk=feed).connection.vendor_class
    if page:
        vendor.page_size = page  # type: ignore[attr-defined]
    if not whole:
        passes.BroadcastPass._first_of_split = lambda self: None  # type: ignore[method-assign]
    idle, begun = _peak_mb(), time.perf_counter()
    done = sync.run(feed)
    assert done is not None
    assert done.state == "ok", done.outcome
    told = {"inner": time.perf_counter() - begun, "rows": done.rows, "pages": done.pages, "new": done.new}
    return {**told, "cpu": time.process_time(), "peak_mb": _peak_mb(), "above_idle_mb": _peak_mb() - idle}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
