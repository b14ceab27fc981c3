"""Sender profiles, one at a time, with the vendor's refusals at their fields."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from agency.secrets import Unreadable
from clients.changes import profiles, selecting
from clients.changes.planning import barred_from
from clients.forms.senders import EditSenderForm, NewSenderForm
from clients.models import Sender
from clients.vendors.errors import VendorError


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest) -> HttpResponse:
    form = NewSenderForm(request.POST or None, member=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            made = profiles.create(form.cleaned_data["connection"], form.new, request)
        except (VendorError, Unreadable) as error:
            form.refuse(error)
        else:
            messages.success(request, f"{made.email} is there.")
            return redirect("sender-edit", made.uuid)
    return page(request, "clients/sender_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def edit(request: AgencyRequest, uuid: str) -> HttpResponse:
    rows = selecting.visible(request.agency, request.member).select_related("connection__agency", "client")
    sender = get_object_or_404(rows.prefetch_related("tags"), uuid=uuid)
    barred = barred_from(sender.connection) or ("The vendor has it no more." if sender.gone_at else "")
    if "engagement" not in sender.connection.vendor_class.can:
        barred = f"{sender.connection.vendor_class.label} lets nobody edit its senders from outside."
    form = EditSenderForm(request.POST or None, sender=sender)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if barred:
                raise VendorError(barred)
            profiles.edit(sender, given["name"], given["tags"], given["status"], request)
        except profiles.UnderWay:
            form.add_error(None, "A change of this sender is under way: wait until it has ended.")
        except (VendorError, Unreadable) as error:
            form.refuse(error)
        else:
            messages.success(request, f"{sender.email} is saved.")
            return redirect("sender-edit", sender.uuid)
    context = {"form": form, "sender": sender, "barred": barred}
    return page(request, "clients/sender_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def reconnect(request: AgencyRequest, uuid: str) -> HttpResponse:
    """Of a sender that its vendor lost: asked for here, and where it must be, signed in to at its provider."""
    rows = selecting.visible(request.agency, request.member).select_related("connection__agency", "client")
    sender = get_object_or_404(rows, uuid=uuid)
    context = {"sender": sender, "barred": _not_lost(sender)}
    if request.method == "POST" and not context["barred"]:
        try:
            context["sign_in"] = profiles.reconnect(sender, request)
        except profiles.UnderWay:
            context["refused"] = "A change of this sender is under way: wait until it has ended."
        except (VendorError, Unreadable) as error:
            context["refused"] = str(error)
        else:
            if not context["sign_in"]:
                messages.success(request, f"{sender.email} is connected again.")
                return redirect("sender", sender.client.slug, sender.uuid) if sender.client else redirect("senders")
    failed = request.method == "POST" and "sign_in" not in context
    return page(request, "clients/reconnect.html", context, status=422 if failed else 200)


def _not_lost(sender: Sender) -> str:
    """Why there is nothing to reconnect; '' where there is."""
    vendor = sender.connection.vendor_class
    if "reconnect" not in vendor.can:
        return f"{vendor.label} lets nobody reconnect its senders from outside."
    if barred := barred_from(sender.connection):
        return barred
    return "" if sender.gone_at is None and sender.status in selecting.LOST else "It is not disconnected."
