"""Counts what events tell of single mails, by the recipient's mailbox provider: `EventDay`.

Whoever calls `add` writes, in the same transaction, that these events were counted, and holds the connection's lock. Sums can't
be made again from events whose bodies are forgotten, so `rebuildrollups` leaves them as they are.
"""

from __future__ import annotations

import zoneinfo
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING

from django.db.models import Q

from clients import bulk
from clients.models import Client, Connection, EventDay, Sender
from clients.recipients import mailbox_provider
from clients.vendors.counting import Counted

if TYPE_CHECKING:
    from clients.scoping import Resolver

type Key = tuple[str, date, str, str, str]  # sender, day, mailbox provider, what, word
_KEY = ("sender_ref", "day", "mailbox_provider", "what", "word")


def add(connection: Connection, resolver: Resolver, told: Sequence[tuple[Counted, datetime]]) -> None:
    """What says nothing of a recipient's mailbox provider is left out."""
    at = [(one, when, where) for one, when in told if (where := mailbox_provider(one.recipient))]
    if not at:
        return
    owners = _Owners(connection, resolver, {one.sender for one, _, _ in at})
    sums: Counter[Key] = Counter()
    for one, when, where in at:
        day = when.astimezone(owners.zone(one.sender)).date()
        sums[owners.ref(one.sender), day, where, one.what, one.word] += 1
    _write(connection, sums, {owners.ref(one.sender): owners.client(one.sender) for one, _, _ in at})


def move(connection: Connection, resolver: Resolver) -> None:
    """Every row to whom the scopes say now; those of a sender that was unknown under the name that events called it, too."""
    rows = EventDay.objects.filter(connection=connection)
    kept: dict[str, set[int | None]] = defaultdict(set)
    for ref, client in rows.values_list("sender_ref", "client_id").order_by().distinct():
        kept[ref].add(client)
    owners = _Owners(connection, resolver, kept)
    for ref, clients in kept.items():
        if clients != {owners.client(ref)}:
            rows.filter(sender_ref=ref).update(client=owners.client(ref))


def has_unowned(connection: Connection) -> bool:
    return EventDay.objects.filter(connection=connection, client=None).exists()


class _Owners:
    """Of senders, by their reference or by the vendor's id where that is another."""

    def __init__(self, connection: Connection, resolver: Resolver, refs: Collection[str]) -> None:
        self._resolver = resolver
        named = Q(external_id__in=refs) | Q(raw__id__in=refs)
        # Of two with one id, the one that is there comes last.
        rows = Sender.objects.filter(named, connection=connection).order_by("-gone_at", "pk") if refs else ()
        self._senders: dict[str, Sender] = {}
        for sender in rows:
            self._senders |= dict.fromkeys({sender.external_id, str(sender.raw.get("id", ""))} & set(refs), sender)
        clients = {client for ref in refs if (client := self.client(ref)) is not None}
        zones = Client.objects.filter(pk__in=clients).values_list("pk", "timezone") if clients else ()
        self._zones: dict[int | None, tzinfo] = {pk: zoneinfo.ZoneInfo(name) for pk, name in zones}

    def ref(self, named: str) -> str:
        sender = self._senders.get(named)
        return sender.external_id if sender else named[:255]

    def client(self, named: str) -> int | None:
        sender = self._senders.get(named)
        if sender is None:
            # Where each is read for itself, its workspace is called as it is.
            return self._resolver.owner(named.partition("@")[2], (), named).client_id
        return self._resolver.broadcast_owner(sender.external_id, sender.email, sender.domain, sender.workspace).client_id

    def zone(self, named: str) -> tzinfo:
        return self._zones.get(self.client(named), UTC)


def _write(connection: Connection, sums: Counter[Key], owners: dict[str, int | None]) -> None:
    days = {key[1] for key in sums}
    rows = EventDay.objects.filter(connection=connection, sender_ref__in=owners, day__in=days)
    kept = {row[:5]: row[5:] for row in rows.values_list(*_KEY, "id", "count")}
    fresh: list[tuple[object, ...]] = [
        (connection.pk, owners[key[0]], *key, count) for key, count in sums.items() if key not in kept
    ]
    known: Iterable[Key] = sums.keys() & kept.keys()
    bulk.insert(EventDay, ("connection_id", "client_id", *_KEY, "count"), fresh)
    bulk.update(
        EventDay, ("id", "client_id", "count"), [(kept[key][0], owners[key[0]], kept[key][1] + sums[key]) for key in known]
    )
