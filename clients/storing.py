"""One batch of records into rows, inside the caller's transaction: what is new, what changed, and the roll-ups with it.

The caller holds the connection's lock. `pass_id` marks the rows that a pass has seen; what it never saw can be gone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from typing import Any

from django.utils import timezone
from msgspec.structs import astuple

from clients import bulk, rollups
from clients.models import (
    ALL_PROVIDERS,
    Broadcast,
    Connection,
    Placement,
    PlacementTest,
    Scope,
    Seed,
    Sender,
    SenderTag,
    Workspace,
)
from clients.scoping import Resolver
from clients.vendors.records import (
    BroadcastRecord,
    PlacementRecord,
    Record,
    SeedRecord,
    SenderRecord,
    WorkspaceRecord,
)


@dataclass
class Stored:
    """Counts of one batch."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    oldest: date | None = None


SEED = ("mailbox_provider", "provider_raw", "status", "created_at")


def store_seeds(connection: Connection, records: Iterable[SeedRecord], pass_id: int) -> Stored:
    def values(record: SeedRecord) -> tuple[Any, ...]:
        return tuple(getattr(record, name) for name in SEED)

    return _store(Seed, connection, records, pass_id, key="email", columns=SEED, values=values)


def keep_group(connection: Connection, home: WorkspaceRecord | None, absent: list[list[str]]) -> None:
    """Which workspace is the key's own, where that was told, and who of its group can't be read. Under the connection's lock."""
    kept = Connection.objects.only("settings").get(pk=connection.pk)
    said = {"absent": absent, **({"home": [home.external_id, home.name]} if home else {})}
    if said != {name: kept.settings.get(name) for name in said}:
        kept.settings = connection.settings = {**kept.settings, **said}
        kept.save(update_fields=["settings"])
    if home:
        Scope.objects.filter(connection=connection, kind="workspace", value=home.external_id).update(label=home.name)


def store_workspaces(connection: Connection, records: Sequence[WorkspaceRecord], pass_id: int) -> Stored:
    def values(record: WorkspaceRecord) -> tuple[Any, ...]:
        return (record.name,)

    records = [record for record in records if not record.absent]
    for record in records:
        # So that whoever shows a scope need not look it up.
        Scope.objects.filter(connection=connection, kind="workspace", value=record.external_id).update(label=record.name)
    return _store(
        Workspace, connection, records, pass_id, key="external_id", columns=("name",), values=values, named_by_uuid=False
    )


SENDER = (
    "client_id", "conflict", "workspace", "email", "name", "domain", "status", "preset",
    "open", "scroll_down", "spam_to_inbox", "promo_to_inbox", "mark_important", "reply", "click_link",
    "seed_count", "created_at", "last_activity_at", "raw",
)  # fmt: skip


def store_senders(
    connection: Connection, records: Sequence[SenderRecord], pass_id: int, resolver: Resolver, workspace: str = ""
) -> Stored:
    active = _known_activity(connection, records)

    def values(record: SenderRecord) -> tuple[Any, ...]:
        owner = resolver.owner(record.domain, record.tags, workspace)
        said = {name: getattr(record, name) for name in SENDER[3:]}
        said["last_activity_at"] = said["last_activity_at"] or active.get(record.external_id)
        return (*owner, workspace, *said.values())

    stored = _store(Sender, connection, records, pass_id, key="external_id", columns=SENDER, values=values)
    _store_tags(connection, records)
    return stored


def _known_activity(connection: Connection, records: Sequence[SenderRecord]) -> dict[str, datetime | None]:
    """Of those whose vendor does not say: what their days of outreach told."""
    silent = [record.external_id for record in records if record.last_activity_at is None]
    rows = Sender.objects.filter(connection=connection, external_id__in=silent).exclude(last_activity_at=None)
    return dict(rows.values_list("external_id", "last_activity_at")) if silent else {}


#: Whose it is, and what its record says beside its id, in the record's order.
BROADCAST = (
    "client_id", "subject", "from_email", "domain", "sender_ref", "day",
    "received", "primary", "promotions", "spam", "missing", "undecided",
)  # fmt: skip
_CLIENT, _DOMAIN, _DAY, _COUNTS = 0, 3, 5, slice(6, 12)

type _Rows = dict[str, tuple[Any, ...]]  # the values of BROADCAST, by external id


