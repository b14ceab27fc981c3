"""Invitations by link: made, revoked, and used once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from agency import once
from agency.models import Agency, Invitation, Membership, Role, User, UserManager, new_token, token_hash

LASTS = timedelta(days=7)


class Taken(Exception):
    """The invitation was used, revoked or let run out between the page and the click."""


def may_grant(member: Membership, role: str) -> bool:
    """Owners give every role; managers those below their own."""
    mine = Role(member.role)
    return mine == Role.OWNER or (mine == Role.MANAGER and role in Role.values and not Role(role).at_least(mine))


def invite(member: Membership, email: str, role: str, clients: Collection[str] = ()) -> tuple[Invitation, str]:
    """(the invitation, its token: shown now or never). A newer one for the same person ends the older, with all that it gave.

    `clients`: the uuids of those in use that a viewer will see. Other roles see all of them, and are given none.

    Raises PermissionDenied where either is not theirs to make, and `once.SentTwice`.
    """
    if not may_grant(member, role):
        raise PermissionDenied
    now = timezone.now()
    with transaction.atomic():
        lock(member.agency_id)
        if not may_replace(member, email):
            raise PermissionDenied
        given = set(member.agency.clients.filter(archived_at=None, uuid__in=clients)) if role == Role.VIEWER else set()
        before = open_ones(member.agency).filter(email=UserManager.normalise(email))
        just_now = before.filter(role=role, invited_by=member.user, created_at__gt=now - once.AGAIN)
        if any(set(found.clients.all()) == given for found in just_now):
            raise once.SentTwice
        before.update(revoked_at=now)
        token, hashed = new_token()
        made = Invitation.objects.create(
            agency=member.agency,
            email=UserManager.normalise(email),
            role=role,
            token_hash=hashed,
            invited_by=member.user,
            expires_at=now + LASTS,
        )
        made.clients.set(given)
    return made, token


def may_replace(member: Membership, email: str) -> bool:
    """Whether no open invitation of this person is to a role that the member may not grant."""
    found = open_ones(member.agency).filter(email=UserManager.normalise(email))
    return all(may_grant(member, role) for role in found.values_list("role", flat=True))


def withdraw(agency: Agency, user: User, roles: Collection[str]) -> None:
    """Ends the open invitations that somebody made to these roles."""
    open_ones(agency).filter(invited_by=user, role__in=roles).update(revoked_at=timezone.now())


def lock(agency_id: int) -> None:
    """Whoever changes the team waits here for the other to be done: the agency's row is the lock."""
    Agency.objects.select_for_update().only("pk").get(pk=agency_id)


def open_ones(agency: Agency) -> models.QuerySet[Invitation]:
    return _usable().filter(agency=agency)


def find(token: str) -> Invitation | None:
    """An invitation that can still be used."""
    return _usable().filter(token_hash=token_hash(token)).select_related("agency").defer("agency__logo").first()


def find_ended(token: str) -> Invitation | None:
    """One that was used or ran out. A revoked one is as unknown as one that never was."""
    ended = models.Q(revoked_at=None, expires_at__lte=timezone.now()) | ~models.Q(accepted_at=None)
    return Invitation.objects.filter(ended, token_hash=token_hash(token)).first()


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Membership:
    """Makes the user a member, once. Who is one already keeps the higher role. Raises `Taken`."""
    claim(invitation)
    return join(invitation, user)


def claim(invitation: Invitation) -> None:
    """Spends it, within a transaction of the caller's. Raises `Taken`, also where its maker may no longer grant the role."""
    lock(invitation.agency_id)
    # The claim is this one UPDATE: of two clicks at once, one finds the row.
    if not _usable().filter(pk=invitation.pk).update(accepted_at=timezone.now()):
        raise Taken
    by = invitation.invited_by_id or 0  # 0: nobody
    maker = Membership.objects.filter(agency_id=invitation.agency_id, user_id=by, user__is_active=True).first()
    if maker is None or not may_grant(maker, invitation.role):
        raise Taken


def join(invitation: Invitation, user: User) -> Membership:
    """After `claim`."""
    membership, made = Membership.objects.get_or_create(
        agency_id=invitation.agency_id, user=user, defaults={"role": invitation.role}
    )
    if not made and not membership.may(Role(invitation.role)):
        membership.role = invitation.role
        membership.save(update_fields=["role"])
    if membership.role == Role.VIEWER:
        membership.assigned.add(*invitation.clients.filter(archived_at=None))
    return membership


def _usable() -> models.QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
