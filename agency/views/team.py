"""Settings: the team, its roles and its invitations."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from agency import audit, invitations, mail, once, team
from agency.access import AgencyRequest, member_view
from agency.forms import InvitationForm, grantable
from agency.models import Membership, Role
from agency.pages import page

#: In the session, between the act and the page that shows it once.
FRESH = "fresh-invitation"


@require_safe
@never_cache
@member_view(role=Role.MANAGER)
def members(request: AgencyRequest) -> HttpResponse:
    """`?again=` names an open invitation, which fills the form."""
    form = InvitationForm(member=request.member, initial=_again(request))
    return page(request, "agency/team.html", _context(request, form) | {"fresh": _shown_once(request)})


@require_POST
@never_cache
@sensitive_variables()
@member_view(role=Role.MANAGER)
def invite(request: AgencyRequest) -> HttpResponse:
    form = InvitationForm(request.POST, member=request.member)
    if "look" in request.POST:
        form.look()
        return page(request, "agency/team.html", _context(request, form))
    if not form.is_valid():
        return page(request, "agency/team.html", _context(request, form), status=422)
    try:
        made, token = invitations.invite(request.member, **form.cleaned_data)
    except once.SentTwice:
        # The session stays as it is: it may hold the first one's link, which nobody has seen yet.
        messages.info(request, f"That was sent twice: {form.cleaned_data['email']} is invited once.")
        return redirect("team")
    audit.record(request, "invitation.created", made.email, after={"role": made.role, "will_see": team.will_see(made)})
    if form.leaves_out:
        messages.info(request, f"{Role(made.role).label}s see every client: those that were ticked are left out.")
    path = reverse("invitation", args=[token])
    if mail.configured():
        context = {"link": mail.link(request, path), "agency": request.agency, "by": request.user, "days": invitations.LASTS.days}
        mail.send(mail.compose("agency/mail/invitation.txt", made.email, context))
    once.keep(request, FRESH, str(made.uuid), path)
    return redirect("team")


def _again(request: AgencyRequest) -> dict[str, Any]:
    open_ones = {str(found.uuid): found for found in invitations.open_ones(request.agency)}
    found = open_ones.get(request.GET.get("again", ""))
    if found is None or not invitations.may_grant(request.member, found.role):
        return {}
    clients = [str(uuid) for uuid in found.clients.values_list("uuid", flat=True)]
    return {"email": found.email, "role": found.role, "clients": clients}


@sensitive_variables()
def _shown_once(request: AgencyRequest) -> dict[str, Any] | None:
    """The invitation just made, with its link, which is forgotten by being shown."""
    open_ones = {str(found.uuid): found for found in invitations.open_ones(request.agency)}
    fresh = once.shown(request, FRESH, set(open_ones))
    if fresh is None:
        return None
    made = open_ones[fresh[0]]
    return {"invitation": made, "link": fresh[1], "mailed": mail.configured(), "will_see": team.will_see(made)}


@require_POST
@member_view(role=Role.MANAGER)
def revoke(request: AgencyRequest, invitation: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(invitations.open_ones(request.agency), uuid=invitation)
    if not invitations.may_grant(request.member, found.role):
        raise PermissionDenied
    if invitations.open_ones(request.agency).filter(pk=found.pk).update(revoked_at=timezone.now()):
        audit.record(request, "invitation.revoked", found.email)
    messages.success(request, f"The invitation of {found.email} is revoked.")
    return redirect("team")


@require_POST
@member_view(role=Role.MANAGER)
def change_role(request: AgencyRequest, membership: uuid.UUID) -> HttpResponse:
    other = _member(request, membership)
    role = request.POST.get("role", "")
    if role in Role.values:
        _try(request, lambda: _change(request, other, role))
    return redirect("team")


@require_POST
@member_view(role=Role.MANAGER)
def remove(request: AgencyRequest, membership: uuid.UUID) -> HttpResponse:
    other = _member(request, membership)
    removed = _try(request, lambda: _remove(request, other))
    return redirect("sign-in" if removed and other.user_id == request.user.pk else "team")


def _change(request: AgencyRequest, other: Membership, role: str) -> str:
    before = team.change_role(request.member, other, role)
    if before != role:
        audit.record(request, "member.role_changed", other.user, before={"role": before}, after={"role": role})
    return f"{other.user} is {Role(role).label.lower()} now."


def _remove(request: AgencyRequest, other: Membership) -> str:
    role = team.remove(request.member, other)
    audit.record(request, "member.removed", other.user, before={"role": role})
    return f"{other.user} is off the team and signed out everywhere."


def _try(request: AgencyRequest, act: Callable[[], str]) -> bool:
    try:
        messages.success(request, act())
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return False
    except Membership.DoesNotExist:
        raise Http404 from None
    return True


def _member(request: AgencyRequest, membership: uuid.UUID) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user"), uuid=membership, agency=request.agency)


def _context(request: AgencyRequest, form: InvitationForm) -> dict[str, Any]:
    everyone = team.everyone(request.agency)
    owners = sum(other.role == Role.OWNER for other in everyone)
    return {
        "rows": [
            {
                "other": other,
                "editable": team.may_edit(request.member, other) and (other.role != Role.OWNER or owners > 1),
                "sees": team.sees(other) if other.role == Role.VIEWER else [],
            }
            for other in everyone
        ],
        "roles": grantable(request.member),
        "invitations": [
            (found, invitations.may_grant(request.member, found.role), team.will_see(found))
            for found in invitations.open_ones(request.agency).order_by("expires_at").prefetch_related("clients")
        ],
        "form": form,
    }
