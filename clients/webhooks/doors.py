"""What a person does to a connection's door: its address, its secret, the secret's rotation. Each act is one audit entry."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency import audit
from agency.models import new_token
from agency.queue import announce
from agency.secrets import Unreadable
from clients.models import Connection, Hook
from clients.webhooks import belonging

type By = HttpRequest | None

#: For how long the old secret may be taken beside the new one.
OVERLAPS = {0: "At once", 1: "For an hour", 24: "For a day", 24 * 7: "For a week"}


def of(connection: Connection) -> Hook:
    """Made when it is first needed: events that are read have none to come through."""
    return Hook.objects.get_or_create(connection=connection)[0]


def wake(connection: Connection) -> None:
    """Says that events wait, to a worker that would find them at the next tick anyway."""
    announce("clients.process_events", of(connection).pk)


def open_address(connection: Connection, by: By) -> str:
    """A new token, to be shown this once. The address before it is closed from now on."""
    token, hashed = new_token()
    with transaction.atomic():
        hook = of(connection)
        again = hook.token_hash is not None
        Hook.objects.filter(pk=hook.pk).update(token_hash=hashed, address_at=timezone.now(), refused_at=None, refused_why="")
        _record(by, "hook.address_renewed" if again else "hook.address_made", connection)
    return token


def close(connection: Connection, by: By) -> None:
    """The address answers 404, and its secrets are forgotten. Events that came stay."""
    nothing = {"token_hash": None, "address_at": None, "secrets": "", "secret_at": None, "old_until": None, "style": ""}
    with transaction.atomic():
        if Hook.objects.filter(connection=connection).exclude(token_hash=None).update(**nothing):
            _record(by, "hook.closed", connection)


def take_old(connection: Connection, by: By, *, taken: bool) -> None:
    """Whether deliveries in the vendor's old format are taken too."""
    with transaction.atomic():
        if Hook.objects.filter(pk=of(connection).pk, takes_old=not taken).update(takes_old=taken):
            _record(by, "hook.old_format_taken" if taken else "hook.old_format_refused", connection)


@sensitive_variables()
def put_in(connection: Connection, secret: str, by: By, *, overlap: int = 0) -> None:
    """The vendor's secret. The one before it is taken for so many hours more; put in twice, the overlap stays as it was."""
    with transaction.atomic():
        hook = Hook.objects.select_for_update().get(pk=of(connection).pk)
        before = _current(hook)
        if overlap and before == secret:
            return
        kept = before if overlap else ""
        hook.keep(secret, kept)
        hook.secret_at = timezone.now()
        hook.old_until = hook.secret_at + timedelta(hours=overlap) if kept else None
        hook.style = ""
        hook.save(update_fields=["secrets", "secret_at", "old_until", "style"])
        belonging.forget(Connection.objects.select_for_update(no_key=True).get(pk=connection.pk))
        said = {"old_secret": OVERLAPS.get(overlap, f"{overlap} h").lower() if kept else "no longer taken"} if before else {}
        _record(by, "hook.secret_replaced" if before else "hook.secret_put_in", connection, after=said)


@sensitive_variables()
def _current(hook: Hook) -> str:
    try:
        return next(iter(hook.taken_secrets()), "")
    except Unreadable:
        return ""


def _record(by: By, action: str, connection: Connection, after: dict[str, str] | None = None) -> None:
    page = ("connection", connection.uuid)
    audit.record(by, action, connection.label, agency=connection.agency, subject=connection.uuid, after=after, page=page)
