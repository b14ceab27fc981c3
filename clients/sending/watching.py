"""Events of an identity as they happen, for somebody who waits at a terminal. No worker waits so: see `passes.streams`."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from datetime import datetime

from clients.calling import open_vendor
from clients.models import Connection, Position
from clients.vendors.mails import Happening

#: The longest that a vendor lets one call wait.
LONGEST = 25.0


def watch(
    connection: Connection, identity: str, conversations: Collection[str], began: datetime, seconds: float
) -> Iterator[Happening]:
    """What happens in these conversations, from `began` on, for so many seconds. Raises `VendorError`."""
    position = Position.objects.filter(connection=connection, identity=identity).values_list("seq", flat=True).first() or 0
    ends = time.monotonic() + seconds
    with open_vendor(connection) as vendor:
        more = True
        while more or time.monotonic() < ends:
            # What is there already is not waited for.
            told = vendor.stream(identity, position, 0 if more else max(0.0, min(ends - time.monotonic(), LONGEST)))
            more = told.more
            yield from (one for one in told.events if one.conversation in conversations and one.at >= began)
            position = told.seq
