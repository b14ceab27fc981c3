"""Agencies and the people in them: how they begin, and how a person's sessions and failed tries end."""

from __future__ import annotations

import re
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from agency.models import Agency, Membership, Role, User, UserManager


class AlreadyBegun(Exception):
    """There is a user: the first agency has been made."""


# `with transaction.atomic()` here, not the decorator: its frame would show the password in the report of an exception.
@sensitive_variables("password")
def create_agency(name: str, *, owner_email: str, password: str = "", owner_name: str = "", slug: str = "") -> Agency:
    """A new agency and its owner. An existing user becomes the owner as they are: `password` is for a new one only. Without
    `slug` it has the one of its name, with a number where that is taken."""
    with transaction.atomic():
        agency = Agency.objects.create(name=name, slug=slug or _numbered(_slug_of(name)))
        owner = User.objects.filter(email=UserManager.normalise(owner_email)).first()
        if owner is None:
            if not password:
                raise ValidationError("A new owner needs a password.")
            owner = User.objects.create_user(owner_email, password, name=owner_name)
        Membership.objects.create(agency=agency, user=owner, role=Role.OWNER)
    return agency


def free_slug(name: str, slug: str = "") -> str:
    """`slug`, or the name's. Raises ValidationError that says who has it, and what is free."""
    if slug and not re.fullmatch(r"[a-z0-9-]{1,50}", slug):
        raise ValidationError("Small letters, digits and hyphens, 50 at most.")
    asked = slug or _slug_of(name)
    if holder := Agency.objects.filter(slug=asked).first():
        raise ValidationError(f"‘{asked}’ is taken by {holder.name}. Free is ‘{_numbered(asked)}’.", code="taken")
    return asked


@sensitive_variables("password")
def begin(name: str, *, owner_email: str, password: str, owner_name: str = "") -> Agency:
    """The first agency of an installation. Raises `AlreadyBegun`; of two who try at once one succeeds."""
    with transaction.atomic():
        _be_alone()
        if User.objects.exists():
            raise AlreadyBegun
        return create_agency(name, owner_email=owner_email, password=password, owner_name=owner_name)


def end_sessions(user: User) -> None:
    """Signs them out everywhere, from their next request on."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)


def forgive(user: User) -> None:
    """Forgets failed tries at this account, and at no other: else one's own sign-in would reset the guessing at a neighbour's."""
    AccessAttempt.objects.filter(username=user.email).delete()


def listen() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="agency.accounts")


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name a try to sign in is counted: Ann@ and ann@ are one."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return UserManager.normalise(str(name))[:254].replace("\0", "")


def _be_alone() -> None:
    # On SQLite the transaction is immediate: whoever is in it is alone already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE agency_user IN SHARE ROW EXCLUSIVE MODE")


def _signed_in(user: User, **_: Any) -> None:
    forgive(user)


def _slug_of(name: str) -> str:
    return slugify(name)[:50] or "agency"


def _numbered(base: str) -> str:
    taken = set(Agency.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
