"""Who is on the team, with what role. An agency always keeps an owner."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects

from agency import accounts
from agency.invitations import lock, may_grant, withdraw
from agency.models import Agency, Invitation, Membership, Role


def everyone(agency: Agency) -> list[Membership]:
    """By role, owners first, then by name; of viewers with the clients that they see."""
    order = {role: place for place, role in enumerate(Role.values)}
    found = list(Membership.objects.filter(agency=agency).select_related("user"))
    prefetch_related_objects([one for one in found if one.role == Role.VIEWER], "assigned")
    return sorted(found, key=lambda one: (order[one.role], str(one.user).lower()))


def sees(viewer: Membership) -> list[str]:
    """The names of the clients in use that a viewer was given."""
    return [client.name for client in viewer.assigned.all() if not client.is_archived]


def will_see(invitation: Invitation) -> list[str]:
    """The names of the clients in use that an invitation gives."""
    return [client.name for client in invitation.clients.all() if not client.is_archived]


def may_edit(member: Membership, other: Membership) -> bool:
    """Owners edit everyone; managers those whose role is below theirs."""
    return may_grant(member, other.role)


@transaction.atomic
def change_role(by: Membership, other: Membership, role: str) -> str:
    """The role they had until now. Ends the open invitations that they may no longer make.

    Raises PermissionDenied, ValidationError for the last owner, and Membership.DoesNotExist where one of the two has left.
    """
    by, other = _locked(by), _locked(other)
    if not (may_edit(by, other) and may_grant(by, role)):
        raise PermissionDenied
    if role != Role.OWNER:
        _keep_an_owner(other)
    before, other.role = other.role, role
    other.save(update_fields=["role"])
    withdraw(other.agency, other.user, [role for role in Role if not may_grant(other, role)])
    return before


@transaction.atomic
def remove(by: Membership, other: Membership) -> str:
    """The role they had. Ends the membership, every session and the open invitations of theirs.

    Raises PermissionDenied, ValidationError for the last owner, and Membership.DoesNotExist where one of the two has left.
    """
    by, other = _locked(by), _locked(other)
    if not may_edit(by, other):
        raise PermissionDenied
    _keep_an_owner(other)
    withdraw(other.agency, other.user, Role.values)
    other.delete()
    accounts.end_sessions(other.user)
    return other.role


def _locked(member: Membership) -> Membership:
    """The membership as it is now: two owners can't demote each other at once. Raises Membership.DoesNotExist."""
    lock(member.agency_id)
    return Membership.objects.select_related("user", "agency").defer("agency__logo").get(pk=member.pk)


def _keep_an_owner(other: Membership) -> None:
    owners = Membership.objects.filter(agency_id=other.agency_id, role=Role.OWNER)
    if other.role == Role.OWNER and not owners.exclude(pk=other.pk).exists():
        raise ValidationError("An agency needs an owner: make somebody else one first.")