def store_broadcasts(
    connection: Connection,
    records: Sequence[BroadcastRecord],
    pass_id: int,
    resolver: Resolver,
    test: PlacementTest | None = None,
    *,
    likely_new: bool = False,
) -> Stored:
    """`test`: what they were worked out from, with their split. `likely_new`: those of the page before were new, all of them;
    an IntegrityError where one of these is there, as the table's own key says in less time than it takes to look for each.
    """
    rows = _broadcasts(records, resolver, test.workspace if test else "")
    same = {"connection_id": connection.pk, "first_seen": timezone.now(), "seen_run": pass_id, "split_stale": test is None}
    same |= {"test_id": test.pk} if test else {}
    old: _Rows = {}
    if not likely_new:
        names = ("external_id", "id", "gone_at", "split_stale", *BROADCAST)
        known = bulk.found(Broadcast, ("connection_id", connection.pk), "external_id", list(rows), names)
        old = {row[0]: row[1:] for row in known}
    _insert_broadcasts({external_id: row for external_id, row in rows.items() if external_id not in old}, same)
    fresh = [row for external_id, row in rows.items() if external_id not in old]
    totals_days, clients = {row[_DAY] for row in fresh}, {row[_CLIENT] for row in fresh}
    whole_days: set[date] = set()  # days on which a row changed its client, domain or day: the split moves with it
    changed, seen = [], []
    for external_id, (pk, gone_at, stale, *kept) in old.items():
        was, now = tuple(kept), rows[external_id]
        if was == now and gone_at is None:
            seen.append(pk)
            continue
        changed.append((pk, pass_id, None, test is None and (stale or was[_COUNTS] != now[_COUNTS]), *now))
        clients.update((was[_CLIENT], now[_CLIENT]))
        moved = gone_at is not None or any(was[i] != now[i] for i in (_CLIENT, _DOMAIN, _DAY))
        (whole_days if moved else totals_days).update((was[_DAY], now[_DAY]))
    bulk.update(Broadcast, ("id", "seen_run", "gone_at", "split_stale", *BROADCAST), changed)
    if seen:
        Broadcast.objects.filter(pk__among=seen).update(seen_run=pass_id)
    rollups.roll_up(connection, whole_days, clients=clients)
    rollups.roll_up(connection, totals_days - whole_days, ALL_PROVIDERS, clients)
    return Stored(len(rows), len(fresh), len(changed), oldest=min((row[_DAY] for row in rows.values()), default=None))


def _broadcasts(records: Sequence[BroadcastRecord], resolver: Resolver, workspace: str) -> _Rows:
    """The last of those that share an id."""
    senders = [(record.sender_ref, record.from_email, record.domain) for record in records]
    owners = {sender: resolver.broadcast_owner(*sender, workspace).client_id for sender in set(senders)}
    told = zip(senders, map(astuple, records), strict=True)
    return {external_id: (owners[sender], *said) for sender, (external_id, *said) in told}


def _insert_broadcasts(rows: _Rows, same: dict[str, Any]) -> None:
    if rows:
        columns = dict(zip(BROADCAST, zip(*rows.values(), strict=True), strict=True))
        common = {name: repeat(value) for name, value in same.items()}
        bulk.insert_columns(Broadcast, {"external_id": list(rows), "uuid": list(_uuids(len(rows))), **common, **columns})


PLACEMENT = ("received", "primary", "promotions", "spam", "missing", "undecided")


