"""A client put away: its syncs and report links stop, its history stays. And back again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from agency import audit
from clients import connecting
from clients.models import Client, Connection, Health, Scope

ARCHIVED = "Every client it serves is archived."


def archive(client: Client, by: HttpRequest | None) -> None:
    """Nothing, where somebody has done so a moment ago."""
    client.archived_at = timezone.now()
    with transaction.atomic():
        if not Client.objects.filter(pk=client.pk, archived_at=None).update(archived_at=client.archived_at):
            return
        audit.record(by, "client.archived", client, agency=client.agency, subject=client.uuid)
        _settle_all(client, by)


def restore(client: Client, by: HttpRequest | None) -> None:
    """Nothing, where somebody has done so a moment ago."""
    client.archived_at = None
    with transaction.atomic():
        if not Client.objects.filter(pk=client.pk).exclude(archived_at=None).update(archived_at=None):
            return
        audit.record(by, "client.restored", client, agency=client.agency, subject=client.uuid)
        _settle_all(client, by)


def accounts_of(client: Client) -> str:
    """What its accounts do now that it is restored, in sentences."""
    found = list(Connection.objects.serving(client).present().order_by("label", "pk"))
    still = [f"{one.label} {_STILL[one.health]}" for one in found if one.health in _STILL]
    syncing = len(found) - len(still)
    again = f"{syncing} account{' syncs' if syncing == 1 else 's sync'} again" if still else "Its accounts sync again"
    return ". ".join([*([again] if syncing else []), *still] or ["No account serves it yet"]) + "."


_STILL = {
    Health.PAUSED.value: "is still paused: resume it on its page",
    Health.REFUSED.value: "waits for a key that is not refused",
}


def settle(connection: Connection, by: HttpRequest | None) -> None:
    """Serving archived clients only, a connection rests; when it has another client again, it goes on."""
    if connection.removed_at:
        return
    idle = _serves_only_archived(connection)
    if idle and connection.health == Health.OK:
        connecting.pause(connection, by, ARCHIVED)
    elif not idle and connection.health == Health.PAUSED and connection.health_reason == ARCHIVED:
        connecting.resume(connection, by)


def _settle_all(client: Client, by: HttpRequest | None) -> None:
    for connection in Connection.objects.serving(client).present().select_related("agency"):
        settle(connection, by)


def _serves_only_archived(connection: Connection) -> bool:
    scopes = Scope.objects.filter(connection=OuterRef("pk"))
    found = Connection.objects.filter(pk=connection.pk).values_list(
        Exists(scopes.filter(client__archived_at=None)), Exists(scopes.exclude(client__archived_at=None))
    )
    active, archived = found.get()
    return bool(archived and not active)
