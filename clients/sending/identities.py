"""Who may send for a client, and how much is left today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from clients.models import Allowance, Client, Connection, Health, Mail, MailState, Scope, ScopeKind
from clients.models.sending import OPEN, midnight
from clients.vendors import VENDORS
from clients.vendors.mails import Receipt


@dataclass(frozen=True)
class Identity:
    connection: Connection
    handle: str
    cap: int | None = None
    left: int | None = None  # of today, by the vendor's last word
    told_at: datetime | None = None
    waiting: int = 0  # ours that are to go out today

    @property
    def value(self) -> str:
        """As a form names it."""
        return f"{self.connection.uuid}:{self.handle}"

    @property
    def room(self) -> str:
        """What remains today, in words."""
        if self.left is None or self.cap is None:
            told = f"what {self.connection.vendor_class.label} lets it send a day is told with its first mail"
        else:
            told = f"{self.left:,} of {self.cap:,} left today"
        return f"{told}, {self.waiting:,} waiting" if self.waiting else told


def sending_vendors() -> list[str]:
    return [slug for slug, vendor in VENDORS.items() if "sending" in vendor.can]


def of(client: Client) -> list[Identity]:
    """Those of accounts that may be asked now, by account and handle."""
    scopes = Scope.objects.filter(
        client=client, kind=ScopeKind.HANDLE, connection__vendor__in=sending_vendors(), connection__removed_at=None,
        connection__health=Health.OK,
    )  # fmt: skip
    found = list(scopes.select_related("connection__agency").order_by("connection__label", "connection", "value"))
    known = {(one.connection_id, one.identity): one for one in Allowance.objects.filter(connection__scopes__in=found)}
    queues = _waiting([scope.connection_id for scope in found])
    return [_identity(scope, known.get((scope.connection_id, scope.value)), queues) for scope in found]


def find(client: Client, value: str) -> Identity | None:
    return next((one for one in of(client) if one.value == value), None)


def note(connection_id: int, identity: str, told: Receipt) -> None:
    """Keeps what the vendor says of the day's cap; where it says nothing, what it said before."""
    said = {name: value for name in ("daily_cap", "remaining") if (value := getattr(told, name)) is not None}
    if said:
        values = {**said, "told_at": timezone.now()}
        Allowance.objects.update_or_create(connection_id=connection_id, identity=identity, defaults=values)


def _identity(scope: Scope, told: Allowance | None, queues: dict[tuple[int, str], int]) -> Identity:
    return Identity(
        scope.connection,
        scope.value,
        told.daily_cap if told else None,
        told.left if told else None,
        told.told_at if told else None,
        queues.get((scope.connection_id, scope.value), 0),
    )


def _waiting(connections: list[int]) -> dict[tuple[int, str], int]:
    today = Q(due_at__lt=midnight(timezone.now())) | Q(state=MailState.SENDING)
    mails = Mail.objects.filter(today, connection__in=connections, state__in=OPEN, created_at__gt=timezone.now() - _LONG)
    return {(pk, handle): n for pk, handle, n in mails.values_list("connection", "identity").annotate(n=Count("pk")).order_by()}


#: No mail waits for so long.
_LONG = timedelta(days=400)
