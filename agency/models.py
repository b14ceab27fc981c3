"""Who belongs to which agency, with what role; and what each of them did."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac


class Role(models.TextChoices):
    """From most to least; `at_least` compares by this order."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    ANALYST = "analyst", "Analyst"
    VIEWER = "viewer", "Viewer"

    def at_least(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) <= order.index(other)

    @property
    def does(self) -> str:
        """In one line, for whoever gives the role or gets it."""
        return {
            Role.OWNER: "does everything, and gives every role",
            Role.MANAGER: "connects accounts, changes and sends, and invites analysts and viewers",
            Role.ANALYST: "sees every client, every account and every export, and changes nothing",
            Role.VIEWER: "sees the clients chosen for them, and changes nothing",
        }[self]


class Agency(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    # Branding of report pages. The logo is kept here, a few kilobytes, so that a back-up of the database is a back-up of it.
    colour = models.CharField(
        max_length=7, default="#2f5bd8", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", "Write a colour as #2f5bd8.")]
    )
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalise(email), **extra)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalise(username or ""))

    @staticmethod
    def normalise(email: str) -> str:
        """The whole address in lower case: nobody means two people by Ann@ and ann@."""
        return email.strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # Counted up to end every session of theirs at once; a session holds a hash of it.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    #: The memberships that were read together with this user, for one request; None where they were not.
    as_read: list[Membership] | None = None

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = UserManager.normalise(self.email)
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "agency.User.session", f"{self.password}:{self.sessions_ended}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def initials(self) -> str:
        words = (self.name or self.email.partition("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def read_with_user(self, user_id: Any) -> list[Membership]:
        """Of this user, oldest first; all of them share one `user`."""
        rows = self.filter(user_id=user_id).select_related("user", "agency").order_by("created_at", "pk")
        found = list(rows.defer("agency__logo"))  # up to 200 KB that a page has no use for
        for membership in found:
            membership.user = found[0].user
        return found


class Membership(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "user"], name="one_membership_per_user"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    def may(self, role: Role) -> bool:
        return Role(self.role).at_least(role)


class Invitation(models.Model):
    """A link that makes its reader a member. Only the token's hash is kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} to {self.agency}"


class Throttle(models.Model):
    """How often something was tried in the window that ends at `until` (seconds since 1970). See `agency.throttle`."""

    key = models.CharField(max_length=64, primary_key=True)  # a hash: it may stand for a token or an address
    count = models.PositiveIntegerField()
    until = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until}"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Django's own cascades go by another manager: an agency that is deleted takes its log along."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError(_NEVER_EDITED)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise TypeError(_NEVER_EDITED)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError(_NEVER_DELETED)


_NEVER_EDITED = "An entry of the audit log is never edited."
_NEVER_DELETED = "An entry of the audit log is never deleted."


class AuditEntry(models.Model):
    """One act that changed something here or at a vendor. Written once, never edited."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(default=timezone.now, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254)  # who, as they were called then; 'terminal' for a command
    action = models.CharField(max_length=60)  # 'client.created', 'connection.key_replaced', …
    target = models.CharField(max_length=254)  # in words, as it was called then
    subject = models.UUIDField(null=True, blank=True)  # the client it concerns, for that client's Activity tab
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects: ClassVar = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["agency", "-at"], name="audit_agency_at"),
            models.Index(fields=["subject", "-at"], name="audit_subject_at"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(_NEVER_EDITED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(_NEVER_DELETED)


def new_token() -> tuple[str, str]:
    """(token of 256 bits for the link, its hash for the database)."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    # A token of 256 random bits needs no slow hash: nobody can list the candidates.
    return hashlib.sha256(token.encode()).hexdigest()
