"""Where a client's tests can be made, and which of its senders a test would send from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from clients.models import Client, Connection, Health, Sender, Workspace
from clients.vendors import VENDORS

MAKERS = [slug for slug, vendor in VENDORS.items() if "tests" in vendor.can]


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace of an account, in which a client has senders."""

    connection: Connection
    workspace: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.connection.uuid}:{self.workspace}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    email: str
    why: str


@dataclass(frozen=True, slots=True)
class Chosen:
    sending: list[str]
    left_out: list[LeftOut]


def can_make(connection: Connection) -> bool:
    return "tests" in connection.vendor_class.can


def barred(connection: Connection, workspace: str) -> str:
    """Why no test can be made or changed there; empty where it can."""
    if connection.removed_at:
        return f"{connection.label} is removed: its key is forgotten."
    if not can_make(connection):
        return f"{connection.vendor_class.label} lets nobody make tests from outside."
    if connection.health != Health.OK:
        return f"{connection.label} can't be asked: {connection.get_health_display().lower()}. {connection.health_reason}".strip()
    gone = who_left([connection.pk]).filter(external_id=workspace).first() if workspace else None
    return f"{gone} has left the group of this key: its tests can’t be reached any more." if gone else ""


def who_left(connections: Iterable[int]) -> QuerySet[Workspace]:
    """The workspaces that are no longer in the group of these connections' keys."""
    return Workspace.objects.filter(connection__in=list(connections)).exclude(gone_at=None)


def places(client: Client) -> list[Place]:
    """Three queries."""
    connections = Connection.objects.serving(client).present().filter(vendor__in=MAKERS).select_related("agency")
    by_pk = {connection.pk: connection for connection in connections.order_by("label", "pk")}
    mine = Sender.objects.filter(client=client, connection__in=by_pk, gone_at=None)
    found = sorted(set(mine.order_by().values_list("connection", "workspace").distinct()))
    wanted = Q(connection__in=by_pk, external_id__in=[workspace for _, workspace in found if workspace])
    names = {(one.connection_id, one.external_id): str(one) for one in Workspace.objects.filter(wanted)}
    found += [(pk, "") for pk in by_pk if pk not in {at for at, _ in found}]
    shown = [Place(by_pk[pk], at, _name(by_pk[pk], names.get((pk, at), at))) for pk, at in found]
    return sorted(shown, key=lambda place: place.name.casefold())


def own(client: Client, connection: Connection, workspace: str) -> QuerySet[Sender]:
    """The client's senders there; those of others are nobody's to choose."""
    rows = Sender.objects.filter(client=client, connection=connection, workspace=workspace, gone_at=None)
    return rows.order_by("domain", "email")


def choose(client: Client, connection: Connection, workspace: str, wanted: Mapping[str, Any]) -> Chosen:
    """By tick, by domain, by tag: one of them is enough. The vendor leaves out, without a word, who is paused or failing;
    here that is said."""
    mine = own(client, connection, workspace)
    ticked, domains, tags = (list(wanted.get(name) or ()) for name in ("senders", "domains", "tags"))
    asked = Q(uuid__in=ticked) | Q(domain__in=domains) | Q(pk__in=mine.filter(tags__name__in=tags).order_by().values("pk"))
    sending, left_out = [], []
    for email, status in mine.filter(asked).values_list("email", "status"):
        if why := left_out_for(connection, status):
            left_out.append(LeftOut(email, why))
        else:
            sending.append(email.lower())
    return Chosen(list(dict.fromkeys(sending)), left_out)


def left_out_for(connection: Connection, status: str) -> str:
    return "" if status in connection.vendor_class.sending_statuses else status or "its status is not known"


def _name(connection: Connection, workspace: str) -> str:
    return f"{connection.label}: {workspace}" if workspace else connection.label
