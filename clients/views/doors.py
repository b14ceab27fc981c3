"""The page of a connection's door: its address, shown once; its secret, never shown; how it does."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from agency import once
from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms.hooks import SecretForm
from clients.models import Connection, Hook
from clients.vendors.hooks import HookScheme
from clients.webhooks import doors, standing

FRESH = "fresh-hook"


@require_safe
@never_cache
@member_view(Role.MANAGER)
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection, scheme = _found(request, uuid)
    return _page(request, connection, scheme)


@require_POST
@member_view(Role.MANAGER)
@sensitive_variables()
def address(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection, _ = _found(request, uuid)
    token = doors.open_address(connection, request)
    once.keep(request, FRESH, str(connection.uuid), reverse("hook", args=[token]))
    return redirect("connection-hook", connection.uuid)


@sensitive_post_parameters()
@require_POST
@member_view(Role.MANAGER)
def secret(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection, scheme = _found(request, uuid)
    form = _form(connection, scheme, request.POST)
    if not form.is_valid():
        return _page(request, connection, scheme, form)
    doors.put_in(connection, form.cleaned_data["secret"], request, overlap=form.hours)
    messages.success(request, "The secret is kept, encrypted: deliveries signed with it are taken from now on.")
    return redirect("connection-hook", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def old_format(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection, scheme = _found(request, uuid)
    if scheme.unsigned is None:
        raise Http404
    taken = request.POST.get("take") == "yes"
    doors.take_old(connection, request, taken=taken)
    messages.success(request, f"Deliveries in the old format are {'taken from now on' if taken else 'turned away'}.")
    return redirect("connection-hook", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def close(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection, _ = _found(request, uuid)
    doors.close(connection, request)
    messages.success(request, "The address is closed and its secret forgotten. The events that came stay.")
    return redirect("connection-hook", connection.uuid)


def _found(request: AgencyRequest, uuid: str) -> tuple[Connection, HookScheme]:
    mine = Connection.objects.visible_to(request.member).present().select_related("agency")
    connection = get_object_or_404(mine, uuid=uuid)
    scheme = connection.vendor_class.hooks
    if scheme is None:
        raise Http404
    return connection, scheme


def _form(connection: Connection, scheme: HookScheme, data: Any = None) -> SecretForm:
    rotates = Hook.objects.filter(connection=connection).exclude(secrets="").exists()
    return SecretForm(data, scheme=scheme, rotates=rotates)


def _page(request: AgencyRequest, connection: Connection, scheme: HookScheme, form: SecretForm | None = None) -> HttpResponse:
    fresh = once.shown(request, FRESH, {str(connection.uuid)})
    context = {
        "connection": connection,
        "scheme": scheme,
        "standing": standing.of(connection),
        "form": form or _form(connection, scheme),
        "fresh": fresh[1] if fresh else "",
    }
    return page(request, "clients/hook.html", context, status=422 if form else 200)
