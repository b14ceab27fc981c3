"""Settings of the agency: the index, how it looks to clients, and which agency one is in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import audit
from agency.access import SESSION_AGENCY, AgencyRequest, member_view
from agency.branding import brand
from agency.forms import BrandingForm
from agency.models import Membership, Role
from agency.pages import page


@require_safe
@member_view()
def index(request: AgencyRequest) -> HttpResponse:
    return page(
        request,
        "agency/settings.html",
        {"manages": request.member.may(Role.MANAGER), "connects": request.member.may(Role.ANALYST)},
    )


@require_http_methods(["GET", "POST"])
@member_view(role=Role.MANAGER)
def branding(request: AgencyRequest) -> HttpResponse:
    before = {"name": request.agency.name, "colour": request.agency.colour}
    form = BrandingForm(request.POST or None, request.FILES or None, instance=request.agency)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        after = {"name": saved.name, "colour": saved.colour, "logo": saved.logo_type or "none"}
        audit.record(request, "agency.branding_changed", saved, before=before, after=after)
        messages.success(request, "Saved.")
        return redirect("branding")
    if form.errors:
        request.agency.refresh_from_db()
    return page(
        request, "agency/branding.html", {"form": form, "brand": brand(request.agency)}, status=422 if form.errors else 200
    )


@require_safe
@cache_control(private=True, max_age=300)
@member_view()
def logo(request: AgencyRequest) -> HttpResponse:
    if not request.agency.logo:
        raise Http404
    return HttpResponse(bytes(request.agency.logo), content_type=request.agency.logo_type)


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    mine = Membership.objects.filter(user=request.user)  # type: ignore[misc]  # login_required
    chosen = get_object_or_404(mine, agency__slug=request.POST.get("agency", ""))
    request.session[SESSION_AGENCY] = chosen.agency_id
    return redirect("overview")
