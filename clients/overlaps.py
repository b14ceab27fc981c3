"""Workspaces that two accounts of one agency read: what is counted for a client by one must not be counted by the other too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from clients.models import Connection, ScopeKind, Sender, Workspace


@dataclass(frozen=True)
class Overlap:
    """A workspace of one connection that `other` reads as well."""

    other: Connection
    workspace: str  # the vendor's id
    name: str

    def __str__(self) -> str:
        return f"Workspace {self.name or self.workspace} is read by {self.other.label} already"


class ReadTwice(Exception):
    """The claim would count mail that another account counts. The text is for people."""

    def __init__(self, overlap: Overlap) -> None:
        super().__init__(
            f"{overlap}, and counted there: the same mail would be counted twice. "
            f"Leave it to {overlap.other.label}, or take the claim away there first."
        )
        self.overlap = overlap


def overlaps_of(connection: Connection) -> list[Overlap]:
    """Saved or not; by the workspaces that were known when each was read last."""
    others = Connection.objects.of(connection.agency).present().filter(vendor=connection.vendor).exclude(uuid=connection.uuid)
    known = [other for other in others.order_by("created_at", "pk") if other.home.external_id]
    if not known or not connection.home.external_id:
        return []
    read = _read_by([*known, *([connection] if connection.pk else [])])
    found = []
    for other in known:
        theirs, home = read[other.pk], connection.home
        mine = read.get(connection.pk) or {home.external_id: str(home)}
        # A key to the same workspace acts for the same group, also before the group was read with it.
        shared = theirs if home == other.home and len(mine) == 1 else theirs.keys() & mine.keys()
        found += [Overlap(other, workspace, theirs[workspace]) for workspace in sorted(shared, key=theirs.__getitem__)]
    return found


def refuse_twice(connection: Connection, claims: Iterable[tuple[str, str]]) -> None:
    """Before (kind, value) pairs are claimed of it. Raises ReadTwice."""
    shared = overlaps_of(connection)
    for kind, value in claims:
        for overlap in shared:
            if (kind != ScopeKind.WORKSPACE or value == overlap.workspace) and _is_counted(overlap, kind, value):
                raise ReadTwice(overlap)


def _is_counted(overlap: Overlap, kind: str, value: str) -> bool:
    """Whether the other account gives to a client what this claim would."""
    other, whole = overlap.other, kind in (ScopeKind.ALL, ScopeKind.WORKSPACE)
    same = Q(kind=kind, value=value) | (Q(kind="all") | Q(kind="workspace", value=overlap.workspace) if whole else Q())
    if other.scopes.filter(same).exists():
        return True
    there = "" if overlap.workspace == other.home.external_id else overlap.workspace
    rows = Sender.objects.filter(connection=other, workspace=there, gone_at=None).exclude(client=None)
    if kind == ScopeKind.DOMAIN:
        rows = rows.filter(Q(domain=value) | Q(domain__endswith=f".{value}"))
    elif kind == ScopeKind.TAG:
        rows = rows.filter(tags__name=value)
    return rows.exists()


def _read_by(connections: Iterable[Connection]) -> dict[int, dict[str, str]]:
    """By connection: the ids of its workspaces and their names."""
    read = {one.pk: dict(_own(one)) for one in connections}
    rows = Workspace.objects.filter(connection__in=read, gone_at=None)
    for pk, external_id, name in rows.values_list("connection", "external_id", "name"):
        read[pk][external_id] = name or external_id
    return read


def _own(connection: Connection) -> Iterator[tuple[str, str]]:
    if connection.home.external_id:
        yield connection.home.external_id, str(connection.home)
