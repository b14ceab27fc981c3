"""Whose row is it? A connection's scopes say which client a sender and its broadcasts belong to.

A domain scope covers the domain and its subdomains; the longest match wins. Domain and tag come before the workspace, and
that before 'everything'. When they name two clients, the row is nobody's: `conflict`, shown as such and never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet

from clients import campaign_owners, event_days, rollups
from clients.models import Broadcast, Connection, Sender, SenderTag, TestSender

type BroadcastRows = QuerySet[Broadcast, Broadcast]


class Owner(NamedTuple):
    client_id: int | None
    conflict: bool = False


class Resolver:
    """The scopes of one connection at one version, and the tags of its senders. `more`: as if these (kind, value, client) were
    scopes too."""

    def __init__(self, connection: Connection, more: Iterable[tuple[str, str, int]] = ()) -> None:
        self.version = connection.scopes_version
        self.everything: int | None = None
        self.domains: dict[str, int] = {}
        self.tags: dict[str, int] = {}
        self.workspaces: dict[str, int] = {}
        # A handle names one identity: its sender's tag, or else what is read for it alone is kept as a workspace of that name.
        handles = self.tags if connection.vendor_class.lists_handles else self.workspaces
        by_kind = {"domain": self.domains, "tag": self.tags, "workspace": self.workspaces, "handle": handles}
        for kind, value, client_id in [*connection.scopes.values_list("kind", "value", "client_id"), *more]:
            if kind == "all":
                self.everything = client_id
            else:
                by_kind[kind][value] = client_id
        if self.workspaces and (home := _home(connection)) in self.workspaces:
            # The rows of the key's own are kept without its id, which may have been learnt later.
            self.workspaces[""] = self.workspaces[home]
        self._tags_of = _tags_of_senders(connection, self.tags)
        self._known: dict[tuple[str, str, str, str], Owner] = {}

    def owner(self, domain: str, tags: Collection[str], workspace: str = "") -> Owner:
        claims = {self.tags[tag] for tag in tags if tag in self.tags}
        by_domain = self._by_domain(domain)
        claims |= {by_domain} if by_domain is not None else set()
        if len(claims) > 1:
            return Owner(None, conflict=True)
        return Owner(claims.pop() if claims else self.workspaces.get(workspace, self.everything))

    def broadcast_owner(self, sender_ref: str, from_email: str, domain: str, workspace: str = "") -> Owner:
        key = (sender_ref, from_email, domain, workspace)
        found = self._known.get(key)
        if found is None:
            tags = self._tags_of.get(sender_ref if sender_ref in self._tags_of else from_email.lower(), ())
            found = self._known[key] = self.owner(domain, tags, workspace)
        return found

    def _by_domain(self, domain: str) -> int | None:
        while domain and self.domains:
            if domain in self.domains:
                return self.domains[domain]
            domain = domain.partition(".")[2]
        return None


def _home(connection: Connection) -> str:
    """As it is by now: a run holds the row as it was when it began."""
    return Connection.objects.only("settings").get(pk=connection.pk).home.external_id


def reassign(connection: Connection) -> None:
    """Gives every sender, broadcast and campaign to the client its scopes say now, roll-ups included, at once."""
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        locked.scopes_version = connection.scopes_version = locked.scopes_version + 1
        locked.save(update_fields=["scopes_version"])
        resolver = Resolver(locked)
        _move_senders(locked, resolver)
        _move_test_senders(locked, resolver)
        campaign_owners.move(locked, resolver)
        event_days.move(locked, resolver)
        rollups.roll_up(locked, _move_broadcasts(locked, resolver))


def _tags_of_senders(connection: Connection, wanted: Collection[str]) -> dict[str, set[str]]:
    """By the vendor's sender id and by e-mail, the tags that some scope names."""
    if not wanted:
        return {}
    # Of two senders with one address the present one comes last, and is the one meant.
    senders = Sender.objects.filter(connection=connection).order_by(F("gone_at").asc(nulls_last=True), "pk")
    names: dict[int, set[str]] = defaultdict(set)
    tags = SenderTag.objects.filter(sender__connection=connection, name__in=list(wanted))
    for pk, name in tags.values_list("sender_id", "name"):
        names[pk].add(name)
    rows = list(senders.values_list("pk", "external_id", "email"))
    by_email = {email.lower(): names.get(pk, set()) for pk, _, email in rows}
    return by_email | {external_id: names.get(pk, set()) for pk, external_id, _ in rows}


def _move_senders(connection: Connection, resolver: Resolver) -> None:
    moved = []
    for sender in Sender.objects.filter(connection=connection).prefetch_related("tags"):
        owner = resolver.owner(sender.domain, [tag.name for tag in sender.tags.all()], sender.workspace)
        if owner != (sender.client_id, sender.conflict):
            sender.client_id, sender.conflict = owner
            moved.append(sender)
    Sender.objects.bulk_update(moved, ["client", "conflict"], batch_size=500)


def _move_test_senders(connection: Connection, resolver: Resolver) -> None:
    rows = TestSender.objects.filter(test__connection=connection)
    names = ("sender_ref", "email", "domain", "test__workspace")
    targets: dict[int | None, list[str]] = defaultdict(list)
    # One address has one domain, and in one workspace one reference.
    for *key, client_id in rows.values_list(*names, "client_id").order_by().distinct():
        owner = resolver.broadcast_owner(key[0], key[1], key[2], key[3]).client_id
        if owner != client_id:
            targets[owner].append(key[0])
    for client_id, refs in targets.items():
        for some in _slices(sorted(set(refs)), 500):
            rows.filter(sender_ref__in=some).update(client_id=client_id)


def _move_broadcasts(connection: Connection, resolver: Resolver) -> set[date]:
    """The days whose sums are off now."""
    rows = Broadcast.objects.filter(connection=connection)
    # A workspace is its test's, and only some vendors have any.
    names = [
        "sender_ref",
        "from_email",
        "domain",
        *(["test__workspace"] if "workspace" in connection.vendor_class.scopes else []),
    ]
    targets: dict[int | None, list[tuple[str, ...]]] = defaultdict(list)
    for *key, client_id in rows.values_list(*names, "client_id").order_by().distinct():
        sender_ref, from_email, domain, workspace = (*key, "")[:4]
        owner = resolver.broadcast_owner(sender_ref, from_email, domain, workspace or "").client_id
        if owner != client_id:
            targets[owner].append((sender_ref, from_email, domain))
    return {day for owner, keys in targets.items() for some in _slices(keys, 200) for day in _give(rows, owner, some)}


def _give(rows: BroadcastRows, client_id: int | None, keys: list[tuple[str, ...]]) -> set[date]:
    elsewhere = Q(client_id__isnull=False) if client_id is None else Q(client_id=None) | ~Q(client_id=client_id)
    match = Q()
    for sender_ref, from_email, domain in keys:
        match |= Q(sender_ref=sender_ref, from_email=from_email, domain=domain)
    moving = rows.filter(match, elsewhere)
    days = set(moving.values_list("day", flat=True).order_by().distinct())
    moving.update(client_id=client_id)
    return days


def _slices[T](items: list[T], size: int) -> Iterable[list[T]]:
    return (items[i : i + size] for i in range(0, len(items), size))
