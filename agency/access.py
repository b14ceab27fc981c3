"""Who is asking, and whether they may: strangers get 404, roles too low get 403."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from agency.models import Agency, Membership, Role, User

SESSION_AGENCY = "agency"


class AgencyRequest(HttpRequest):
    """A request that has passed `member_view`."""

    user: User
    htmx: HtmxDetails
    member: Membership
    agency: Agency


class MembershipMiddleware:
    """Puts `request.member` there, lazily: the membership in the agency chosen in the session, or the first one, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.member = SimpleLazyObject(lambda: _membership(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _membership(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    # Read on each request: somebody demoted or removed is so from their next click on.
    read = request.user.as_read
    memberships = Membership.objects.read_with_user(request.user.pk) if read is None else read
    chosen = request.session.get(SESSION_AGENCY)
    request.memberships = memberships  # type: ignore[attr-defined]
    return next((m for m in memberships if m.agency_id == chosen), memberships[0] if memberships else None)


def member_view[R: HttpResponseBase](role: Role = Role.VIEWER) -> Callable[[Callable[..., R]], Callable[..., HttpResponseBase]]:
    """A view for members of an agency with at least this role. `request.member` and `request.agency` are set in it."""

    def decorate(view: Callable[..., R]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            member: Membership | None = request.member  # type: ignore[attr-defined]
            if not member:
                return _without_agency(request)
            if not member.may(role):
                raise PermissionDenied
            request.agency = member.agency  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        inner.role = role  # type: ignore[attr-defined]
        return inner

    return decorate


def _without_agency(request: HttpRequest) -> HttpResponseBase:
    """Made on the terminal, a superuser may belong nowhere, and is told on the front page how to change that."""
    if request.user.is_superuser and request.path == reverse("overview"):
        return render(request, "agency/no_agency.html")
    raise Http404


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD"):
        messages.warning(request, "Your session had ended: nothing of what you sent was taken. Sign in and send it again.")
    # A redirect would put the sign-in page into the part of the page that htmx asked for.
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx:
        return HttpResponseClientRedirect(redirect_to_login(_path_of(htmx.current_url_abs_path or "/")).url)
    return redirect_to_login(request.get_full_path() if request.method in ("GET", "HEAD") else came_from(request))


def came_from(request: HttpRequest) -> str:
    """The page of ours that a form was sent from; where the browser doesn't say, the address it was sent to."""
    page = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return _path_of(page) if ours and urlsplit(page).netloc else request.get_full_path()


def _path_of(address: str) -> str:
    seen = urlsplit(address)
    return seen.path + (f"?{seen.query}" if seen.query else "")


def is_signed_in_at(request: HttpRequest, agency: Agency) -> bool:
    """Whether a member of this agency visits, for pages that are anybody's. `request.user` and `request.session` are not asked:
    whoever touches them answers with a `Vary: Cookie`, or takes back the cookie of a session that is over."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    kept = SessionStore(key).load() if key else {}
    if not (user := kept.get(SESSION_KEY)):
        return False
    member = agency.memberships.filter(user=user, user__is_active=True).select_related("user").first()
    return bool(member and constant_time_compare(kept.get(HASH_SESSION_KEY, ""), member.user.get_session_auth_hash()))


def client_address(request: HttpRequest) -> str:
    """The visitor's address. X-Forwarded-For counts only as far as proxies named in TRUSTED_PROXIES wrote it."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    while forwarded and is_trusted(address):
        address = forwarded.pop()
    return address if _is_address(address) else "0.0.0.0"  # noqa: S104  (stands for 'no address', binds nothing)


def is_trusted(address: str) -> bool:
    if not _is_address(address):
        return False
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
