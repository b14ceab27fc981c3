"""Which part of a connection is whose: claims made, taken back, and what nobody claims yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from agency import audit
from clients import ledgers, overlaps, scoping, sync
from clients.archiving import settle
from clients.models import (
    ALL_PROVIDERS,
    Client,
    Connection,
    Feed,
    Health,
    PlacementDay,
    Scope,
    ScopeKind,
    Sender,
    SenderTag,
    Workspace,
)
from clients.models.accounts import ConnectionQuerySet


class Taken(Exception):
    """This part of the connection is another client's already, or this one's."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"{capfirst(str(scope))} is {scope.client}'s already.")
        self.scope = scope


def claim(connection: Connection, client: Client, kind: str, value: str, by: HttpRequest | None) -> Scope:
    """Moves the history that belongs to it at once. Raises Taken, `ledgers.Mixed` and `overlaps.ReadTwice`."""
    value = normal(kind, value)
    ledgers.keep_apart(connection, [client])
    if taken := connection.scopes.filter(kind=kind, value=value).select_related("client").first():
        raise Taken(taken)
    overlaps.refuse_twice(connection, [(kind, value)])
    try:
        with transaction.atomic():
            label = _workspace_name(connection, value) if kind == ScopeKind.WORKSPACE else ""
            scope = Scope.objects.create(connection=connection, client=client, kind=kind, value=value, label=label)
            scoping.reassign(connection)
            said, page = {"client": client.name, "scope": str(scope)}, ("connection", connection.uuid)
            audit.record(
                by, "scope.added", connection.label, agency=connection.agency, subject=client.uuid, after=said, page=page
            )
            settle(connection, by)
            if kind == ScopeKind.HANDLE:
                # Nobody has read anything of it yet: it was not known.
                sync.request(connection, by_a_person=False)
    except IntegrityError as error:
        taken = connection.scopes.filter(kind=kind, value=value).select_related("client").first()
        raise (Taken(taken) if taken else error) from None
    return scope


def release(scope: Scope, by: HttpRequest | None) -> None:
    """Takes a claim back: what no other one claims becomes unassigned, at once. Of two who do so together, one does."""
    connection, client, said = scope.connection, scope.client, {"client": scope.client.name, "scope": str(scope)}
    page = ("connection", connection.uuid)
    with transaction.atomic():
        if not Scope.objects.filter(pk=scope.pk).delete()[0]:
            return
        scoping.reassign(connection)
        audit.record(by, "scope.removed", connection.label, agency=connection.agency, subject=client.uuid, before=said, page=page)
        settle(connection, by)
        if scope.kind == ScopeKind.WORKSPACE:
            # Where it has left the group, the next reading of the group no longer says so.
            connection.feeds.filter(resource="workspaces", next_at__gt=timezone.now()).update(next_at=timezone.now())


def _workspace_name(connection: Connection, workspace: str) -> str:
    if workspace == connection.home.external_id:
        return connection.home.name
    return connection.workspaces.filter(external_id=workspace).values_list("name", flat=True).first() or ""


def normal(kind: str, value: str) -> str:
    value = value.strip()
    if kind == ScopeKind.HANDLE:
        return value.lower()
    return {ScopeKind.ALL.value: "", ScopeKind.DOMAIN.value: value.lower().lstrip("@").rstrip(".")}.get(kind, value)


@dataclass
class Unclaimed:
    """A domain, tag or workspace of one connection that no scope claims. `name` is what a workspace's id stands for; `unread`:
    the account's senders have not all been read yet."""

    connection: Connection
    kind: str
    value: str
    name: str = ""
    senders: int = 0
    broadcasts: int = 0
    mails: int = 0
    unread: bool = False


@dataclass
class Conflict:
    """A sender that two scopes claim for two clients."""

    sender: Sender
    claims: list[Scope] = field(default_factory=list)


