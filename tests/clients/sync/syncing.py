"""Running feeds, and holding what came home against what the vendor has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from clients import rollups, sync
from clients.models import ALL_PROVIDERS, Broadcast, ClientDay, Connection, Feed, Placement, PlacementDay, SyncRun
from clients.vendors.inboxally_wire import PROVIDERS
from sandbox.log import Asked
from sandbox.server import Sandbox

#: The product's clock is the machine's, so the vendor's data end on the same day.
TODAY = datetime.now(UTC).date()

type Cell = tuple[str, str, str]  # day, mailbox provider, domain
type Counts = tuple[int, int, int, int]  # received, primary, promotions, spam


def at(box: Sandbox, hour: int) -> None:
    """The vendor's clock: between morning and evening more of today's mail arrives."""
    box.clock.set(datetime.combine(TODAY, time(hour), tzinfo=UTC))


def feed(connection: Connection, resource: str = "broadcasts") -> Feed:
    return connection.feeds.get(resource=resource)


def bring(connection: Connection, resource: str = "broadcasts") -> SyncRun:
    run = sync.run(feed(connection, resource).pk)
    assert run is not None, f"{resource} is not free, or may not be asked"
    return run


def bring_all(connection: Connection) -> list[SyncRun]:
    return [bring(connection, resource) for resource in connection.vendor_class.feeds]


def words(run: SyncRun) -> str:
    return "\n".join(str(text) for _, _, text in run.log)


def lists_asked(box: Sandbox) -> list[Asked]:
    return box.requests.to("/v3/broadcasts")


def true_cells(box: Sandbox, account: str, domains: Iterable[str] = ()) -> dict[Cell, Counts]:
    cells = {}
    for row in box.truth(account)["rows"]:
        if not domains or row["domain"] in domains:
            counts = row["total_emails"], row["primary_inbox"], row["promotions"], row["spam"]
            cells[row["date"], PROVIDERS[row["provider"]], row["domain"]] = counts
    return cells


def rolled_cells(**which: Any) -> dict[Cell, Counts]:
    """Of the roll-up that the pages read."""
    return _cells(
        PlacementDay.objects.filter(**which)
        .exclude(mailbox_provider=ALL_PROVIDERS)
        .values_list("day", "mailbox_provider", "domain", "received", "primary", "promotions", "spam")
    )


def kept_cells(connection: Connection) -> dict[Cell, Counts]:
    """Of the placements themselves."""
    return _cells(
        Placement.objects.filter(broadcast__connection=connection, broadcast__gone_at=None).values_list(
            "broadcast__day", "mailbox_provider", "broadcast__domain", "received", "primary", "promotions", "spam"
        )
    )


def _cells(rows: Iterable[Any]) -> dict[Cell, Counts]:
    sums: dict[Cell, Counter[int]] = {}
    for day, provider, domain, *counts in rows:
        sums.setdefault((day.isoformat(), provider, domain), Counter()).update(dict(enumerate(counts)))
    return {cell: (each[0], each[1], each[2], each[3]) for cell, each in sums.items() if each[0]}


def assert_true(box: Sandbox, account: str, connection: Connection) -> None:
    """Nothing lost, nothing doubled: rows, split, totals and roll-ups are what the vendor has."""
    live = Broadcast.objects.filter(connection=connection, gone_at=None)
    ids = list(live.values_list("external_id", flat=True))
    truth = box.truth(account)
    assert len(ids) == len(set(ids)) == truth["broadcasts"]
    cells = true_cells(box, account)
    assert kept_cells(connection) == cells
    assert rolled_cells(connection=connection) == cells
    assert_sums_hold(connection)
    assert total(connection) == truth["total"]["total_emails"]


def total(connection: Connection) -> int:
    days = PlacementDay.objects.filter(connection=connection, mailbox_provider=ALL_PROVIDERS)
    return sum(days.values_list("received", flat=True))


def assert_sums_hold(connection: Connection) -> None:
    """The roll-ups kept are the roll-ups rebuilt, down to the row."""
    assert rollups.check(connection) == 0
    kept = rollup_rows(connection)
    rollups.rebuild(connection)
    assert rollup_rows(connection) == kept


def rollup_rows(connection: Connection) -> tuple[list[Any], list[Any]]:
    names = ("day", "mailbox_provider", *rollups.COUNTS, "client_id")
    days = PlacementDay.objects.filter(connection=connection).values_list("domain", *names)
    of_clients = ClientDay.objects.filter(agency=connection.agency).values_list("vendor", *names)
    return sorted(days, key=str), sorted(of_clients, key=str)