def store_placements(connection: Connection, records: Sequence[PlacementRecord], mailbox_provider: str = "") -> Stored:
    """Placements of broadcasts that we have; others arrived meanwhile, and come with the next pass.

    `mailbox_provider` narrows the roll-up where all records are of one.
    """
    batch = bulk.latest(records, lambda record: (record.external_id, record.mailbox_provider))
    wanted = list({key[0] for key in batch})
    names = ("external_id", "id", "day", "client_id")
    rows = bulk.found(Broadcast, ("connection_id", connection.pk), "external_id", wanted, names)
    broadcasts = {external_id: rest for external_id, *rest in rows}
    kept = Placement.objects.filter(broadcast__id__among=[pk for pk, *_ in broadcasts.values()])
    kept = kept.filter(mailbox_provider=mailbox_provider) if mailbox_provider else kept
    old = {row[:2]: row[2:] for row in kept.values_list("broadcast_id", "mailbox_provider", "id", *PLACEMENT)}
    fresh, changed, days, clients = [], [], set(), set()
    for (external_id, provider), r in batch.items():
        if external_id not in broadcasts:
            continue
        pk, day, client_id = broadcasts[external_id]
        values = (r.received, r.primary, r.promotions, r.spam, r.missing, r.undecided)
        found = old.get((pk, provider))
        if found is None:
            fresh.append((pk, provider, *values))
        elif found[1:] != values:
            changed.append((found[0], *values))
        else:
            continue
        days.add(day)
        clients.add(client_id)
    bulk.insert(Placement, ("broadcast_id", "mailbox_provider", *PLACEMENT), fresh)
    bulk.update(Placement, ("id", *PLACEMENT), changed)
    rollups.roll_up(connection, days, mailbox_provider, clients)
    return Stored(len(batch), len(fresh), len(changed), oldest=min((day for _, day, _ in broadcasts.values()), default=None))


def _store[R: Record](
    model: Any,
    connection: Connection,
    records: Iterable[R],
    pass_id: int,
    *,
    key: str,
    columns: Any,
    values: Any,
    named_by_uuid: bool = True,
) -> Stored:
    batch = bulk.latest(records, lambda record: getattr(record, key))
    rows = model.objects.filter(connection=connection, **{f"{key}__among": list(batch)})
    old = {row[0]: row for row in rows.values_list(key, "id", "gone_at", *columns)}
    now = timezone.now()
    ids = _uuids(len(batch))
    fresh, changed, same = [], [], []
    for name, record in batch.items():
        new, found = values(record), old.get(name)
        if found is None:
            fresh.append((connection.pk, name, *([next(ids)] if named_by_uuid else ()), now, pass_id, *new))
        elif found[2] is not None or found[3:] != new:
            changed.append((found[1], pass_id, None, *new))
        else:
            same.append(found[1])
    bulk.insert(model, ("connection_id", key, *(["uuid"] if named_by_uuid else ()), "first_seen", "seen_run", *columns), fresh)
    bulk.update(model, ("id", "seen_run", "gone_at", *columns), changed)
    if same:
        model.objects.filter(pk__among=same).update(seen_run=pass_id)
    return Stored(len(batch), len(fresh), len(changed))


def _store_tags(connection: Connection, records: Sequence[SenderRecord]) -> None:
    wanted = {record.external_id: set(record.tags) for record in records}
    senders = dict(Sender.objects.filter(connection=connection, external_id__among=list(wanted)).values_list("external_id", "id"))
    kept: dict[int, set[str]] = {pk: set() for pk in senders.values()}
    for pk, name in SenderTag.objects.filter(sender__id__among=list(kept)).values_list("sender_id", "name"):
        kept[pk].add(name)
    off = {pk: wanted[external_id] for external_id, pk in senders.items() if kept[pk] != wanted[external_id]}
    if off:
        SenderTag.objects.filter(sender__id__among=list(off)).delete()
        bulk.insert(SenderTag, ("sender_id", "name"), [(pk, name) for pk, names in off.items() for name in sorted(names)])


def unseen(model: Any, connection: Connection, pass_id: int) -> Any:
    """What a complete pass has not seen."""
    return model.objects.filter(connection=connection, gone_at=None).exclude(seen_run=pass_id)


def mark_gone(rows: Any, connection: Connection) -> int:
    days = set(rows.values_list("day", flat=True)) if rows.model is Broadcast else set()
    gone = rows.update(gone_at=timezone.now()) if days or rows.model is not Broadcast else 0
    rollups.roll_up(connection, days)
    return int(gone)


def _uuids(count: int) -> Iterator[str]:
    """Version 7 of RFC 9562, as 32 hex digits: time before chance, so that an index grows at its end.

    Drawn at once: one by one they would cost as much as the rest of a row.
    """
    known = (time.time_ns() // 1_000_000).to_bytes(6) + b"\x70\x00\x80" + bytes(7)
    chance = bytes(6) + b"\x0f\xff\x3f" + b"\xff" * 7
    drawn = int.from_bytes(os.urandom(16 * count)) & int.from_bytes(chance * count) | int.from_bytes(known * count)
    return iter(drawn.to_bytes(16 * count).hex(" ", 16).split())
