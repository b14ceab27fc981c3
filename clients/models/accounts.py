"""Clients, the vendor accounts that serve them, and which part of an account belongs to whom."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from agency import zones
from agency.models import Agency, Invitation, Membership, Role
from agency.secrets import seal, unseal
from clients.vendors import VENDORS
from clients.vendors.base import Vendor


def valid_timezone(name: str) -> None:
    if name not in zones.names():
        raise ValidationError(f"'{name}' is not a timezone.")


def vendor_choices() -> list[tuple[str, str]]:
    """Asked anew each time, so that a new vendor is no migration."""
    return [(slug, vendor.label) for slug, vendor in VENDORS.items()]


class ClientQuerySet(models.QuerySet["Client"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(agency=agency)

    def visible_to(self, member: Membership) -> Self:
        mine = self.filter(agency_id=member.agency_id)
        return mine.filter(viewers=member) if member.role == Role.VIEWER else mine

    def active(self) -> Self:
        return self.filter(archived_at=None)


class Client(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="clients")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80)
    timezone = models.CharField(max_length=60, default="UTC", validators=[valid_timezone])
    manager = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="managed")
    viewers = models.ManyToManyField(Membership, blank=True, related_name="assigned")
    # Whoever accepts one of these becomes a viewer of it.
    invitations = models.ManyToManyField(Invitation, blank=True, editable=False, related_name="clients")
    created_at = models.DateTimeField(default=now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ClientQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["agency", "slug"], name="client_slug_in_agency")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class ClientTag(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "name"], name="client_tag_once")]
        indexes: ClassVar = [models.Index(fields=["name"], name="client_tag_name")]

    def __str__(self) -> str:
        return self.name


class Health(models.TextChoices):
    OK = "ok", "OK"
    REFUSED = "refused", "Key refused"
    PAUSED = "paused", "Paused"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def of(self, agency: Agency) -> Self:
        return self.filter(agency=agency)

    def visible_to(self, member: Membership) -> Self:
        mine = self.filter(agency_id=member.agency_id)
        if member.role == Role.VIEWER:
            return mine.filter(scopes__client__viewers=member).distinct()
        return mine

    def present(self) -> Self:
        """Those whose key we hold: removed ones keep their history and nothing else."""
        return self.filter(removed_at=None)

    def removed(self) -> Self:
        return self.exclude(removed_at=None)

    def serving(self, client: Client) -> Self:
        return self.filter(scopes__client=client).distinct()


class Home(NamedTuple):
    external_id: str
    name: str

    def __str__(self) -> str:
        return self.name or self.external_id


class Connection(models.Model):
    """One vendor account of the agency: one API key."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="connections")
    vendor = models.CharField(max_length=20, choices=vendor_choices)
    label = models.CharField(max_length=120)
    credentials = models.TextField(blank=True, editable=False)  # sealed; empty once removed
    last4 = models.CharField(max_length=4, blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    health = models.CharField(max_length=10, choices=Health, default=Health.OK)
    health_reason = models.CharField(max_length=300, blank=True)  # in words a person can act on
    health_since = models.DateTimeField(default=now)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    # Counted up when its scopes or a sender's tags change, so that a sync in flight reads them again.
    scopes_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ConnectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["label"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agency", "vendor", "fingerprint"], condition=Q(removed_at=None), name="api_key_once_in_agency"
            ),
            models.CheckConstraint(condition=Q(health__in=Health.values), name="connection_health_known"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.vendor_class.label})"

    @property
    def vendor_class(self) -> type[Vendor]:
        return VENDORS[self.vendor]

    @property
    def ledger(self) -> str:
        """'live' or 'test' where the vendor tells them apart by the key, else ''."""
        return str(self.settings.get("ledger", ""))

    @property
    def home(self) -> Home:
        """The workspace that is the key's own, where the vendor tells; its rows are kept as of the workspace ''."""
        return Home(*self.settings.get("home", ("", "")))

    @property
    def absent(self) -> list[tuple[str, str]]:
        """Workspaces of its group that can't be read: name, and why in a word."""
        return [(name, why) for name, why in self.settings.get("absent", ())]

    def secrets(self) -> dict[str, str]:
        """Raises `agency.secrets.Unreadable`."""
        return unseal(self.credentials, owner=str(self.uuid))

    @sensitive_variables()
    def keep(self, secrets: dict[str, str]) -> None:
        """Puts the secrets into the unsaved row: sealed, with what may be shown of them."""
        from agency.secrets import fingerprint

        key = secrets[self.vendor_class.key_field]
        ledger = self.vendor_class.ledger(secrets)
        # A new dict: a copy of this row would share the old one.
        self.settings = {**self.settings, **({"ledger": ledger} if ledger else {})}
        self.credentials = seal(secrets, owner=str(self.uuid))
        # Of a very short key four characters would be most of it.
        self.last4 = key[-4:] if len(key) >= 12 else ""
        self.fingerprint = fingerprint(key)


class ScopeKind(models.TextChoices):
    ALL = "all", "Everything"
    DOMAIN = "domain", "Domain"
    TAG = "tag", "Tag"
    WORKSPACE = "workspace", "Workspace"
    HANDLE = "handle", "Identity"  # typed in, where a vendor has no list of them


class Scope(models.Model):
    """This part of the connection is that client's. The most specific wins; two that disagree are shown, not guessed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="scopes")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="scopes")
    kind = models.CharField(max_length=10, choices=ScopeKind)
    value = models.CharField(max_length=254, blank=True)
    label = models.CharField(max_length=255, blank=True)  # a workspace's name, whose value is an id

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "kind", "value"], name="scope_once"),
            models.CheckConstraint(
                condition=Q(kind="all", value="") | (Q(kind__in=["domain", "tag", "workspace", "handle"]) & ~Q(value="")),
                name="scope_value_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return "everything" if self.kind == ScopeKind.ALL else f"{self.kind} {self.shown}"

    @property
    def shown(self) -> str:
        return self.label or self.value

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.kind == ScopeKind.DOMAIN:
            self.value = self.value.lower()
        super().save(*args, **kwargs)
