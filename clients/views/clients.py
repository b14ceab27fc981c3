from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from agency import audit
from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import archiving
from clients.forms import ClientForm
from clients.models import Client
from clients.recording import said


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest) -> HttpResponse:
    form = ClientForm(request.POST or None, agency=request.agency)
    if request.method == "POST" and form.is_valid() and (client := _saved(form)):
        audit.record(request, "client.created", client, subject=client.uuid, after=said(client))
        messages.success(request, f"{client} is there. Connect a vendor account to bring its data home.")
        return redirect("client-connections", client.slug)
    return page(request, "clients/client_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def edit(request: AgencyRequest, slug: str) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    before, name = said(client), client.name
    form = ClientForm(request.POST or None, instance=client, agency=request.agency)
    if request.method == "POST" and form.is_valid() and (saved := _saved(form)):
        after = said(saved)
        if changed := [key for key in after if after[key] != before[key]]:
            old, fresh = {key: before[key] for key in changed}, {key: after[key] for key in changed}
            audit.record(request, "client.edited", saved, subject=saved.uuid, before=old, after=fresh)
        messages.success(request, f"{saved} is saved.")
        return redirect("client-edit", saved.slug)
    context = {"form": form, "client": client, "name": name, "slug": slug}
    return page(request, "clients/client_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_view(Role.MANAGER)
def archive(request: AgencyRequest, slug: str) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    if not client.is_archived:
        archiving.archive(client, request)
        messages.success(request, f"{client} is archived: its syncs and report links stopped, its history stays.")
    return redirect("client-edit", client.slug)


@require_POST
@member_view(Role.MANAGER)
def restore(request: AgencyRequest, slug: str) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    if client.is_archived:
        archiving.restore(client, request)
        messages.success(request, f"{client} is back. {archiving.accounts_of(client)}")
    return redirect("client-edit", client.slug)


def _saved(form: ClientForm) -> Client | None:
    try:
        return form.save()
    except IntegrityError:
        # Somebody took the slug between our look and our write.
        form.add_error("slug", "This short name was taken just now: choose another.")
        return None
