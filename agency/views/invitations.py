"""Opening an invitation: somebody new sets a name and a password, somebody known signs in and joins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from agency import audit, invitations, team, throttle
from agency.access import SESSION_AGENCY, client_address
from agency.forms import JoinForm
from agency.models import Invitation, Membership, Role, User

GUESSES, SECONDS = 20, 600


@sensitive_post_parameters()
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    # Only misses are counted: a guesser in the same office must not shut the door for who was invited.
    if found := invitations.find(token):
        return _private(_opened(request, found))
    if ended := invitations.find_ended(token):
        return _private(_over(request, ended))
    if throttle.allow("invitation", client_address(request), GUESSES, SECONDS):
        raise Http404
    return _private(render(request, "agency/too_many.html", status=429))


def _over(request: HttpRequest, ended: Invitation) -> HttpResponse:
    """For who holds the link of an invitation that was used or ran out."""
    return render(request, "agency/invitation_over.html", {"used": ended.accepted_at is not None}, status=410)


def _shown(request: HttpRequest, found: Invitation, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    told = {"invitation": found, "does": Role(found.role).does}
    return render(request, "agency/invitation.html", told | context, status=status)


@sensitive_variables()
def _opened(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    if request.user.is_authenticated:
        return _join_as(request, found, request.user)
    if User.objects.filter(email=found.email).exists():
        if request.method == "POST":
            return redirect_to_login(request.path)
        return _shown(request, found, {"known": True})
    form = JoinForm(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        return _join_anew(request, found, form)
    return _shown(request, found, {"form": form}, status=422 if form.errors else 200)


def _join_as(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if user.email != found.email:
        return _shown(request, found, {"someone_else": True}, status=403)
    if request.method != "POST":
        return _shown(request, found, {"join": True})
    try:
        with transaction.atomic():
            return _joined(request, found, invitations.accept(found, user))
    except invitations.Taken:
        raise Http404 from None


@sensitive_variables()
def _join_anew(request: HttpRequest, found: Invitation, form: JoinForm) -> HttpResponse:
    asked = form.cleaned_data
    try:
        with transaction.atomic():
            invitations.claim(found)
            user = User.objects.create_user(found.email, asked["password"], name=asked["name"])
            response = _joined(request, found, invitations.join(found, user))
    except invitations.Taken:
        return _too_late(request, found)
    except IntegrityError:  # joined another agency at this moment
        messages.info(request, f"{found.email} has a sign-in here since a moment ago. Use it, then join.")
        return redirect_to_login(request.path)
    login(request, user, backend="agency.backends.MemberBackend")
    request.session[SESSION_AGENCY] = found.agency_id
    return response


def _too_late(request: HttpRequest, found: Invitation) -> HttpResponse:
    """The second of two clicks at once has joined with the first; else the invitation ended between page and click."""
    if not User.objects.filter(email=found.email, memberships__agency_id=found.agency_id).exists():
        raise Http404
    messages.info(request, "You have joined already. Sign in with the password that you chose.")
    return redirect("sign-in")


def _joined(request: HttpRequest, found: Invitation, membership: Membership) -> HttpResponse:
    user = membership.user
    seen = team.sees(membership) if membership.role == Role.VIEWER else []
    after = {"role": membership.role, "now_sees": seen}
    # They may be signed in only after this.
    audit.record(request, "member.joined", user, agency=found.agency, user=user, after=after)
    request.session[SESSION_AGENCY] = found.agency_id
    messages.success(request, f"Welcome to {found.agency.name}.")
    return redirect("overview")


def _private[R: HttpResponseBase](response: R) -> R:
    # The address is the key: it must not travel on. Not `no-referrer`: browsers then post the form with `Origin: null`.
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