def unclaimed(among: ConnectionQuerySet) -> list[Unclaimed]:
    """Domains first, the most mail first; then tags and workspaces, the most senders first. Without what is claimed twice: giving
    it to somebody would settle nothing."""
    connections = {one.pk: one for one in among.present()}
    rows: dict[tuple[int, str], Unclaimed] = {}

    def row(connection: int, domain: str) -> Unclaimed:
        return rows.setdefault((connection, domain), Unclaimed(connections[connection], ScopeKind.DOMAIN, domain))

    # What an account tells apart by handles has no domains.
    with_domains = {pk: one for pk, one in connections.items() if not one.vendor_class.lists_handles}
    for pk, domain, senders in _loose_senders(with_domains).values_list("connection", "domain").annotate(Count("pk")).order_by():
        row(pk, domain).senders = senders
    days = PlacementDay.objects.filter(connection__in=connections, client=None, mailbox_provider=ALL_PROVIDERS)
    totals = days.values_list("connection", "domain").annotate(Sum("broadcasts"), Sum("received")).order_by()
    for pk, domain, broadcasts, mails in totals:
        row(pk, domain).broadcasts, row(pk, domain).mails = broadcasts, mails
    twice = _twice(with_domains)
    rows = {at: one for at, one in rows.items() if one.senders or at not in twice}
    domains = sorted(rows.values(), key=lambda one: (-one.mails, -one.senders, one.value))
    found = domains + _unclaimed_tags(connections) + _unclaimed_workspaces(connections)
    unread = set(_UNREAD.filter(connection__in=connections).values_list("connection", flat=True)) if found else set()
    for one in found:
        one.unread = one.connection.pk in unread
    return found


def being_read(among: ConnectionQuerySet) -> ConnectionQuerySet:
    """Those whose senders are on their way for the first time."""
    return among.present().filter(health=Health.OK, pk__in=_UNREAD.filter(lacks="").values("connection")).order_by("label")


_UNREAD = Feed.objects.filter(resource="senders", last_ok_at=None)


def conflicts(among: ConnectionQuerySet) -> list[Conflict]:
    senders = Sender.objects.filter(connection__in=among.present(), conflict=True, gone_at=None)
    found = (
        senders.select_related("connection")
        .prefetch_related("tags", "connection__scopes__client")
        .order_by("connection", "email")
    )
    return [Conflict(sender, claims_on(sender)) for sender in found[:200]]


def _loose_senders(connections: dict[int, Connection]):  # type: ignore[no-untyped-def]
    return Sender.objects.filter(connection__in=connections, client=None, conflict=False, gone_at=None)


def _twice(connections: dict[int, Connection]) -> set[tuple[int, str]]:
    """The domains of senders that two scopes claim."""
    senders = Sender.objects.filter(connection__in=connections, conflict=True, gone_at=None)
    return set(senders.values_list("connection", "domain").order_by().distinct())


def _unclaimed_tags(connections: dict[int, Connection]) -> list[Unclaimed]:
    tags = SenderTag.objects.filter(sender__in=_loose_senders(connections))
    counts = tags.values_list("sender__connection", "name").annotate(senders=Count("pk")).order_by("-senders", "name")
    return [Unclaimed(connections[pk], _tag_of(connections[pk]), name, senders=senders) for pk, name, senders in counts]


def _tag_of(connection: Connection) -> ScopeKind:
    return ScopeKind.HANDLE if connection.vendor_class.lists_handles else ScopeKind.TAG


def _unclaimed_workspaces(connections: dict[int, Connection]) -> list[Unclaimed]:
    """Those with a sender that is nobody's."""
    homes = [pk for pk, one in connections.items() if one.home.external_id]
    loose = _loose_senders(connections).exclude(~Q(connection__in=homes), workspace="")
    counts = loose.values_list("connection", "workspace").annotate(senders=Count("pk")).order_by("-senders")
    names = {(one.connection_id, one.external_id): str(one) for one in Workspace.objects.filter(connection__in=connections)}
    names |= {(pk, ""): str(one.home) for pk, one in connections.items()}
    ids = {(pk, ""): one.home.external_id for pk, one in connections.items()}
    return [
        Unclaimed(
            connections[pk],
            _kind(connections[pk]),
            ids.get((pk, workspace), workspace),
            names.get((pk, workspace), workspace),
            senders,
        )
        for pk, workspace, senders in counts
    ]


def _kind(connection: Connection) -> ScopeKind:
    return ScopeKind.HANDLE if ScopeKind.HANDLE in connection.vendor_class.scopes else ScopeKind.WORKSPACE


def claims_on(sender: Sender) -> list[Scope]:
    labels = sender.domain.lower().split(".")
    wanted = {(ScopeKind.DOMAIN.value, ".".join(labels[start:])) for start in range(len(labels))}
    kinds = (ScopeKind.TAG.value, ScopeKind.HANDLE.value)
    wanted |= {(kind, tag.name) for tag in sender.tags.all() for kind in kinds}
    return [scope for scope in sender.connection.scopes.all() if (scope.kind, scope.value) in wanted]
